// The family name and the given names in a person's name, as charnn_cli/text/parts.py tells them; its words come from
// there. A model of single words reads the family name alone.

const letters = (word) => [...word];
const isUpper = (text) => /[\p{Uppercase}\p{Lt}]/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
const trim = (text, edges) => {
  const kept = letters(text);
  while (kept.length && edges.includes(kept[0])) kept.shift();
  while (kept.length && edges.includes(kept.at(-1))) kept.pop();
  return kept.join("");
};

/** K, K. or J.R.R., of a script that has capitals. */
const isInitial = (word) => {
  const [first] = word;
  return first.toLowerCase() !== first.toUpperCase() && word.split(".").every((part) => letters(part).length <= 1);
};

export class NameParts {
  constructor(rules) {
    this.rules = rules;
    const { particles, names_too: namesToo, middle_dot: dot, edges, shortest_capitals: shortest } = rules.parts;
    Object.assign(this, { particles: new Set(particles), namesToo: new Set(namesToo), dot, edges, shortest });
  }

  /** {family, given, turned}, null where a name is one part alone, or no name. */
  of(name) {
    const spelled = trim(this.rules.words(this.rules.withoutNote(name).replaceAll(this.dot, " ")).join(" "), this.edges);
    if ((!spelled.includes(" ") && !spelled.includes(",")) || this.rules.isNoName(spelled)) return null;
    const untitled = this.rules.withoutTitles(spelled.replaceAll(",", ", "), name);
    const comma = untitled.indexOf(",");
    const others = comma < 0 ? [] : this.words(untitled.slice(comma + 1));
    let words = this.words(comma < 0 ? untitled : untitled.slice(0, comma));
    if (words.length && others.length) return this.parts(words, others);
    words = words.length ? words : others;
    if (!words.length || (!this.isGiven(words[0]) && words.slice(0, -1).every((word) => this.isParticle(word))))
      return null;
    if (this.rules.isFamilyFirst(words[0])) return this.parts(words.slice(0, 1), words.slice(1));
    const capitals = words.filter(
      (word) => isUpper(word) && letters(word).length >= this.shortest && !word.includes("."),
    );
    if (capitals.length && !words.every(isUpper))
      return this.parts(
        capitals,
        words.filter((word) => !capitals.includes(word)),
      );
    return this.byOrder(words);
  }

  /** Words with letters, without what stands around them. */
  words(text) {
    return this.rules
      .words(text)
      .map((word) => trim(word, '()"“”„_*'))
      .filter((word) => /\p{L}/u.test(word));
  }

  byOrder(words) {
    const named = words.filter((word) => !isInitial(word));
    if (!named.length) return null;
    if (named.length === 1) return { family: named[0], given: "", turned: null };
    const [begins, ends] = [isInitial(words[0]), isInitial(words.at(-1))];
    let first = named.length - 1;
    while (first > (begins || ends ? 0 : 1) && this.isParticle(named[first - 1])) first -= 1;
    const turned = begins || !first ? null : { family: named[0], given: named.slice(1).join(" "), turned: null };
    return { family: named.slice(first).join(" "), given: named.slice(0, first).join(" "), turned };
  }

  parts(family, given) {
    return { family: family.join(" "), given: given.filter((word) => !isInitial(word)).join(" "), turned: null };
  }

  isParticle(word) {
    return this.particles.has(word.toLowerCase());
  }

  /** Whether a first word is a given name although it could be a particle. */
  isGiven(word) {
    const isLower = /\p{Lowercase}/u.test(word) && !/[\p{Uppercase}\p{Lt}]/u.test(word);
    return !this.isParticle(word) || (this.namesToo.has(word.toLowerCase()) && !isLower);
  }
}
