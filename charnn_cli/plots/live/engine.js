// The network: the equations of charnn_cli/cells.py, forwards and backwards. A step takes a = W x + b of the symbol
// (4 H numbers for an LSTM, one H after the other), the state before it and the layer's U and d, and gives the state
// after it and the gates. Its `back` takes the gradient with respect to the state after it and gives that with respect
// to the state before it, by the chain rule.

const sigmoid = (a) => 0.5 * (1 + Math.tanh(0.5 * a));

/** M v + c, of M (rows, v.length) row by row; four rows at a time, which do not wait for each other. */
function times(M, v, c) {
  const product = new Float32Array(c.length);
  const width = v.length;
  let row = 0;
  for (let at = 0; row + 3 < product.length; row += 4, at += 4 * width) {
    let [one, two, three, four] = [c[row], c[row + 1], c[row + 2], c[row + 3]];
    for (let k = 0, place = at; k < width; k += 1, place += 1) {
      one += M[place] * v[k];
      two += M[place + width] * v[k];
      three += M[place + 2 * width] * v[k];
      four += M[place + 3 * width] * v[k];
    }
    product.set([one, two, three, four], row);
  }
  for (; row < product.length; row += 1) product[row] = c[row] + dot(M.subarray(row * width, (row + 1) * width), v);
  return product;
}

/** Mᵀ v, of M (v.length, width). */
function transposedTimes(M, v, width) {
  const product = new Float64Array(width);
  for (let row = 0, at = 0; row < v.length; row += 1) {
    for (let column = 0; column < width; column += 1, at += 1) product[column] += M[at] * v[row];
  }
  return product;
}

/** A vector (size,) of what `entry` makes of each place. */
const filled = (result, entry) => {
  for (let k = 0; k < result.length; k += 1) result[k] = entry(k);
  return result;
};
const floats = (size, entry) => filled(new Float32Array(size), entry);
const doubles = (size, entry) => filled(new Float64Array(size), entry);

const ACTIVATIONS = {
  tanh: { f: Math.tanh, slope: (h) => 1 - h * h },
  relu: { f: (a) => Math.max(a, 0), slope: (h) => (h > 0 ? 1 : 0) },
  sigmoid: { f: sigmoid, slope: (h) => h * (1 - h) },
  none: { f: (a) => a, slope: () => 1 }, // the lesson's
};

const rnn = ({ f, slope }) => ({
  gates: [],
  parts: 1,
  step(a, [h], { U, d }) {
    const u = times(U, h, d);
    return { state: [floats(h.length, (k) => f(a[k] + u[k]))], gates: {} };
  },
  back([dh], after, before, { U }) {
    const da = doubles(dh.length, (k) => dh[k] * slope(after.state[0][k]));
    return [transposedTimes(U, da, dh.length)];
  },
});

const gru = {
  gates: ["reset", "update"],
  parts: 1,
  step(a, [h], { U, d }) {
    const H = h.length;
    const u = times(U, h, d);
    const reset = floats(H, (k) => sigmoid(a[k] + u[k]));
    const update = floats(H, (k) => sigmoid(a[H + k] + u[H + k]));
    const candidate = floats(H, (k) => Math.tanh(a[2 * H + k] + reset[k] * u[2 * H + k]));
    const after = floats(H, (k) => (1 - update[k]) * candidate[k] + update[k] * h[k]);
    return { state: [after], gates: { reset, update, candidate, inner: u.subarray(2 * H) } };
  },
  back([dh], { gates }, [h], { U }) {
    const H = h.length;
    const { reset: r, update: z, candidate: n, inner } = gates;
    const dn = doubles(H, (k) => dh[k] * (1 - z[k]) * (1 - n[k] * n[k]));
    const dr = doubles(H, (k) => dn[k] * inner[k] * r[k] * (1 - r[k]));
    const dz = doubles(H, (k) => dh[k] * (h[k] - n[k]) * z[k] * (1 - z[k]));
    const du = doubles(3 * H, (k) => (k < H ? dr[k] : k < 2 * H ? dz[k - H] : dn[k - 2 * H] * r[k - 2 * H]));
    const through = transposedTimes(U, du, H);
    return [doubles(H, (k) => through[k] + dh[k] * z[k])];
  },
};

const lstm = {
  gates: ["forget", "input", "output"],
  parts: 2,
  step(a, [h, c], { U, d }) {
    const H = h.length;
    const u = times(U, h, d);
    const input = floats(H, (k) => sigmoid(a[k] + u[k]));
    const forget = floats(H, (k) => sigmoid(a[H + k] + u[H + k]));
    const candidate = floats(H, (k) => Math.tanh(a[2 * H + k] + u[2 * H + k]));
    const output = floats(H, (k) => sigmoid(a[3 * H + k] + u[3 * H + k]));
    const cell = floats(H, (k) => forget[k] * c[k] + input[k] * candidate[k]);
    const after = floats(H, (k) => output[k] * Math.tanh(cell[k]));
    return { state: [after, cell], gates: { input, forget, candidate, output } };
  },
  back([dh, dcAfter], { state, gates }, [h, c], { U }) {
    const H = h.length;
    const { input: i, forget: f, candidate: g, output: o } = gates;
    const told = floats(H, (k) => Math.tanh(state[1][k]));
    const dc = doubles(H, (k) => dcAfter[k] + dh[k] * o[k] * (1 - told[k] * told[k]));
    const parts = [
      (k) => dc[k] * g[k] * i[k] * (1 - i[k]),
      (k) => dc[k] * c[k] * f[k] * (1 - f[k]),
      (k) => dc[k] * i[k] * (1 - g[k] * g[k]),
      (k) => dh[k] * told[k] * o[k] * (1 - o[k]),
    ];
    const du = doubles(4 * H, (k) => parts[Math.floor(k / H)](k % H));
    return [transposedTimes(U, du, H), doubles(H, (k) => dc[k] * f[k])];
  },
};

const cellOf = ({ cell, activation }) =>
  ({ gru, lstm, lesson: rnn(ACTIVATIONS.none), rnn: rnn(ACTIVATIONS[activation]) })[cell];

/** The n-grams that end at each symbol, known by the codes of charnn_cli/text/ngrams.py. */
class Ngrams {
  constructor(codes, orders, multiplier) {
    Object.assign(this, { codes, orders, multiplier: BigInt(multiplier), found: new Map() });
  }

  /** Rows of the known n-grams that end at place `end`: {order, row}. */
  endingAt(symbols, end) {
    const known = [];
    for (const order of this.orders) {
      if (order > end + 1) break;
      const row = this.row(symbols.slice(end + 1 - order, end + 1));
      if (row) known.push({ order, row });
    }
    return known;
  }

  row(ngram) {
    const key = ngram.join();
    if (!this.found.has(key)) this.found.set(key, this.search(ngram));
    return this.found.get(key);
  }

  search(ngram) {
    let code = 0n;
    for (const symbol of ngram) code = BigInt.asUintN(64, (code + BigInt(symbol + 1)) * this.multiplier);
    let [low, high] = [0, this.codes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.codes[middle] < code) low = middle + 1;
      else high = middle;
    }
    return this.codes[low] === code ? low + 1 : 0;
  }
}

/** What states of every symbol become for the head, and the gradient that each state gets from the head's. */
const POOLINGS = {
  last: {
    pool: (states, { size, ends }) => doubles(states[0].length, (k) => states[ends[Math.floor(k / size)]][k]),
    back: (df, states, { size, ends }) =>
      states.map((_, t) => df.map((value, k) => (ends[Math.floor(k / size)] === t ? value : 0))),
  },
  mean: {
    pool: (states) =>
      doubles(states[0].length, (k) => states.reduce((sum, state) => sum + state[k], 0) / states.length),
    back: (df, states) => states.map(() => df.map((value) => value / states.length)),
  },
  max: {
    pool: (states) => doubles(states[0].length, (k) => Math.max(...states.map((state) => state[k]))),
    back: (df, states) => {
      const highest = POOLINGS.max.pool(states);
      return states.map((state) => df.map((value, k) => (state[k] === highest[k] ? value : 0)));
    },
  },
  attention: {
    shares: (states, { attention }) => softmax(states.map((state) => dot(attention, state))),
    pool: (states, how) => {
      const shares = POOLINGS.attention.shares(states, how);
      return doubles(states[0].length, (k) => states.reduce((sum, state, t) => sum + shares[t] * state[k], 0));
    },
    back: (df, states, how) => {
      const shares = POOLINGS.attention.shares(states, how);
      const pooled = POOLINGS.attention.pool(states, how);
      return states.map((state, t) => {
        const dscore = shares[t] * (dot(df, state) - dot(df, pooled));
        return df.map((value, k) => shares[t] * value + dscore * how.attention[k]);
      });
    },
  },
};

/** Vectors end to end as one. */
function beside(parts) {
  if (parts.length === 1) return parts[0];
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    result.set(part, at);
    return at + part.length;
  }, 0);
  return result;
}

function dot(one, other) {
  let sum = 0;
  for (let k = 0; k < one.length; k += 1) sum += one[k] * other[k];
  return sum;
}

export function softmax(logits) {
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const MOST_NODES = 20000; // of the tries; a node of the model in the box takes some 2 kB

/**
 * A trained network. `tensors` are those of the run, by name, each `{shape, at(row) → numbers}`.
 *
 * Names that begin alike have the same states until they part, so the steps of the first layer are kept in a trie for
 * each direction, as in the engine that predicts: beginnings of a name, and the name without one letter, cost little.
 */
export class Network {
  constructor({ architecture, tensors, ngrams, numSymbols }) {
    Object.assign(this, { architecture, tensors, numSymbols });
    const { cell, bidirectional, num_layers: count } = architecture;
    this.hasSteps = cell !== "mlp";
    this.isJoint = cell === "lesson";
    this.directions = bidirectional ? ["forward", "backward"] : ["forward"];
    this.cell = this.hasSteps ? cellOf(architecture) : null;
    this.layers = this.hasSteps
      ? Array.from({ length: count }, (_, layer) => this.directions.map((name) => this.weights(layer, name)))
      : [];
    this.ngrams = ngrams ? new Ngrams(ngrams.codes, architecture.ngram_orders, ngrams.multiplier) : null;
    this.head = tensors[this.isJoint ? "i2o.weight" : "head.weight"];
    this.headBias = tensors[this.isJoint ? "i2o.bias" : "head.bias"].flat();
    const numOrigins = tensors["origin.weight"]?.shape[0] ?? 1;
    this.embedding = Array.from({ length: numSymbols * numOrigins }, (_, place) =>
      this.input(place % numSymbols, Math.floor(place / numSymbols)),
    );
    this.forget();
  }

  /** The roots of the tries, which the first layer begins from. */
  forget() {
    this.nodes = 0;
    this.roots = this.directions.map(() => this.begin());
  }

  begin() {
    const { hidden_size: H } = this.architecture;
    const parts = this.hasSteps ? this.cell.parts : 0;
    return { state: Array.from({ length: parts }, () => new Float32Array(H)), next: new Map() };
  }

  weights(layer, direction) {
    const { hidden_size: H } = this.architecture;
    if (!this.isJoint) {
      const tensor = (name) => this.tensors[`layers.${layer}.${direction}.${name}`].flat();
      return {
        W: tensor("weight_ih"),
        U: tensor("weight_hh"),
        b: tensor("bias_ih"),
        d: tensor("bias_hh"),
        inputs: new Map(),
      };
    }
    const rows = Array.from({ length: H }, (_, row) => this.tensors["i2h.weight"].at(row));
    const side = (part) => Float32Array.from(rows.flatMap((row) => [...part(row)]));
    const width = rows[0].length - H;
    return {
      W: side((row) => row.subarray(0, width)),
      U: side((row) => row.subarray(width)),
      b: this.tensors["i2h.bias"].flat(),
      d: new Float32Array(H),
      inputs: new Map(),
    };
  }

  /**
   * What the first layer reads at a symbol: its vector, or a 1 in its place; padding and the unknown are zeros. A
   * network that writes reads the sum of this and the vector of an origin.
   */
  input(symbol, origin) {
    const vector =
      this.tensors["embedding.weight"]?.at(symbol) ??
      floats(this.numSymbols, (k) => (k === symbol && symbol > 1 ? 1 : 0));
    const ofOrigin = this.tensors["origin.weight"]?.at(origin);
    return ofOrigin ? vector.map((value, k) => value + ofOrigin[k]) : vector;
  }

  /**
   * All that happens while the symbols are read: states and gates of every layer and direction, and the logits, which
   * are of the origins; of a network that writes, given an origin, of the end and each letter behind the last symbol.
   */
  read(symbols, origin = 0) {
    const layers = [];
    const places = symbols.map((symbol) => symbol + origin * this.numSymbols);
    let inputs = places.map((place) => this.embedding[place]);
    for (let layer = 0; layer < this.layers.length && symbols.length; layer += 1) {
      const steps = this.directions.map((_, direction) =>
        this.run(layer, direction, inputs, layer === 0 ? places : null),
      );
      layers.push(steps);
      inputs = symbols.map((_, t) => beside(steps.map((of) => of[t].state[0])));
    }
    const features = this.features(symbols, inputs);
    const logits = doubles(
      this.headBias.length,
      (label) => this.headBias[label] + (features ? dot(features, this.head.at(label)) : 0),
    );
    const ngrams = this.ngrams ? symbols.map((_, t) => this.ngrams.endingAt(symbols, t)) : [];
    const share = 1 / Math.sqrt(Math.max(symbols.length, 1));
    for (const { row } of ngrams.flat())
      this.tensors["wide.weight"].at(row).forEach((weight, label) => {
        logits[label] += weight * share;
      });
    return { symbols, layers, outputs: inputs, features, logits, ngrams };
  }

  /** One layer in one direction: its nodes, entry t that of symbol t whichever way it reads. */
  run(layer, direction, inputs, symbols) {
    const weights = this.layers[layer][direction];
    if (this.nodes > MOST_NODES) this.forget();
    let node = symbols ? this.roots[direction] : this.begin();
    const nodes = [];
    for (let place = 0; place < inputs.length; place += 1) {
      const t = direction === 0 ? place : inputs.length - 1 - place;
      const symbol = symbols ? symbols[t] : place;
      if (!node.next.has(symbol)) {
        node.next.set(symbol, {
          ...this.cell.step(this.projected(weights, inputs[t], symbols ? symbol : null), node.state, weights),
          next: new Map(),
        });
        this.nodes += symbols ? 1 : 0;
      }
      node = node.next.get(symbol);
      nodes[t] = node;
    }
    return nodes;
  }

  /** W x + b, of a symbol worked out once. */
  projected(weights, x, symbol) {
    if (symbol === null) return times(weights.W, x, weights.b);
    if (!weights.inputs.has(symbol)) weights.inputs.set(symbol, times(weights.W, x, weights.b));
    return weights.inputs.get(symbol);
  }

  /** What the head reads: pooled states; of the lesson the last input and the state before it; of an mlp its layer. */
  features(symbols, outputs) {
    const length = symbols.length;
    if (!this.hasSteps) {
      const bag = floats(
        this.embedding[0].length,
        (k) => outputs.reduce((sum, x) => sum + x[k], 0) / Math.max(length, 1),
      );
      return times(this.tensors["layers.0.weight"].flat(), bag, this.tensors["layers.0.bias"].flat()).map((a) =>
        Math.max(a, 0),
      );
    }
    if (!length) return null;
    if (this.isJoint) {
      const before = length > 1 ? outputs[length - 2] : new Float32Array(this.architecture.hidden_size);
      return beside([this.embedding[symbols[length - 1]], before]);
    }
    return POOLINGS[this.architecture.pooling].pool(outputs, this.pooling(length));
  }

  pooling(length) {
    return {
      size: this.architecture.hidden_size,
      ends: [length - 1, 0],
      attention: this.tensors["attention.weight"]?.flat(),
    };
  }

  /**
   * Norms of the gradient of −log softmax(logits)[label] with respect to each state of the last layer in one
   * direction, entry t of the state at symbol t: backpropagation through time. The lesson's head never reads the last
   * state, so its entries are one fewer.
   */
  gradients({ symbols, layers, outputs, logits }, label, direction = 0) {
    const { hidden_size: H } = this.architecture;
    const probabilities = softmax(logits);
    const dlogits = probabilities.map((probability, k) => probability - (k === label ? 1 : 0));
    const width = this.head.shape[1];
    const dfeatures = new Float64Array(width);
    dlogits.forEach((dlogit, k) =>
      this.head.at(k).forEach((weight, column) => {
        dfeatures[column] += dlogit * weight;
      }),
    );
    const count = symbols.length - (this.isJoint ? 1 : 0);
    const told = this.isJoint
      ? Array.from({ length: count }, (_, t) => (t === count - 1 ? dfeatures.slice(width - H) : new Float64Array(H)))
      : POOLINGS[this.architecture.pooling]
          .back(dfeatures, outputs, this.pooling(count))
          .map((df) => df.slice(direction * H, (direction + 1) * H));
    const nodes = layers.at(-1)[direction];
    const weights = this.layers.at(-1)[direction];
    const norms = [];
    let carried = this.begin().state.map(() => new Float64Array(H));
    for (let place = count - 1; place >= 0; place -= 1) {
      const t = direction === 0 ? place : count - 1 - place;
      const dh = carried[0].map((value, k) => value + told[t][k]);
      norms[t] = Math.hypot(...dh);
      const before = nodes[direction === 0 ? t - 1 : t + 1]?.state ?? this.begin().state;
      carried = this.cell.back([dh, ...carried.slice(1)], nodes[t], before, weights);
    }
    return norms;
  }
}
