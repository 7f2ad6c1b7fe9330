// A name as a model reads it: its letters, the columns that they stand in, and what the model makes of each beginning.
// Only numbers and texts; pictures.js shows them.

const BEGIN = 2;
const END = 3;

/** Places by falling value. */
export const order = (values) =>
  Array.from(values, (_, place) => place).sort((one, other) => values[other] - values[one]);

const sum = (values) => values.reduce((total, value) => total + value, 0);

export class Reading {
  constructor(name, model) {
    const { part, text, reason } = model.read(name);
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
}

class Moment {
  constructor(reading, here) {
    const { model, letters } = reading;
    Object.assign(this, { reading, here, text: letters.slice(0, here).join(""), column: reading.columns[here] });
    this.symbols = model.encode(this.text);
    this.shown = reading.spell(this.symbols);
    this.beliefs = reading.beliefs(here);
    this.ranked = order(this.beliefs);
    [this.label] = this.ranked;
    this.origin = model.labels[this.label];
    this.read = model.network.read(this.symbols);
  }

  /** What the last layer did in one direction at each symbol; none where a network has no steps. */
  steps(side) {
    return this.read.layers.at(-1)?.[side] ?? [];
  }

  /** Norms of the gradient at each symbol, as shares of that where reading ended. */
  gradientShares(side) {
    if (!this.steps(side).length) return [];
    const norms = this.reading.model.network.gradients(this.read, this.label, side);
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
