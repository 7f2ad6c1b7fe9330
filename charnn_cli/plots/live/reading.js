// A name as a model reads it: its letters, the columns that they stand in, and what the model makes of each beginning.
// Only numbers and texts; pictures.js shows them.

import { BEGIN, END } from "./text.js";

/** Places by falling value. */
export const order = (values) =>
  Array.from(values, (_, place) => place).sort((one, other) => values[other] - values[one]);

const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Reading {
  constructor(name, model, { part, text, reason } = model.read(name)) {
    Object.assign(this, { name, model, part, text, reason, moments: new Map() });
    this.letters = reason ? [] : [...text];
    this.first = model.boundaries ? 0 : 1; // the column of the first symbol; before it may stand one for nothing read
    const columns = model.encode(this.letters.join("")).map((symbol, t) => ({ symbol, column: t + this.first }));
    const ofLetters = columns.filter(({ symbol }) => symbol !== BEGIN && symbol !== END);
    this.columns = [0, ...ofLetters.map(({ column }) => column)]; // by letters read
    this.shown = this.spell(columns.map(({ symbol }) => symbol));
  }

  /** What stands in the columns of some symbols. */
  spell(symbols) {
    return [...(this.first ? ["·"] : []), ...symbols.map((symbol) => this.model.alphabet.shown(symbol))];
  }

  /** The symbols of the first letters, as the network reads them. */
  symbols(text) {
    return this.model.encode(text);
  }

  /** Probabilities of the origins if the name ended after some letters: at first the shares in training. */
  beliefs(count) {
    return count ? this.model.probabilities(this.letters.slice(0, count).join("")) : this.model.priors;
  }

  /** Probabilities before the first letter and after each. */
  get course() {
    return [...this.columns.keys()].map((count) => this.beliefs(count));
  }

  /** What a model makes of the first letters, as if the name ended there. */
  moment(place) {
    const here = Math.min(place, this.letters.length);
    if (!this.moments.has(here)) this.moments.set(here, new Moment(this, here));
    return this.moments.get(here);
  }

  get whole() {
    return this.moment(this.letters.length);
  }

  /** Origins: those that lead in the end, then those that led on the way. */
  leading(count) {
    const course = this.letters.length ? this.course.slice(1) : this.course;
    const peaks = this.model.labels.map((_, label) => Math.max(...course.map((beliefs) => beliefs[label])));
    const labels = new Set([...order(course.at(-1)).slice(0, 2), ...order(peaks)]);
    return [...labels].slice(0, count).map((label) => this.model.labels[label]);
  }

  /** Units of the last layer in one direction, those first that count most for the answer to the whole name. */
  unitsThatCount(side) {
    const { network } = this.model;
    const size = network.architecture.hidden_size;
    const first = network.isJoint ? network.head.shape[1] - size : side * size;
    const { label, read } = this.whole;
    const weights = network.head.at(label);
    return order(Array.from({ length: size }, (_, k) => Math.abs(weights[first + k] * read.features[first + k])));
  }

  /** Which of the logits the gradient is of. */
  target({ label }) {
    return label;
  }
}

/** A name of an origin, the label `as`, and what a generator expects behind each beginning; open until it has ended. */
export class Course extends Reading {
  constructor(name, model, as, { isOpen = false, ...written } = {}) {
    super(name, model, written.text === undefined ? undefined : { part: name, reason: null, ...written });
    Object.assign(this, { as, isOpen });
    if (isOpen) this.shown[this.shown.length - 1] = "…";
    this.ends = this.letters.map((_, place) => this.columns[place + 1]);
    this.ends.push(this.shown.length - 1); // the column of what comes behind each beginning
  }

  symbols(text) {
    return super.symbols(text).slice(0, -1);
  }

  /** Probabilities (V,) of what may follow the first letters. */
  following(here) {
    return this.model.following(this.letters.slice(0, here).join(""), this.as).map(Math.exp);
  }

  /** The place among them of what does follow, −1 where it is none of them, null where nothing has followed yet. */
  came(here) {
    if (here < this.letters.length) return this.model.outputOf(this.letters[here]);
    return this.isOpen ? null : 0;
  }

  /** What a letter, or the end, cost in bits; null where it is not known. */
  bits(here) {
    const came = this.came(here);
    return came === null || came < 0 ? null : -Math.log2(this.following(here)[came]);
  }

  /** What all that has come so far cost. */
  get allBits() {
    return sum(this.ends.map((_, here) => this.bits(here) ?? 0));
  }

  /** The same for every name, so that rows stay where they are while a name is written. */
  unitsThatCount() {
    const { head, architecture } = this.model.network;
    const rows = Array.from({ length: head.shape[0] }, (_, output) => head.at(output));
    return order(
      Array.from({ length: architecture.hidden_size }, (_, unit) => sum(rows.map((row) => row[unit] * row[unit]))),
    );
  }

  /** What came, or else the likeliest. */
  target({ here }) {
    const came = this.came(here) ?? -1;
    return came < 0 ? order(this.following(here))[0] : came;
  }
}

class Moment {
  constructor(reading, here) {
    const { model, letters } = reading;
    Object.assign(this, { reading, here, text: letters.slice(0, here).join(""), column: reading.columns[here] });
    this.symbols = reading.symbols(this.text);
    this.shown = reading.spell(this.symbols);
    this.beliefs = reading.beliefs(here);
    this.ranked = order(this.beliefs);
    [this.label] = this.ranked;
    this.origin = model.labels[this.label];
    this.read = model.network.read(this.symbols, reading.as);
  }

  /** What the last layer did in one direction at each symbol; none where a network has no steps. */
  steps(side) {
    return this.read.layers.at(-1)?.[side] ?? [];
  }

  /** Norms of the gradient at each symbol, as shares of that where reading ended. */
  gradientShares(side) {
    if (!this.steps(side).length) return [];
    const norms = this.reading.model.network.gradients(this.read, this.reading.target(this), side);
    const end = side ? norms[0] : norms.at(-1);
    return norms.map((norm) => (end > 0 ? norm / end : 0));
  }

  /** A share of the logits: what it adds to the answer above the mean of all origins, which softmax does not see. */
  above(logits) {
    return logits[this.label] - sum(logits) / logits.length;
  }

  /** The known n-grams that end at each symbol, with what they add to the answer. */
  get ngrams() {
    const { network, alphabet } = this.reading.model;
    const root = Math.sqrt(Math.max(this.symbols.length, 1));
    return this.read.ngrams.map((known, t) =>
      known.map(({ order: length, row }) => ({
        ngram: this.symbols
          .slice(t + 1 - length, t + 1)
          .map((symbol) => alphabet.shown(symbol))
          .join(""),
        value: this.above(network.tensors["wide.weight"].at(row)) / root,
      })),
    );
  }
}
