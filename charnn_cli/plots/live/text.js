// Names → texts → symbols, as charnn_cli/text does it. What a character, a pair or a word is read as comes from there,
// as data (text/portable.py); here stand the steps, in their order. Texts are cut and counted by code points, as in
// Python.

const UNKNOWN = 1;
export const BEGIN = 2;
export const END = 3;
const FIRST_SYMBOL = 4;

const isLetter = (text) => /\p{L}/u.test(text);
const isAscii = (text) => /^[\0-\x7f]*$/.test(text);
const isLower = (text) => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
const first = (text, count) => [...text].slice(0, count).join("");

/** The code points of runs `[first, "a|b|c"]`, each with its text. */
function spread(runs, into = new Map()) {
  for (const [start, texts] of runs) texts.split("|").forEach((text, place) => into.set(start + place, text));
  return into;
}

/** Whether a code point lies in one of the rising ranges `[first, last]`. */
function within(ranges, point) {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle][1] < point) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low][0] <= point;
}

/** The text without any of these letters at its ends. */
function strip(text, letters, { start = true, end = true } = {}) {
  let [from, to] = [0, text.length];
  while (start && from < to && letters.includes(text[from])) from += 1;
  while (end && to > from && letters.includes(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

export class TextRules {
  constructor(data) {
    Object.assign(this, data);
    this.letters = spread(data.read);
    this.markOf = spread(data.marked);
    this.compiled = new Map();
    this.before = new Set(data.before);
    this.behind = new Set(data.behind);
    this.nobody = Object.fromEntries(Object.entries(data.nobody).map(([kind, texts]) => [kind, new Set(texts)]));
  }

  /** The text that the network reads, "" where nothing in a name can be read. */
  normalise(spelling) {
    const [text, spelled] = this.spelledOut(spelling);
    if (this.namesNobody(text)) return "";
    if (!this.marks.length || isAscii(spelled) || !isLetter(text)) return text;
    return text + this.marksOf(spelled);
  }

  /** The text without marks, also where it names nobody, and the name that has them. */
  spelledOut(spelling) {
    const whole = this.unescaped(spelling);
    if (this.isNoName(whole)) return ["", ""];
    const name = this.withoutNote(whole);
    const spelled = isAscii(name) ? name : this.oneScriptAWord(this.composed(name));
    const joined = this.romanise ? this.joinPairs(spelled) : spelled;
    let text = this.composed(Array.from(joined, (letter) => this.letter(letter)).join(""));
    text = text.split(" ").filter(Boolean).join(" ");
    text = this.withoutTitles(strip(text, this.no_part), name);
    if ([...text].length > this.max_length) {
      const cut = strip(first(text, this.max_length), this.no_part, { start: false });
      text = strip(this.withoutTitles(cut, name), this.no_part);
    }
    if (!this.romanise) text = this.oneScriptAWord(text);
    return this.isWeb(text) ? ["", ""] : [text, spelled];
  }

  /** Why a name cannot be told, null where it can. */
  undecidable(spelling) {
    if (isLetter(this.normalise(spelling))) return null;
    if (!/[^\p{C}]/u.test(this.words(spelling).join(""))) return "empty";
    const name = this.unescaped(spelling);
    if (this.isNoName(name) || this.namesNobody(this.spelledOut(spelling)[0])) return "no_name";
    const kept = Array.from(this.composed(name)).some((letter) => isLetter(letter) && !this.romanises(letter));
    return kept ? "unsupported_script" : "no_letters";
  }

  /** One of Python's regular expressions. */
  pattern(name, { flags = "", isWhole = false } = {}) {
    const key = `${name} ${flags}`;
    if (!this.compiled.has(key)) {
      const [source, own] = this.patterns[name];
      this.compiled.set(key, new RegExp(isWhole ? `^(?:${source})$` : source, own + flags));
    }
    return this.compiled.get(key);
  }

  letter(character) {
    const point = character.codePointAt(0);
    return this.letters.get(point) ?? (within(this.kept, point) ? character : "");
  }

  /** What stands between blanks, as Python's split finds it. */
  words(text) {
    return text.split(this.pattern("space")).filter(Boolean);
  }

  script(letter) {
    return Object.keys(this.scripts).find((name) => within(this.scripts[name], letter.codePointAt(0))) ?? "";
  }

  /** Whether a word is of a script in which the family name comes first. */
  isFamilyFirst(word) {
    return within(this.family_first, word.codePointAt(0));
  }

  romanises(letter) {
    return this.romanise && this.script(letter) !== "";
  }

  marksOf(spelled) {
    if (!this.romanise) return "";
    const marks = Array.from(first(spelled, this.max_length), (letter) => this.markOf.get(letter.codePointAt(0)) ?? "");
    return [...new Set(marks)].join("");
  }

  /** NFC, each letter in its usual shape and spelling, with at most so many marks in a row. */
  composed(name) {
    const bounded = name.replace(new RegExp(`(\\p{M}{${this.marks_in_a_row}})\\p{M}+`, "gu"), "$1").normalize("NFC");
    const usual = bounded.replace(this.pattern("unusual", { flags: "g" }), (letters) =>
      Array.from(letters.normalize("NFKC"), (letter) => this.spellings[letter] ?? letter).join(""),
    );
    return usual.normalize("NFC");
  }

  /** HTML's entities read, as Python's html.unescape reads them. */
  unescaped(name) {
    if (!name.includes("&") || !name.includes(";")) return name;
    return name.replace(/&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/g, (whole, entity) => {
      if (entity[0] === "#")
        return this.numbered(/^#[xX]/.test(entity) ? parseInt(entity.slice(2), 16) : parseInt(entity.slice(1), 10));
      if (entity in this.entities) return this.entities[entity];
      for (let length = entity.length - 1; length > 1; length -= 1) {
        const beginning = entity.slice(0, length);
        if (beginning in this.entities) return this.entities[beginning] + entity.slice(length);
      }
      return whole;
    });
  }

  numbered(point) {
    if (point in this.numbers) return this.numbers[point];
    return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? "\ufffd" : String.fromCodePoint(point);
  }

  isNoName(name) {
    return (
      (this.pattern("signs").test(name) && this.pattern("placeholder", { isWhole: true }).test(name)) ||
      this.isWeb(name.trimStart())
    );
  }

  /** Whether a text stands for a name, is of titles alone, or is a company's. */
  namesNobody(text) {
    const words = text.toLowerCase().split(" ");
    if (words.length > 1 && (this.nobody.companies.has(words.at(-1)) || words.slice(1, -1).includes("gmbh"))) return true;
    const bare = words.length > 1 ? words.map((word) => strip(word, ",.;", { start: false })) : words;
    if (!this.nobody.first.has(bare[0])) return false;
    return this.nobody.phrases.has(words.join(" ")) || bare.every((word) => this.nobody.words.has(word));
  }

  /** Without what stands in brackets behind a name. */
  withoutNote(name) {
    const kept = strip(name, " ", { start: false });
    const opening = this.brackets[kept.at(-1)];
    const inner = kept.slice(0, -1);
    const begin = opening ? inner.lastIndexOf(opening) : -1;
    if (begin < 0 || inner.slice(begin).includes(kept.at(-1)) || !isLetter(inner.slice(0, begin))) return name;
    return inner.slice(0, begin);
  }

  isWeb(text) {
    return text.slice(0, this.web.length).toLowerCase() === this.web;
  }

  /** Each word in one script where all of its letters can be read in it: Ноvak with a Cyrillic Н is Novak. */
  oneScriptAWord(text) {
    if (!this.pattern("others").test(text)) return text;
    const known = Object.keys(this.alike);
    return text.replace(this.pattern("word", { flags: "g" }), (word) => {
      const scripts = Array.from(word, (letter) => this.script(letter));
      const count = (script) => scripts.filter((other) => other === script).length;
      const present = known.filter((script) => scripts.includes(script));
      if (present.length < 2 || !scripts.every((script) => known.includes(script))) return word;
      for (const script of present.sort((one, other) => count(other) - count(one))) {
        const read = Array.from(word, (letter) => this.alike[script][letter] ?? letter);
        if (read.every((letter) => this.script(letter) === script)) return read.join("");
      }
      return word;
    });
  }

  /** Pairs of Greek letters and of kana that are read as one. */
  joinPairs(name) {
    if (!this.pattern("greek_or_kana").test(name)) return name;
    const greek = name.replace(this.pattern("greek_pair", { flags: "g" }), (pair, ...rest) => {
      const [letter] = Object.entries(rest.at(-1)).find(([, matched]) => matched !== undefined);
      return pair[0] === pair[0].toLowerCase() ? letter : letter.toUpperCase();
    });
    return greek.replace(this.pattern("kana_pair", { flags: "g" }), (pair, ...rest) => {
      const { doubled, next, repeated } = rest.at(-1);
      const spelled = doubled ? doubled + next : repeated ? `${repeated}ゝ` : pair;
      return this.kana[spelled] ?? (doubled ? doubled : pair);
    });
  }

  /** Without titles before a name, and degrees and generations behind a part of it. */
  withoutTitles(text, name) {
    const words = text.split(" ");
    if (words.length < 2) return text;
    const isPlain =
      !this.before.has(words[0]) && !this.behind.has(words.at(-1)) && !text.includes(",") && isLower(text);
    if (isPlain) return text;
    while (words.length > 1 && this.before.has(words[0].toLowerCase())) words.shift();
    const kept = words.slice(0, 1);
    for (const word of words.slice(1)) {
      const bare = strip(word, ".,;").toLowerCase();
      if (kept.at(-1).endsWith(",") && this.before.has(word.toLowerCase()) && !this.behind.has(bare)) continue;
      const capitals = this.in_capitals[bare] ?? "";
      const isName = !name.includes(capitals) || (bare === "md" && !kept.at(-1).endsWith(","));
      if (!this.behind.has(bare) || isName) kept.push(word);
      else if (word.endsWith(",") && !kept.at(-1).endsWith(",")) kept.push(`${kept.pop()},`);
    }
    return strip(kept.join(" "), " ,.;");
  }
}

/** Texts → the integers that a network reads. */
export class Alphabet {
  constructor(characters, marks) {
    this.characters = characters;
    this.symbols = new Map(characters.map((character, place) => [character, FIRST_SYMBOL + place]));
    this.marks = new Set(marks);
  }

  /** Symbols of a text; with `boundaries` framed by begin and end, another end before marks. */
  encode(text, boundaries) {
    const symbols = [];
    let before = "";
    for (const character of text) {
      if (boundaries && this.marks.has(character) && !this.marks.has(before)) symbols.push(END);
      symbols.push(this.symbols.get(character) ?? UNKNOWN);
      before = character;
    }
    return boundaries ? [BEGIN, ...symbols, END] : symbols;
  }

  /** A symbol as a picture shows it. */
  shown(symbol) {
    if (symbol >= FIRST_SYMBOL) return this.characters[symbol - FIRST_SYMBOL].replace(" ", "␣");
    return { [BEGIN]: "⊢", [END]: "⊣" }[symbol] ?? "∗";
  }
}
