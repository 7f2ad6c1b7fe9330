// A run's weights and rules, out of the page, as charnn_cli/predict uses them: names in, probabilities out.

import { Network, softmax } from "./engine.js";
import { NameParts } from "./parts.js";
import { Alphabet, END, TextRules } from "./text.js";

const MOST_REMEMBERED = 5000; // texts

function bytes(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const letters = atob(base64);
  const result = new Uint8Array(letters.length);
  for (let place = 0; place < result.length; place += 1) result[place] = letters.charCodeAt(place);
  return result;
}

/** A number of 16 bits: sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16). */
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
  return bits & 0x8000 ? -size : size;
}

const READERS = {
  float32: (buffer) => new Float32Array(buffer),
  float16: (buffer) => Float32Array.from(new Uint16Array(buffer), half),
  int16: (buffer) => new Int16Array(buffer),
  int8: (buffer) => new Int8Array(buffer),
};

/** A matrix or vector; of whole numbers each row is times its scale. */
class Tensor {
  constructor({ kind, shape, data, scales }) {
    this.shape = shape;
    this.values = READERS[kind](bytes(data).buffer);
    this.scales = scales ? new Float32Array(bytes(scales).buffer) : null;
  }

  at(row) {
    const width = this.shape[1];
    const values = this.values.subarray(row * width, (row + 1) * width);
    return this.scales ? Float32Array.from(values, (value) => Math.fround(value * this.scales[row])) : values;
  }

  flat() {
    return this.values;
  }
}

export class Model {
  constructor(data, rules) {
    this.name = data.name;
    this.writes = data.architecture.task === "generate";
    this.labels = data.labels;
    this.priors = data.priors;
    this.temperature = data.temperature;
    this.power = data.power;
    this.oneWord = data.one_word;
    this.rules = rules;
    this.parts = data.reads_families ? new NameParts(rules) : null;
    this.familyFirst = data.family_first;
    this.boundaries = data.boundaries;
    this.alphabet = new Alphabet(data.alphabet, rules.marks);
    this.network = new Network({
      architecture: data.architecture,
      tensors: Object.fromEntries(Object.entries(data.tensors).map(([name, tensor]) => [name, new Tensor(tensor)])),
      ngrams: data.ngrams
        ? { codes: new BigUint64Array(bytes(data.ngrams).buffer), multiplier: data.multiplier }
        : null,
      numSymbols: data.alphabet.length + 4,
    });
    this.remembered = new Map();
  }

  /** The part of a name that is read, the text that the network gets of it, and why it cannot be told or null. */
  read(name) {
    const part = this.familyOf(name) || name;
    return { part, text: this.rules.normalise(part), reason: this.rules.undecidable(part) };
  }

  /**
   * The family name of a person, where the model knows single words alone. Where the spelling does not tell the order,
   * the first word is the family name where both ends together point rather to origins that write it first than to
   * others, and the first points to its own more surely.
   */
  familyOf(name) {
    const parts = this.parts?.of(name);
    if (!parts?.turned) return parts?.family;
    const [usual, other] = [parts.family, parts.turned.family].map((end) => this.told(end));
    const first = (probabilities) =>
      probabilities.reduce((sum, value, label) => sum + (this.familyFirst[label] ? value : 0), 0);
    const isFirst = first(usual) + first(other) > 1 && Math.max(...other) > Math.max(...usual);
    return isFirst ? parts.turned.family : parts.family;
  }

  told(name) {
    return this.rules.undecidable(name) ? this.labels.map(() => 0) : this.probabilities(this.rules.normalise(name));
  }

  encode(text) {
    return this.alphabet.encode(text, this.boundaries);
  }

  /** Logits of the origins (C,) of a text. */
  logits(text) {
    return this.network.read(this.encode(text)).logits;
  }

  /** Calibrated probabilities of a text, as charnn predict prints them. */
  probabilities(text) {
    if (!this.remembered.has(text)) {
      if (this.remembered.size > MOST_REMEMBERED) this.remembered.clear();
      const logits = this.logits(text);
      const factor = (text.includes(" ") ? 1 : this.oneWord) / this.temperature;
      const first = Math.max(...logits);
      this.remembered.set(text, softmax(logits.map((logit) => -(((first - logit) * factor) ** this.power))));
    }
    return this.remembered.get(text);
  }

  /** Probabilities of a name, null where it cannot be told. */
  predict(name) {
    const { part, text, reason } = this.read(name);
    return { part, text, reason, probabilities: reason ? null : this.probabilities(text) };
  }

  /** By how many nats each letter of a text raises the log-probability of a label: against the text without it. */
  worth(text, label) {
    const letters = [...text];
    const whole = Math.log(this.probabilities(text)[label]);
    return letters.map((_, at) => whole - Math.log(this.probabilities(letters.toSpliced(at, 1).join(""))[label]));
  }
}

/** A model that writes names: what follows in a name of an origin, and by Bayes' rule the origin of a name. */
class Generator extends Model {
  constructor(data, rules) {
    super(data, rules);
    const least = Math.min(...data.priors.filter((share) => share > 0)) / 2;
    this.logPriors = data.priors.map((share) => Math.log(Math.max(share, least)));
    this.seeds = data.seeds.map(BigInt);
    this.outputs = Array.from({ length: data.alphabet.length + 1 }, (_, place) => this.alphabet.shown(END + place));
    this.known = new Map();
  }

  /** log P (V,) of what may follow a beginning of a name of an origin, the end first, then each letter. */
  following(text, origin) {
    const key = `${origin} ${text}`;
    if (!this.known.has(key)) {
      if (this.known.size > MOST_REMEMBERED) this.known.clear();
      const { logits } = this.network.read(this.encode(text).slice(0, -1), origin);
      this.known.set(key, softmax(logits).map(Math.log));
    }
    return this.known.get(key);
  }

  /** The place of a letter among what may follow, −1 where no training name held it. */
  outputOf(letter) {
    return (this.alphabet.symbols.get(letter) ?? END - 1) - END;
  }

  /** log P(text | origin) + log P(origin), as LetterEngine.logits. */
  logits(text) {
    const letters = [...text];
    return this.logPriors.map((prior, origin) => {
      const step = (sum, letter, t) =>
        sum + (this.following(letters.slice(0, t).join(""), origin)[this.outputOf(letter)] ?? 0);
      return letters.reduce(step, prior + this.following(text, origin)[0]);
    });
  }
}

/** The models in a page's data. */
export function modelsOf(data) {
  const rules = data.rules.map((of) => new TextRules(of));
  return data.models.map(
    (model) => new (model.architecture.task === "generate" ? Generator : Model)(model, rules[model.rules]),
  );
}
