// What the page shows of a moment of a reading, as nodes: a picture each, drawn by charts.js, and what stands beside it.
// A picture that a network has nothing for is null. `scene` says how much room there is and which origins have a colour.

import {
  beliefs,
  columns,
  element,
  heat,
  isolated,
  logStems,
  number,
  percent,
  ranking,
  roulette,
  signed,
  signedBars,
  spreads,
  stackedChoices,
  tellShare,
} from "./charts.js";
import { order } from "./reading.js";

const UNITS = 12; // rows of the hidden state
const GATE_UNITS = 6; // rows below each gate
const LISTED = 6; // origins
const EXPECTED = 6; // letters above each other
const EXPECTED_NEXT = 9; // letters in the list beside them
const WIDE = 520; // pixels from which on there is room beside a picture
const ARROWS = { forward: "read forwards →", backward: "read backwards ←" };

/** The columns of a reading, what stands below them, and which is read last; or beside it the end that follows. */
export function axisOf(reading, moment, scene, { withEnd }) {
  const [left, right] = scene.width > WIDE ? [44, 190] : [34, 6];
  const shown = withEnd ? moment.shown : moment.shown.slice(0, moment.column + 1);
  const symbols = [...shown, ...reading.shown.slice(shown.length)].map((text, column) => ({
    shown: text,
    isRead: column < shown.length,
  }));
  return { ...columns(scene.columns, scene.width, left, right), symbols, here: moment.column, first: reading.first };
}

const note = (...words) => element("p", { class: "beside nothing" }, ...words);
const scrolled = (...pictures) => element("div", { class: "scroll" }, ...pictures);
const listed = (axis, values, tell) =>
  values.map((value, t) => `${axis.symbols[t + axis.first].shown} ${tell(value)}`).join(", ");

function heading({ directions, architecture: { num_layers: layers } }, direction, what = "") {
  const parts = [
    what,
    directions.length > 1 ? ARROWS[direction] : "",
    layers > 1 ? `layer ${layers} of ${layers}` : "",
  ];
  const words = parts.filter(Boolean).join(", ");
  return words ? [element("h3", {}, words)] : [];
}

function beliefPicture(reading, moment, scene) {
  const { labels } = reading.model;
  const course = reading.course;
  const lines = labels
    .map((name, label) => ({ name, colour: scene.colourOf(name), values: course.map((beliefs) => beliefs[label]) }))
    .filter(({ name }) => scene.isShown(name));
  const entries = moment.ranked.slice(0, LISTED).map((label) => {
    const share = moment.beliefs[label];
    return { name: labels[label], value: percent(share), colour: scene.colourOf(labels[label]), share };
  });
  const told = entries
    .slice(0, 3)
    .map(({ name, value }) => `${name} ${value}`)
    .join(", ");
  const words = `Probabilities of ${lines.length} origins over the letters; after ${moment.here} of them: ${told}.`;
  const axis = axisOf(reading, moment, scene, { withEnd: false });
  return [scrolled(beliefs(axis, reading.columns, moment.here, lines, words)), ranking(entries)];
}

const SPELLED = { "⊣": "the end", "␣": "a blank", "-": "a hyphen", "'": "an apostrophe" };

/** One of what may follow, in words where it is no letter. */
export const spelled = (output) => SPELLED[output] ?? output;

/** What may follow the first letters, likeliest first: {shown, share, came}. */
export function expected(reading, here) {
  const [shares, came] = [reading.following(here), reading.came(here)];
  return order(shares).map((place) => {
    return { shown: reading.model.outputs[place], share: shares[place], came: place === came };
  });
}

function nextPicture(reading, moment, scene) {
  if (!reading.model.writes) return null;
  const axis = axisOf(reading, moment, scene, { withEnd: false });
  const stacks = reading.columns.map((column, here) => {
    return { column, choices: expected(reading, here).slice(0, EXPECTED) };
  });
  const every = expected(reading, moment.here);
  const entries = every
    .filter(({ came }, rank) => came || rank < EXPECTED_NEXT)
    .map(({ shown, share, came }) => {
      const colour = came ? "var(--against)" : "var(--for)";
      return { name: spelled(shown) + (came ? ", which came" : ""), value: percent(share), colour, share };
    });
  const told = entries.map(({ name, value }) => `${name} ${value}`).join(", ");
  const words = `What is expected behind each symbol; after ${axis.symbols[axis.here].shown}: ${told}.`;
  return [scrolled(stackedChoices(axis, stacks, words)), ranking(entries)];
}

function costPicture(reading, moment, scene) {
  if (!reading.model.writes) return null;
  const bars = reading.ends.flatMap((column, here) => {
    const [value, what] = [reading.bits(here), reading.shown[column]];
    return value === null ? [] : [{ column, value, title: `${spelled(what)}: ${number(value)} bits` }];
  });
  const axis = axisOf(reading, moment, scene, { withEnd: false });
  const words = `What each letter cost: ${bars.map(({ title }) => title).join(", ")}.`;
  const sums = [
    { name: reading.isOpen ? "so far" : "all of it", value: number(reading.allBits, 1) },
    { name: "a letter", value: bars.length ? number(reading.allBits / bars.length) : "–" },
  ];
  return [scrolled(signedBars(axis, bars, words, number)), ranking([], sums)];
}

/** Where the number falls that the next letter is drawn by; only of the reading that the pen writes. */
function drawPicture(reading, moment, scene) {
  const writer = reading === scene.first && scene.pen?.writer;
  if (!writer) return null;
  const { text, here } = moment;
  const [shares, drawn] = [writer.shares(text), writer.numbers(scene.pen.row)[here]];
  if (drawn === undefined) return null;
  const { outputs } = reading.model;
  const parts = [...shares].map((share, place) => ({ shown: outputs[place], share })).filter(({ share }) => share > 0);
  const place = writer.drawn(shares, drawn);
  const isGiven = text.length < writer.start.length && writer.start.startsWith(text);
  const told = isGiven
    ? ["The start is given: nothing is drawn before it ends."]
    : [
        `The number ${drawn.toFixed(3)} falls on `,
        isolated(spelled(outputs[place])),
        `, at ${percent(shares[place])}.`,
      ];
  const words = `${parts.length} shares of 1, end to end. ${told.map((part) => part.textContent ?? part).join("")}`;
  return [roulette(scene.width, parts, isGiven ? null : drawn, words), element("p", { class: "told" }, ...told)];
}

/** `worth` in nats of each letter. */
export function worthPicture(reading, moment, scene, worth) {
  const bars = worth.map((value, place) => {
    return { column: reading.columns[place + 1], value, title: `${reading.letters[place]}: ${signed(value)} nats` };
  });
  const told = bars.map(({ title }) => title).join(", ");
  const axis = axisOf(reading, moment, scene, { withEnd: false });
  return [
    scrolled(signedBars(axis, bars, `What each letter was worth for ${moment.origin}: ${told}.`)),
    note("nats for ", isolated(moment.origin)),
  ];
}

function ngramPicture(reading, moment, scene) {
  if (!reading.model.network.ngrams) return null;
  const axis = axisOf(reading, moment, scene, { withEnd: true });
  const ending = moment.ngrams;
  const sums = ending.map((known) => known.reduce((sum, { value }) => sum + value, 0));
  const all = sums.reduce((sum, value) => sum + value, 0);
  const bars = sums.map((value, t) => ({
    column: t + axis.first,
    value,
    title: `n-grams that end here: ${signed(value)}`,
  }));
  const words = `What the n-grams that end at each symbol add to ${moment.origin}: ${listed(axis, sums, signed)}.`;
  const last = (ending[moment.column - axis.first] ?? []).map(({ ngram, value }) => {
    return { name: ngram, value: signed(value), colour: value < 0 ? "var(--against)" : "var(--for)" };
  });
  const totals = { "all n-grams": all, "the network": moment.above(moment.read.logits) - all };
  const list = ranking(
    last,
    Object.entries(totals).map(([name, value]) => ({ name, value: signed(value) })),
  );
  list.prepend(element("li", {}, element("span"), element("span", {}, "for ", isolated(moment.origin))));
  return [scrolled(signedBars(axis, bars, words)), list];
}

function statePictures(reading, moment, scene) {
  const { network } = reading.model;
  if (!moment.steps(0).length) return null;
  return network.directions.flatMap((direction, side) => {
    const units = reading.unitsThatCount(side).slice(0, UNITS);
    const every = reading.whole.steps(side).flatMap(({ state }) => units.map((unit) => Math.abs(state[0][unit])));
    const most = Math.max(1e-6, ...every);
    const rows = units.map((unit) => ({
      name: String(unit),
      values: moment.steps(side).map(({ state }) => state[0][unit]),
    }));
    const told = note(`full colour is ±${number(most, most < 10 ? 2 : 0)}`);
    const how = { scale: (value) => value / most, onCell: (cell) => told.replaceChildren(cell) };
    const words = `${units.length} units of the hidden state, ${ARROWS[direction]}, at each symbol.`;
    const axis = axisOf(reading, moment, scene, { withEnd: true });
    return [...heading(network, direction), scrolled(heat(axis, rows, how, words)), told];
  });
}

function gatePictures(reading, moment, scene) {
  const { network } = reading.model;
  if (!moment.steps(0).length || !network.cell.gates.length) return null;
  const axis = axisOf(reading, moment, scene, { withEnd: true });
  return network.directions.flatMap((direction, side) => {
    const units = reading.unitsThatCount(side).slice(0, GATE_UNITS);
    return network.cell.gates.flatMap((gate) => {
      const opened = moment.steps(side).map(({ gates }) => gates[gate]);
      const spread = opened.map(quartiles);
      const rows = units.map((unit) => ({ name: String(unit), values: opened.map((values) => values[unit]) }));
      const told = note("");
      const how = { scale: (value) => 2 * value - 1, row: 11, onCell: (cell) => told.replaceChildren(cell) };
      const medians = listed(axis, spread, ([, median]) => number(median));
      const words = `The ${gate} gate, ${ARROWS[direction]}, its median at each symbol: ${medians}.`;
      const cells = heat(axis, rows, how, `The ${gate} gate of ${units.length} units.`);
      return [...heading(network, direction, `${gate} gate`), scrolled(spreads(axis, spread, words), cells), told];
    });
  });
}

function quartiles(values) {
  const sorted = Array.from(values).sort((one, other) => one - other);
  return [0.25, 0.5, 0.75].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
}

function gradientPictures(reading, moment, scene) {
  const { network } = reading.model;
  const pictures = network.directions.flatMap((direction, side) => {
    const shares = moment.gradientShares(side);
    if (!shares.length) return [];
    const axis = axisOf(reading, moment, scene, { withEnd: true });
    const [from, to, farthest] = side ? ["beginning", "last", shares.at(-1)] : ["end", "first", shares[0]];
    const words = `Share of the gradient at the ${from} that arrives at each symbol: ${listed(axis, shares, tellShare)}.`;
    const stems = logStems(axis, shares, words, side ? "other" : "");
    return [
      ...heading(network, direction),
      scrolled(stems),
      note(`${tellShare(farthest)} arrives at the ${to} symbol`),
    ];
  });
  return pictures.length ? pictures : null;
}

/** Rows of texts below a head and a title; the first two columns are words. */
function tableOf(title, head, rows) {
  const row = (tag, attributes, texts) => {
    const cells = texts.map((text, place) =>
      element(tag, place < 2 ? { ...attributes, class: "word" } : attributes, text),
    );
    return element("tr", {}, ...cells);
  };
  return element(
    "table",
    {},
    element("caption", {}, isolated(title)),
    element("thead", {}, row("th", { scope: "col" }, head)),
    element("tbody", {}, ...rows.map((texts) => row("td", {}, texts))),
  );
}

/** What a generator expected at each letter, in numbers. */
export function courseTable(reading, moment, title) {
  const rows = reading.ends.slice(0, moment.here + 1).map((column, here) => {
    const [best] = expected(reading, here);
    const bits = reading.bits(here);
    const texts = [percent(best.share), bits === null ? "–" : percent(2 ** -bits), bits === null ? "–" : number(bits)];
    return [isolated(spelled(reading.shown[column])), isolated(spelled(best.shown)), ...texts];
  });
  return tableOf(title, ["letter", "expected", "probability", "of what came", "bits"], rows);
}

/** The pictures as a table, for who reads no pictures. */
export function numbersTable(reading, moment, worth, title) {
  const shares = moment.gradientShares(0);
  const rows = reading.letters.slice(0, moment.here).map((letter, place) => {
    const beliefs = reading.beliefs(place + 1);
    const [best] = order(beliefs);
    const share = shares[reading.columns[place + 1] - reading.first];
    const texts = [percent(beliefs[best]), signed(worth[place]), share === undefined ? "–" : tellShare(share)];
    return [isolated(letter.replace(" ", "␣")), isolated(reading.model.labels[best]), ...texts];
  });
  return tableOf(title, ["letter", "if it ended here", "probability", "worth, nats", "gradient, share"], rows);
}

export const FIGURES = {
  draw: drawPicture,
  next: nextPicture,
  cost: costPicture,
  beliefs: beliefPicture,
  ngrams: ngramPicture,
  states: statePictures,
  gates: gatePictures,
  gradients: gradientPictures,
};
