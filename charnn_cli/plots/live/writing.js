// Names, written letter by letter as charnn_cli/predict/writing.py writes them: the same seed gives the same names.

import { order } from "./reading.js";

const GROUP = 32; // names whose random numbers are drawn together
const TRIES = 200; // names drawn for one that ends within the greatest length
const WORD = 0xffffffffn;
const HALF = (1n << 64n) - 1n;
const WHOLE = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** The steps of NumPy's SeedSequence: each value is mixed with a constant, which the next finds changed. */
const hasher = (constant, factor) => (value) => {
  const mixed = Math.imul(value ^ constant, Math.imul(constant, factor));
  constant = Math.imul(constant, factor);
  return mixed ^ (mixed >>> 16);
};

const mix = (one, other) => {
  const mixed = Math.imul(0xca01f9dd, one) - Math.imul(0x4973f715, other);
  return mixed ^ (mixed >>> 16);
};

/** NumPy's SeedSequence(numbers).generate_state(4, uint64). */
function seeded(numbers) {
  const words = numbers.flatMap((number) => {
    const parts = [Number(number & WORD)];
    for (let rest = number >> 32n; rest; rest >>= 32n) parts.push(Number(rest & WORD));
    return parts;
  });
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = [0, 1, 2, 3].map((place) => hash(words[place] ?? 0));
  for (const from of pool.keys()) {
    for (const to of pool.keys()) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  for (const word of words.slice(4)) {
    for (const to of pool.keys()) pool[to] = mix(pool[to], hash(word));
  }
  const told = hasher(0x8b51f9dd, 0x58f38ded);
  const halves = Array.from({ length: 8 }, (_, place) => BigInt(told(pool[place % 4]) >>> 0));
  return [0, 2, 4, 6].map((place) => halves[place] | (halves[place + 1] << 32n));
}

/** NumPy's default_rng(numbers).random(…, float32): PCG64 (O'Neill, 2014), 24 bits of each half of its output. */
function* chance(numbers) {
  const [high, low, streamHigh, streamLow] = seeded(numbers);
  const increment = ((((streamHigh << 64n) | streamLow) << 1n) | 1n) & WHOLE;
  const step = (state) => (state * MULTIPLIER + increment) & WHOLE;
  let state = step((increment + ((high << 64n) | low)) & WHOLE);
  for (;;) {
    state = step(state);
    const [folded, turn] = [(state >> 64n) ^ (state & HALF), state >> 122n];
    const output = ((folded >> turn) | (folded << (64n - turn))) & HALF;
    yield Number((output & WORD) >> 8n) / 2 ** 24;
    yield Number(output >> 40n) / 2 ** 24;
  }
}

/**
 * What the model reads of a start, and why names cannot begin so: words for the reader, null where they can. A blank,
 * hyphen or apostrophe at its end is no part of a whole name.
 */
export function startOf(typed, model) {
  const last = typed.slice(-1);
  const read = model.rules.normalise(typed);
  const text = " -'".includes(last) && !read.endsWith(last) ? read + last : read;
  const unknown = [...text].find((letter) => model.outputOf(letter) < 0);
  if (unknown) return { text, fault: `“${unknown}” stands in no name that it has learned` };
  if (typed && !text) return { text, fault: `nothing of “${typed}” is a letter that it has learned` };
  return { text, fault: [...text].length > model.rules.max_length ? "its names are shorter than that" : null };
}

/** Writes names of an origin, drawn from softmax(logits / temperature) cut to its likeliest letters (nucleus sampling). */
export class Writer {
  constructor(model, origin, { seed, temperature, topP, start }) {
    Object.assign(this, { model, origin, seed, temperature, topP, start, groups: new Map() });
  }

  /** The random numbers of a name, one a letter and one for its end. */
  numbers(row) {
    const group = Math.floor(row / GROUP);
    const steps = this.model.rules.max_length + 1;
    if (!this.groups.has(group)) {
      const drawn = chance([this.seed, this.model.seeds[this.origin], BigInt(group)]);
      this.groups.set(
        group,
        Float64Array.from({ length: GROUP * steps }, () => drawn.next().value),
      );
    }
    return this.groups.get(group).subarray((row % GROUP) * steps, ((row % GROUP) + 1) * steps);
  }

  /** What is drawn from behind a beginning, (V,): the end first, then each letter. */
  shares(text) {
    const logs = this.model.following(text, this.origin);
    const most = logs.reduce((highest, value) => Math.max(highest, value), -Infinity);
    const weights = logs.map((value) => Math.exp((value - most) / this.temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let kept = 0;
    for (const place of order(weights)) {
      const weight = weights[place];
      if (this.topP < 1 && kept >= this.topP * total) weights[place] = 0;
      kept += weight;
    }
    const left = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / left);
  }

  /** Where a number from 0 to 1 falls among the shares, end to end. */
  drawn(shares, number) {
    let sum = 0;
    const place = shares.findIndex((share) => {
      sum += share;
      return sum > number;
    });
    return place < 0 ? shares.findLastIndex((share) => share > 0) : place;
  }

  /** The name of a row of numbers, null where there is none or it comes to no end. */
  write(row) {
    const numbers = this.numbers(row);
    let text = this.start;
    for (let t = [...text].length; t < numbers.length; t += 1) {
      const place = this.drawn(this.shares(text), numbers[t]);
      if (!place) return text || null;
      text += this.model.alphabet.characters[place - 1];
    }
    return null;
  }

  /** The first name from a row on, {row, text}; null where none of many comes to an end. */
  next(from) {
    for (let row = from; row < from + TRIES; row += 1) {
      const text = this.write(row);
      if (text !== null) return { row, text };
    }
    return null;
  }
}
