// The page: what is asked for, how much of it has been read, and what follows from what the reader does.

import { element, isolated, number, percent } from "./charts.js";
import { modelsOf } from "./model.js";
import { Pen } from "./pen.js";
import { FIGURES, axisOf, courseTable, expected, numbersTable, spelled, worthPicture } from "./pictures.js";
import { Course, Reading, order } from "./reading.js";

const COLOURS = 7;
const BREATH = 25; // milliseconds of work after which the page is drawn
const BEAT = 700; // milliseconds a letter when it plays
const SCROLLS = { tabindex: "0", role: "group", "aria-label": "scrolls sideways" };

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const models = modelsOf(data);
const fields = [0, 1].map((place) => ({
  name: byId(`name-${place}`),
  run: byId(`run-${place}`),
  origin: byId(`origin-${place}`), // null in a page where no network writes
}));
const asked = [...document.querySelectorAll(".asked")];
const slider = byId("place");
const numbers = byId("numbers");

const state = { readings: [], place: 0, colours: [], playing: null, turn: 0, took: 0, worths: new Map() };
const scene = {
  width: 0, // pixels
  columns: 0,
  isShown: (origin) => state.colours.includes(origin),
  colourOf: (origin) => (scene.isShown(origin) ? `var(--origin-${state.colours.indexOf(origin)})` : "var(--line)"),
  first: null, // of the readings, which is the one that a generator writes
  pen: null,
};

const readable = () => state.readings.filter(({ reason }) => !reason);
const titleOf = ({ name, model, as }) =>
  [name, model.writes && `as ${model.labels[as]}`, models.length > 1 && model.name].filter(Boolean).join(", ");

/** Give each origin that is shown a colour; one that had a colour keeps it. */
function colour(origins) {
  const wanted = [...new Set(origins)].slice(0, COLOURS);
  state.colours = Array.from({ length: COLOURS }, (_, slot) => wanted.find((origin) => origin === state.colours[slot]));
  for (const origin of wanted) {
    if (!state.colours.includes(origin)) state.colours[state.colours.indexOf(undefined)] = origin;
  }
}

/** One figure of every reading, one above the other; hidden where no network has it. */
function show(id, pictureOf) {
  const section = byId(id);
  if (!section) return;
  const pictures = readable().flatMap((reading) => {
    const nodes = pictureOf(reading, reading.moment(state.place), scene);
    if (!nodes) return [];
    const title = state.readings.length > 1 ? [element("h3", {}, isolated(titleOf(reading)))] : [];
    return [element("div", { class: "picture" }, ...title, ...nodes)];
  });
  section.querySelector(".pictures").replaceChildren(...pictures);
  section.hidden = !pictures.length;
}

function drawAll() {
  const started = performance.now();
  state.turn += 1;
  scene.width = document.querySelector(".strip").clientWidth; // once: to ask again would lay the page out again
  scene.columns = Math.max(...state.readings.map(({ shown }) => shown.length));
  const count = readable().length > 1 ? 3 : 5;
  const leading = readable().flatMap((reading) => reading.leading(count));
  colour([...leading, ...readable().map((reading) => reading.moment(state.place).origin)]);
  drawDesk();
  for (const [id, pictureOf] of Object.entries(FIGURES)) show(id, pictureOf);
  const cells = readable().map(({ model }) => model.network.architecture.cell);
  for (const words of document.querySelectorAll("[data-cell]")) words.hidden = !cells.includes(words.dataset.cell);
  const tasks = readable().map(({ model }) => model.network.architecture.task);
  for (const words of document.querySelectorAll("[data-task]")) words.hidden = !tasks.includes(words.dataset.task);
  const origins = new Set(readable().map((reading) => reading.moment(state.place).origin));
  const answer = origins.size === 1 ? [...origins][0] : "the answer";
  for (const words of document.querySelectorAll(".answer")) words.textContent = answer;
  drawWorth(state.turn, started);
}

/** What letters were worth takes as many readings as there are letters: long names are drawn when they are done. */
async function drawWorth(turn, started) {
  const worths = new Map();
  let breath = performance.now();
  for (const reading of readable().filter(({ model }) => !model.writes)) {
    const { text, label } = reading.moment(state.place);
    const letters = [...text];
    for (const at of letters.keys()) {
      reading.model.probabilities(letters.toSpliced(at, 1).join(""));
      if (performance.now() - breath < BREATH) continue;
      await new Promise((resolve) => {
        setTimeout(resolve);
      });
      if (turn !== state.turn) return;
      breath = performance.now();
    }
    worths.set(reading, reading.model.worth(text, label));
  }
  state.worths = worths;
  show("worth", (reading, moment) => {
    return worths.has(reading) ? worthPicture(reading, moment, scene, worths.get(reading)) : null;
  });
  drawNumbers();
  follow();
  state.took = performance.now() - started;
  byId("took").textContent = `Computed and drawn here in ${Math.max(1, Math.round(state.took))} ms.`;
}

function drawNumbers() {
  if (!numbers.open) return;
  const tables = readable().map((reading) => {
    const [moment, title, worth] = [reading.moment(state.place), titleOf(reading), state.worths.get(reading)];
    const table = worth ? numbersTable(reading, moment, worth, title) : courseTable(reading, moment, title);
    return element("div", { class: "scroll", ...SCROLLS }, table);
  });
  numbers.querySelector(".pictures").replaceChildren(...tables);
}

/** Names as they are read, the slider below them, and the verdict. */
function drawDesk() {
  const longest = Math.max(...state.readings.map(({ letters }) => letters.length));
  Object.assign(slider, { max: longest, value: state.place, disabled: !longest });
  byId("play").disabled = !longest;
  const { text } = state.readings[0].moment(state.place);
  slider.setAttribute(
    "aria-valuetext",
    state.place ? `${state.place} of ${longest} letters read: ${text}` : "nothing read yet",
  );
  byId("count").textContent = `${state.place} of ${longest} letters`;
  const strips = state.readings.map((reading) => [
    reading,
    axisOf(reading, reading.moment(state.place), scene, { withEnd: false }),
  ]);
  byId("strips").replaceChildren(...strips.map(([reading, axis]) => strip(reading, axis)));
  const [[, axis]] = strips;
  slider.style.marginLeft = `${axis.at(0) - 8}px`;
  slider.style.width = `${axis.step * longest + 16}px`;
  byId("verdict").replaceChildren(...state.readings.map(verdict));
}

/** The letters of a reading, each of which leads to its moment. */
function strip(reading, axis) {
  const row = element("div", { class: "letters" });
  row.style.width = `${axis.width}px`;
  axis.symbols.forEach(({ shown, isRead }, column) => {
    const place = reading.columns.indexOf(column);
    const kinds = [isRead && "read", column === axis.here && "here", place <= 0 && "edge"].filter(Boolean);
    const cell = element("span", { class: kinds.join(" ") }, shown);
    cell.style.left = `${axis.at(column) - axis.step / 2}px`;
    cell.style.width = `${axis.step}px`;
    cell.addEventListener("click", () => {
      stop();
      go(place < 0 ? reading.letters.length : place);
    });
    row.append(cell);
  });
  return row;
}

/** In words what a reading says by now. */
function verdict(reading) {
  const who = state.readings.length > 1 ? [element("span", { class: "who" }, isolated(titleOf(reading)), ": ")] : [];
  return element("span", { class: "one" }, ...who, ...said(reading));
}

function said(reading) {
  if (reading.reason && !reading.name.trim()) return ["Type a name above."];
  if (reading.reason) return ["no answer, for ", data.reasons[reading.reason], "."];
  const moment = reading.moment(state.place);
  if (reading.model.writes) return saidOfCourse(reading, moment);
  const best = moment.ranked.slice(0, 3).map((label) => [reading.model.labels[label], moment.beliefs[label]]);
  return [...condition(reading, moment), ...inARow(best), "."];
}

/** Texts with probabilities, the first of which counts most. */
function inARow(best) {
  const [first, ...others] = best.map(([text, share]) => [isolated(text), ` ${percent(share)}`]);
  return [element("b", {}, ...first), ...others.flatMap((other) => [", ", ...other])];
}

/** What a generator expects, and what came and cost. */
function saidOfCourse(reading, { here, text }) {
  const [label, bits] = [reading.model.labels[reading.as], reading.bits(here)];
  const best = expected(reading, here).slice(0, 3);
  const behind = here ? [", after “", isolated(text), "”: "] : [", first of all: "];
  const came = isolated(spelled(reading.shown[reading.ends[here]]));
  const isWhole = here === reading.letters.length && !reading.isOpen;
  return [
    reading.part === reading.name ? "As " : "By the family name, as ",
    isolated(label),
    ...behind,
    ...inARow(best.map(({ shown, share }) => [spelled(shown), share])),
    ". ",
    ...(bits === null ? [] : ["What came is ", came, `, for ${number(bits)} bits. `]),
    ...(isWhole ? [`All of it cost ${number(reading.allBits, 1)}.`] : []),
  ];
}

/** What of the name the verdict is of. */
function condition(reading, { here, text }) {
  if (!here) return ["Before the first letter: "];
  if (here < reading.letters.length) return ["If it ended at “", isolated(text), "”: "];
  if (reading.part !== reading.name) return ["By the family name “", isolated(reading.part), "”: "];
  return text.toLowerCase() === reading.name.toLowerCase() ? [] : ["Read as “", isolated(text), "”: "];
}

/** Keep the letter that was read last in sight where a name is wider than the page. */
function follow() {
  const axis = axisOf(state.readings[0], state.readings[0].moment(state.place), scene, { withEnd: false });
  if (axis.width <= scene.width) return;
  for (const node of document.querySelectorAll(".picture .scroll")) {
    for (const [name, value] of Object.entries(SCROLLS)) node.setAttribute(name, value);
  }
  for (const node of document.querySelectorAll(".strip, .picture .scroll")) {
    node.scrollLeft = axis.at(axis.here) - scene.width / 2;
  }
}

function go(place) {
  state.place = place;
  drawAll();
}

function playing(isOn) {
  const [sign, word] = byId("play").children;
  [sign.textContent, word.textContent] = isOn ? ["❚❚", "pause"] : ["▶", "play"];
}

function stop({ isWriting = false } = {}) {
  if (!isWriting) scene.pen?.stop();
  clearInterval(state.playing);
  state.playing = null;
  playing(false);
}

function play() {
  scene.pen?.stop();
  if (state.place >= +slider.max) go(0);
  playing(true);
  state.playing = setInterval(() => {
    go(state.place + 1);
    if (state.place >= +slider.max) stop();
  }, BEAT);
}

/** The origins that a generator can take a name for; at first the likeliest of the name. */
function offerOrigins({ run, origin }, name) {
  const model = models[+run.value];
  if (!origin) return;
  origin.parentElement.hidden = !model.writes;
  if (!model.writes || origin.dataset.run === run.value) return;
  const before = origin.value;
  origin.dataset.run = run.value;
  origin.replaceChildren(...model.labels.map((label) => element("option", { translate: "no" }, label)));
  const [likeliest] = order(model.predict(name).probabilities ?? model.priors);
  origin.selectedIndex = model.labels.includes(before) ? model.labels.indexOf(before) : likeliest;
}

/** A name as a field's network reads it; `written` is {text, isOpen} of one that is being written. */
function readingOf({ run, origin }, name, written) {
  const model = models[+run.value];
  if (!model.writes) return new Reading(name, model);
  return new Course(name, model, origin.selectedIndex, written ?? (name.trim() ? {} : { text: "", isOpen: true }));
}

/** Read what the fields hold, and what is being written, to the end. */
function ask() {
  const written = scene.pen?.page ?? null;
  stop({ isWriting: written !== null });
  const used = fields.filter((_, place) => !asked[place].hidden);
  const names = used.map(({ name }) => name.value);
  used.forEach((field, place) => offerOrigins(field, names[place] || names[0]));
  state.readings = used.map((field, place) => {
    return readingOf(field, names[place] || names[0], place && names[place] ? null : written);
  });
  [scene.first] = state.readings;
  scene.pen?.tell();
  const address = `#${names.filter(Boolean).map(encodeURIComponent).join("&")}`;
  try {
    if (location.hash !== address) history.replaceState(null, "", address);
  } catch {
    /* a page in a frame may have no address of its own */
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
  const wanted = location.hash.slice(1).split("&").filter(Boolean).map(decoded);
  const [first, second] = wanted.length ? wanted : data.names;
  scene.pen?.drop();
  fields[0].name.value = first ?? "Hinton";
  fields[1].name.value = second ?? "";
  fields[1].run.value = String(models.length > 1 ? 1 : 0);
  besides(second !== undefined || models.length > 1);
  ask();
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

if (byId("pen")) {
  const [{ run, origin }] = fields;
  scene.pen = new Pen(
    byId("pen"),
    () => [models[+run.value], origin.selectedIndex],
    () => {
      fields[0].name.value = scene.pen.page?.text ?? fields[0].name.value;
      ask();
    },
  );
}
fields[0].name.addEventListener("input", () => scene.pen?.drop());
for (const field of fields) {
  field.name.addEventListener("input", ask);
  for (const select of [field.run, field.origin].filter(Boolean)) {
    select.addEventListener("change", () => {
      offerOrigins(field, field.name.value);
      if (scene.pen) scene.pen.rewrite();
      else ask();
    });
  }
}
byId("names").addEventListener("submit", (event) => event.preventDefault());
byId("beside").addEventListener("click", () => {
  besides(asked[1].hidden);
  ask();
  if (!asked[1].hidden) fields[1].name.focus();
});
byId("play").addEventListener("click", () => (state.playing ? stop() : play()));
slider.addEventListener("input", () => {
  stop();
  go(+slider.value);
});
numbers.addEventListener("toggle", drawNumbers);
window.addEventListener("hashchange", open);
window.addEventListener("resize", drawAll);
open();
window.charnn = { models, state };
