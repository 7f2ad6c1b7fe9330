// The page: what is asked for, what of it has been read, and the pictures of that moment.

import { beliefs, columns, element, heat, isolated, logStems, number, percent, ranking, signed, signedBars, spreads, tellShare } from "./charts.js";
import { modelsOf } from "./model.js";

const COLOURS = 7;
const UNITS = 12; // rows of the hidden state
const GATE_UNITS = 6; // rows below each gate
const BREATH = 25; // milliseconds of work after which the page is drawn
const BEAT = 700; // milliseconds a letter when it plays
const ARROWS = { forward: "read forwards →", backward: "read backwards ←" };

const SCROLLS = { tabindex: "0", role: "group", "aria-label": "scrolls sideways" };

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const models = modelsOf(data);
const fields = [0, 1].map((place) => ({ name: byId(`name-${place}`), run: byId(`run-${place}`) }));
const asked = [...document.querySelectorAll(".asked")];
const slider = byId("place");

const state = { readings: [], place: 0, width: 0, colours: [], playing: null, turn: 0, took: 0 };

/** A name, read by a model: its letters, and the columns that they stand in. */
function readingOf(name, model) {
  const { part, text, reason } = model.read(name);
  const letters = reason ? [] : [...text];
  const symbols = model.encode(letters.join(""));
  const lead = model.boundaries ? 0 : 1; // a column for what comes before the first letter
  const at = [0, ...symbols.map((symbol, t) => (symbol === 2 || symbol === 3 ? -1 : t + lead)).filter((column) => column >= 0)];
  const shown = [...(lead ? ["·"] : []), ...symbols.map((symbol) => model.alphabet.shown(symbol))];
  return { name, model, part, text, reason, letters, lead, at, shown, moments: new Map() };
}

/** What a model makes of the first letters of a reading, as if the name ended there. */
function momentOf(reading, place) {
  const here = Math.min(place, reading.letters.length);
  if (!reading.moments.has(here)) reading.moments.set(here, momentAt(reading, here));
  return reading.moments.get(here);
}

function momentAt(reading, here) {
  const { model, letters, at, lead, shown } = reading;
  const text = letters.slice(0, here).join("");
  const symbols = model.encode(text);
  const probabilities = here ? model.probabilities(text) : model.priors;
  const label = probabilities.indexOf(Math.max(...probabilities));
  const ended = [...(lead ? ["·"] : []), ...symbols.map((symbol) => model.alphabet.shown(symbol))];
  return { here, text, symbols, probabilities, label, column: at[here], ended, later: shown.slice(ended.length), read: model.network.read(symbols) };
}

const order = (probabilities) => Array.from(probabilities, (_, label) => label).sort((one, other) => probabilities[other] - probabilities[one]);

/** The origins that lead in the end, then those that led on the way. */
function leading(reading, count) {
  const after = reading.letters.map((_, place) => reading.model.probabilities(reading.letters.slice(0, place + 1).join("")));
  if (!after.length) return order(reading.model.priors).slice(0, count);
  const peaks = reading.model.labels.map((_, label) => Math.max(...after.map((probabilities) => probabilities[label])));
  const chosen = new Set([...order(after.at(-1)).slice(0, 3), ...order(peaks)].slice(0, count + 3));
  return [...chosen].slice(0, count);
}

/** Give each origin that is shown a colour; one that had a colour keeps it. */
function colour(names) {
  const wanted = [...new Set(names)].slice(0, COLOURS);
  state.colours = Array.from({ length: COLOURS }, (_, slot) => (wanted.includes(state.colours[slot]) ? state.colours[slot] : null));
  for (const name of wanted) if (!state.colours.includes(name)) state.colours[state.colours.indexOf(null)] = name;
}

const colourOf = (name) => (state.colours.includes(name) ? `var(--origin-${state.colours.indexOf(name)})` : "var(--line)");

/** Units of the last layer in one direction, those first that count most for the answer of the whole name. */
function unitsThatCount(reading, direction) {
  const { network } = reading.model;
  const whole = momentOf(reading, reading.letters.length);
  const size = network.architecture.hidden_size;
  const first = network.isJoint ? network.head.shape[1] - size : direction * size;
  const weights = network.head.at(whole.label);
  const worth = Array.from({ length: size }, (_, unit) => Math.abs(weights[first + unit] * whole.read.features[first + unit]));
  return order(worth);
}

// Pictures: each gets a reading, its moment and the axis, and gives nodes, or none where the network has nothing to show.

function axisOf(reading, moment, withEnd) {
  const { width } = state;
  const beside = width > 520 ? 190 : 6;
  const axis = columns(Math.max(...state.readings.map(({ shown }) => shown.length)), width, width > 520 ? 44 : 34, beside);
  const read = (withEnd ? moment.ended : moment.ended.slice(0, moment.column + 1)).map((shown) => ({ shown, isRead: true }));
  const later = reading.shown.slice(read.length).map((shown) => ({ shown, isRead: false }));
  return { ...axis, symbols: [...read, ...later], here: moment.column };
}

const said = (reading, moment) => order(moment.probabilities).slice(0, 3).map((label) => `${reading.model.labels[label]} ${percent(moment.probabilities[label])}`).join(", ");

function beliefPicture(reading, moment) {
  const { model, letters, at } = reading;
  const after = [model.priors, ...letters.map((_, place) => model.probabilities(letters.slice(0, place + 1).join("")))];
  const shown = model.labels.map((name, label) => ({ name, label })).filter(({ name }) => state.colours.includes(name));
  const lines = shown.map(({ name, label }) => ({ name, colour: colourOf(name), values: after.map((probabilities) => probabilities[label]) }));
  const entries = order(moment.probabilities).slice(0, 6).map((label) => ({
    name: model.labels[label], value: percent(moment.probabilities[label]), colour: colourOf(model.labels[label]), share: moment.probabilities[label],
  }));
  const words = `Lines of the probabilities of ${lines.length} origins over the letters; after ${moment.here} letters: ${said(reading, moment)}.`;
  return [scrolled(beliefs(axisOf(reading, moment, false), at, moment.here, lines, words)), ranking(entries)];
}

function worthPicture(reading, moment, worth) {
  const origin = reading.model.labels[moment.label];
  const bars = worth.map((value, place) => ({ column: reading.at[place + 1], value, title: `${reading.letters[place]}: ${signed(value)} nats for ${origin}` }));
  const words = `What each letter was worth for ${origin}, in nats: ${worth.map((value, place) => `${reading.letters[place]} ${signed(value)}`).join(", ")}.`;
  return [scrolled(signedBars(axisOf(reading, moment, false), bars, words)), note("nats for ", origin)];
}

function ngramPicture(reading, moment) {
  const { network, alphabet } = reading.model;
  if (!network.ngrams) return null;
  const origin = reading.model.labels[moment.label];
  const root = Math.sqrt(Math.max(moment.symbols.length, 1));
  const above = (values) => values[moment.label] - values.reduce((sum, value) => sum + value, 0) / values.length;
  const ending = moment.read.ngrams.map((known, t) => known.map(({ order: length, row }) => ({
    ngram: moment.symbols.slice(t + 1 - length, t + 1).map((symbol) => alphabet.shown(symbol)).join(""),
    value: above(network.tensors["wide.weight"].at(row)) / root,
  })));
  const sums = ending.map((known) => known.reduce((sum, { value }) => sum + value, 0));
  const bars = sums.map((value, t) => ({ column: t + reading.lead, value, title: `n-grams that end at ${moment.ended[t + reading.lead]}: ${signed(value)}` }));
  const all = sums.reduce((sum, value) => sum + value, 0);
  const last = (ending[moment.column - reading.lead] ?? []).map(({ ngram, value }) => ({ name: ngram, value: signed(value), colour: value < 0 ? "var(--against)" : "var(--for)" }));
  const words = `What n-grams add to ${origin} at each letter; ${signed(all)} altogether.`;
  const list = ranking(last, { name: "all n-grams", value: signed(all) });
  list.append(...ranking([], { name: "the network", value: signed(above(moment.read.logits) - all) }).children);
  list.prepend(element("li", { class: "title" }, element("span"), element("span", {}, "for ", isolated(origin))));
  return [scrolled(signedBars(axisOf(reading, moment, true), bars, words)), list];
}

function statePictures(reading, moment) {
  const { network } = reading.model;
  if (!network.hasSteps || !moment.read.layers.length) return null;
  return network.directions.map((direction, side) => {
    const units = unitsThatCount(reading, side).slice(0, UNITS);
    const whole = momentOf(reading, reading.letters.length).read.layers.at(-1)[side];
    const most = Math.max(1e-6, ...whole.flatMap((node) => units.map((unit) => Math.abs(node.state[0][unit]))));
    const nodes = moment.read.layers.at(-1)[side];
    const rows = units.map((unit) => ({ name: String(unit), values: lead(reading, nodes.map((node) => node.state[0][unit]), 0) }));
    const words = `${units.length} units of the hidden state, ${ARROWS[direction]}, at each symbol.`;
    const told = note(`full colour is ±${number(most, most < 10 ? 2 : 0)}`);
    const how = { scale: (value) => value / most, onCell: (cell) => { told.textContent = cell; } };
    return [heading(network, direction), scrolled(heat(axisOf(reading, moment, true), rows, how, words)), told];
  }).flat();
}

function gatePictures(reading, moment) {
  const { network } = reading.model;
  if (!network.hasSteps || !network.cell.gates.length || !moment.read.layers.length) return null;
  return network.directions.flatMap((direction, side) => {
    const units = unitsThatCount(reading, side).slice(0, GATE_UNITS);
    const nodes = moment.read.layers.at(-1)[side];
    return network.cell.gates.flatMap((gate) => {
      const spread = nodes.map((node) => quartiles(node.gates[gate]));
      const rows = units.map((unit) => ({ name: String(unit), values: nodes.map((node) => node.gates[gate][unit]) }));
      const axis = axisOf(reading, moment, true);
      const words = `The ${gate} gate, ${ARROWS[direction]}, median at each symbol: ${spread.map(([, median], t) => `${axis.symbols[t].shown} ${number(median)}`).join(", ")}.`;
      const told = note("");
      const how = { scale: (value) => 2 * value - 1, row: 11, onCell: (cell) => { told.textContent = cell; } };
      const cells = heat(axis, rows, how, `The ${gate} gate of ${units.length} units.`);
      return [heading(network, direction, `${gate} gate`), scrolled(spreads(axis, spread, words), cells), told];
    });
  });
}

function gradientPictures(reading, moment) {
  const { network } = reading.model;
  if (!network.hasSteps || !moment.read.layers.length) return null;
  return network.directions.flatMap((direction, side) => {
    const shares = gradientShares(network, moment, side);
    if (!shares.length) return [];
    const from = side ? "beginning" : "end";
    const axis = axisOf(reading, moment, true);
    const words = `Share of the gradient at the ${from} that arrives at each symbol: ${shares.map((share, t) => `${axis.symbols[t].shown} ${tellShare(share)}`).join(", ")}.`;
    const first = side ? shares.at(-1) : shares[0];
    return [heading(network, direction), scrolled(logStems(axis, shares, words, side ? "other" : "")), note(`${tellShare(first)} arrives at the ${side ? "last" : "first"} symbol`)];
  });
}

/** Norms of the gradient at each symbol, as shares of that where reading ended. */
function gradientShares(network, moment, side) {
  const norms = network.gradients(moment.read, moment.label, side);
  const end = side ? norms[0] : norms.at(-1);
  return norms.map((norm) => (end > 0 ? norm / end : 0));
}

function quartiles(values) {
  const sorted = Array.from(values).sort((one, other) => one - other);
  return [0.25, 0.5, 0.75].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
}

const lead = (reading, values, nothing) => [...Array(reading.lead).fill(nothing), ...values];
const note = (...words) => element("p", { class: "beside nothing" }, ...words);

function heading(network, direction, what = "") {
  const layers = network.architecture.num_layers;
  const parts = [what, network.directions.length > 1 ? ARROWS[direction] : "", layers > 1 ? `layer ${layers} of ${layers}` : ""].filter(Boolean);
  return parts.length ? element("h3", {}, parts.join(", ")) : element("span", { hidden: "" });
}

/** What may be wider than the page. */
function scrolled(...pictures) {
  return element("div", { class: "scroll" }, ...pictures);
}

// Drawing.

const FIGURES = { beliefs: beliefPicture, ngrams: ngramPicture, states: statePictures, gates: gatePictures, gradients: gradientPictures };

/** One figure of every reading, one above the other; hidden where no network has it. */
function show(id, pictureOf) {
  const section = byId(id);
  const pictures = state.readings.map((reading) => {
    const nodes = reading.reason ? null : pictureOf(reading, momentOf(reading, state.place));
    if (!nodes) return null;
    const title = state.readings.length > 1 ? [element("h3", {}, isolated(titleOf(reading)))] : [];
    return element("div", { class: "picture" }, ...title, ...nodes);
  }).filter(Boolean);
  section.querySelector(".pictures").replaceChildren(...pictures);
  section.hidden = !pictures.length;
}

const titleOf = ({ name, model }) => (models.length > 1 ? `${name}, ${model.name}` : name);

function drawAll() {
  const started = performance.now();
  const turn = (state.turn += 1);
  state.width = document.querySelector(".strip").clientWidth; // once: to ask again would lay the page out again
  const readable = state.readings.filter(({ reason }) => !reason);
  colour(readable.flatMap((reading) => leading(reading, readable.length > 1 ? 4 : 5).map((label) => reading.model.labels[label])));
  drawDesk();
  for (const [id, pictureOf] of Object.entries(FIGURES)) show(id, pictureOf);
  const cells = readable.map(({ model }) => model.network.architecture.cell);
  for (const words of document.querySelectorAll("[data-cell]")) words.hidden = !cells.includes(words.dataset.cell);
  const origins = [...new Set(readable.map((reading) => reading.model.labels[momentOf(reading, state.place).label]))];
  for (const answer of document.querySelectorAll(".answer")) answer.textContent = origins.length === 1 ? origins[0] : "the answer";
  drawWorth(turn, started);
}

/** What letters were worth takes as many readings as there are letters: long names are drawn when they are done. */
async function drawWorth(turn, started) {
  const worths = new Map();
  let breath = performance.now();
  for (const reading of state.readings.filter(({ reason }) => !reason)) {
    const { text, label } = momentOf(reading, state.place);
    const letters = [...text];
    for (const at of letters.keys()) {
      reading.model.probabilities(letters.toSpliced(at, 1).join(""));
      if (performance.now() - breath < BREATH) continue;
      await new Promise((resolve) => { setTimeout(resolve); });
      if (turn !== state.turn) return;
      breath = performance.now();
    }
    worths.set(reading, reading.model.worth(text, label));
  }
  show("worth", (reading, moment) => worthPicture(reading, moment, worths.get(reading)));
  drawNumbers(worths);
  follow();
  state.took = performance.now() - started;
  byId("took").textContent = `Computed and drawn here in ${Math.max(1, Math.round(state.took))} ms.`;
}

function drawDesk() {
  const longest = Math.max(...state.readings.map(({ letters }) => letters.length));
  slider.max = longest;
  slider.value = state.place;
  slider.disabled = byId("play").disabled = !longest;
  const texts = state.readings.map((reading) => momentOf(reading, state.place).text);
  slider.setAttribute("aria-valuetext", state.place ? `${state.place} of ${longest} letters read: ${texts[0]}` : "nothing read yet");
  byId("count").textContent = `${state.place} of ${longest} letters`;
  byId("strips").replaceChildren(...state.readings.map(strip));
  const axis = axisOf(state.readings[0], momentOf(state.readings[0], 0), false);
  slider.style.marginLeft = `${axis.at(0) - 8}px`;
  slider.style.width = `${axis.step * longest + 16}px`;
  byId("verdict").replaceChildren(...state.readings.map(verdict));
}

/** The letters of a reading, which lead to their moment. */
function strip(reading) {
  const moment = momentOf(reading, state.place);
  const axis = axisOf(reading, moment, false);
  const row = element("div", { class: "letters" });
  row.style.width = `${axis.width}px`;
  axis.symbols.forEach(({ shown, isRead }, column) => {
    const place = reading.at.indexOf(column);
    const kinds = [isRead ? "read" : "", column === moment.column ? "here" : "", place > 0 ? "" : "edge"].filter(Boolean);
    const cell = element("span", { class: kinds.join(" ") }, shown);
    cell.style.left = `${axis.at(column) - axis.step / 2}px`;
    cell.style.width = `${axis.step}px`;
    cell.addEventListener("click", () => go(place < 0 ? reading.letters.length : place));
    row.append(cell);
  });
  return row;
}

function verdict(reading) {
  const line = element("span", { class: "one" });
  if (state.readings.length > 1) line.append(element("span", { class: "who" }, isolated(titleOf(reading)), ": "));
  if (!reading.name.trim()) {
    line.append("Type a name above.");
    return line;
  }
  if (reading.reason) {
    line.append("no answer, for ", data.reasons[reading.reason], ".");
    return line;
  }
  const moment = momentOf(reading, state.place);
  const [first, ...others] = order(moment.probabilities).slice(0, 3).map((label) => [reading.model.labels[label], percent(moment.probabilities[label])]);
  if (!moment.here) line.append("Before the first letter: ");
  else if (moment.here < reading.letters.length) line.append("If it ended at “", isolated(moment.text), "”: ");
  else if (reading.part !== reading.name) line.append("By the family name “", isolated(reading.part), "”: ");
  else if (reading.text !== reading.name.toLowerCase()) line.append("Read as “", isolated(reading.text), "”: ");
  line.append(element("b", {}, isolated(first[0]), ` ${first[1]}`));
  for (const [name, value] of others) line.append(", ", isolated(name), ` ${value}`);
  line.append(".");
  return line;
}

/** The pictures as a table, for who reads no pictures. */
function drawNumbers(worths) {
  const tables = [...worths].map(([reading, worth]) => {
    const { model, letters, at, lead: shift } = reading;
    const moment = momentOf(reading, state.place);
    const shares = model.network.hasSteps && moment.read.layers.length ? gradientShares(model.network, moment, 0) : [];
    const cells = (tag, ...texts) => element("tr", {}, ...texts.map((text) => element(tag, tag === "th" ? { scope: "col" } : {}, text)));
    const rows = letters.slice(0, moment.here).map((letter, place) => {
      const probabilities = model.probabilities(letters.slice(0, place + 1).join(""));
      const [best] = order(probabilities);
      const share = shares[at[place + 1] - shift];
      return cells("td", isolated(letter.replace(" ", "␣")), isolated(model.labels[best]), percent(probabilities[best]), signed(worth[place]), share === undefined ? "–" : tellShare(share));
    });
    for (const row of rows) for (const cell of [...row.cells].slice(0, 2)) cell.className = "word";
    const head = cells("th", "letter", "if it ended here", "probability", "worth, nats", "gradient, share");
    head.cells[1].className = "word";
    return element("table", {}, element("caption", {}, isolated(titleOf(reading))), element("thead", {}, head), element("tbody", {}, ...rows));
  });
  byId("numbers").querySelector(".pictures").replaceChildren(...tables.map((table) => element("div", { class: "scroll", ...SCROLLS }, table)));
}

/** Keep the letter that was read last in sight where a name is wider than the page. */
function follow() {
  const axis = axisOf(state.readings[0], momentOf(state.readings[0], state.place), false);
  if (axis.width <= state.width) return;
  const strips = document.querySelector(".strip");
  for (const node of document.querySelectorAll(".strip, .scroll")) {
    if (node !== strips) for (const [name, value] of Object.entries(SCROLLS)) node.setAttribute(name, value);
    node.scrollLeft = axis.at(axis.here) - state.width / 2;
  }
}

// What the reader does.

function go(place) {
  state.place = place;
  drawAll();
}

function stop() {
  clearInterval(state.playing);
  state.playing = null;
  byId("play").lastElementChild.textContent = "play";
  byId("play").firstElementChild.textContent = "▶";
}

function play() {
  if (state.playing) return stop();
  if (state.place >= +slider.max) go(0);
  byId("play").lastElementChild.textContent = "pause";
  byId("play").firstElementChild.textContent = "❚❚";
  state.playing = setInterval(() => {
    go(state.place + 1);
    if (state.place >= +slider.max) stop();
  }, BEAT);
  return undefined;
}

/** Read what the fields hold, to the end. */
function ask() {
  stop();
  const used = fields.filter((_, place) => !asked[place].hidden);
  state.readings = used.map(({ name, run }) => readingOf(name.value || (name === fields[1].name ? fields[0].name.value : ""), models[+run.value]));
  const names = used.map(({ name }) => name.value);
  const address = names.filter((name, place) => place === 0 || name).map(encodeURIComponent).join("&");
  if (location.hash.slice(1) !== address) {
    try { history.replaceState(null, "", `#${address}`); } catch { /* a page without an address of its own */ }
  }
  go(Math.max(...state.readings.map(({ letters }) => letters.length)));
}

function besides(isShown) {
  asked[1].hidden = !isShown;
  byId("beside").setAttribute("aria-expanded", String(isShown));
  byId("beside").textContent = isShown ? "one alone" : "one more beside it";
}

/** Open with the names behind the # of the address: one, or two with & between. */
function open() {
  const wanted = location.hash.slice(1).split("&").filter(Boolean).map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
  const [first, second] = wanted.length ? wanted : data.names;
  fields[0].name.value = first ?? "Hinton";
  fields[1].name.value = second ?? "";
  fields[1].run.value = String(models.length > 1 ? 1 : 0);
  besides(second !== undefined || models.length > 1);
  ask();
}

for (const { name, run } of fields) {
  name.addEventListener("input", ask);
  run.addEventListener("change", ask);
}
byId("names").addEventListener("submit", (event) => event.preventDefault());
byId("beside").addEventListener("click", () => {
  besides(asked[1].hidden);
  ask();
  if (!asked[1].hidden) fields[1].name.focus();
});
byId("play").addEventListener("click", play);
slider.addEventListener("input", () => { stop(); go(+slider.value); });
window.addEventListener("hashchange", open);
window.addEventListener("resize", drawAll);
open();
window.charnn = { models, state };
