// The pictures, drawn from numbers alone. All stand over the same columns, one a symbol, so that a letter is found at the
// same place from top to bottom. `axis` says where the columns are, in which of them the first symbol stands, what is
// written below them, and which is read last.

const SVG = "http://www.w3.org/2000/svg";
const LETTERS = 22; // pixels of the row of letters below a picture
const TOP = 20;
const VALUE = 14; // pixels for the number at the end of a bar
const SHADES = 16; // of either colour
const LEAST_NAMED = 0.2; // probability at the peak of a line that is named there
const MOST = 99; // nats; a probability of 0 has no logarithm

function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A number as text, with a true minus. */
export const number = (value, digits = 2) =>
  value
    .toFixed(digits)
    .replace(/^-(?=[0.]*$)/, "")
    .replace("-", "−");
export const signed = (value, digits = 2) => (value > 0 ? "+" : "") + number(value, digits);
export const percent = (value) =>
  value < 0.0005 ? "<0.001" : value > 0.9995 && value < 1 ? ">0.999" : value.toFixed(3);

/** Where columns stand: `left` pixels of margin, `step` pixels a column. */
export function columns(count, width, left, right) {
  const step = Math.max(13, Math.min(54, (width - left - right) / count));
  return { left, step, count, width: left + step * count, at: (column) => left + step * (column + 0.5) };
}

/** An empty picture: a band behind the symbol that was read last, and the symbols below. */
function canvas(axis, height, words, letters = LETTERS) {
  const svg = draw("svg", { width: axis.width + 2, height: height + letters, role: "img", "aria-label": words });
  svg.append(
    draw("rect", {
      class: "band",
      x: axis.at(axis.here) - axis.step / 2,
      y: 0,
      width: axis.step,
      height: height + letters,
    }),
  );
  if (letters)
    axis.symbols.forEach(({ shown, isRead }, column) => {
      svg.append(
        draw("text", { class: isRead ? "letter" : "letter later", x: axis.at(column), y: height + 15 }, shown),
      );
    });
  return svg;
}

function tick(svg, axis, y, words, kind = "grid") {
  svg.append(draw("line", { class: kind, x1: axis.left, x2: axis.width, y1: y, y2: y }));
  if (words) svg.append(draw("text", { class: "tick", x: axis.left - 6, y: y + 4 }, words));
}

const path = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** Probabilities of a few origins, `lines` of {values, colour, name}; `at` are the columns of the values. */
export function beliefs(axis, at, here, lines, words) {
  const height = 210;
  const svg = canvas(axis, height, words);
  const y = (value) => TOP + (1 - value) * (height - TOP - 2);
  for (const value of [0, 0.25, 0.5, 0.75, 1])
    tick(svg, axis, y(value), value % 0.5 ? "" : String(value), value ? "grid" : "axis");
  for (const { values, colour, name } of [...lines].reverse()) {
    const points = values.map((value, place) => [axis.at(at[place]), y(value)]);
    const line = { stroke: colour, class: "line" };
    svg.append(draw("path", { ...line, d: path(points.slice(0, here + 1)) }));
    svg.append(draw("path", { ...line, class: "line later", d: path(points.slice(here)) }));
    const [x, top] = points[here];
    svg.append(
      draw("circle", { cx: x, cy: top, r: 4, fill: colour }, draw("title", {}, `${name} ${percent(values[here])}`)),
    );
  }
  svg.append(...peakNames(axis, at, y, lines));
  return svg;
}

/** The names of lines at their peaks, highest first, each where it covers no other. */
function peakNames(axis, at, y, lines) {
  const placed = [];
  const peaks = lines.map((line) => ({ ...line, peak: line.values.indexOf(Math.max(...line.values)) }));
  for (const { name, colour, values, peak } of peaks.sort(
    (one, other) => other.values[other.peak] - one.values[one.peak],
  )) {
    const size = 3.4 * [...name].length;
    const x = Math.max(axis.left + size, Math.min(axis.width - size, axis.at(at[peak])));
    const spots = [y(values[peak]) - 8, y(values[peak]) + 17].filter((spot) => spot > 10 && spot < y(0) - 4);
    const free = spots.find((spot) =>
      placed.every((other) => Math.abs(other.spot - spot) > 13 || Math.abs(other.x - x) > other.size + size),
    );
    if (values[peak] < LEAST_NAMED || free === undefined) continue;
    placed.push({ x, size, spot: free, node: draw("text", { class: "peak", x, y: free, fill: colour }, name) });
  }
  return placed.map(({ node }) => node);
}

/** Signed bars over some of the columns: `bars` of {column, value, title}; `tell` writes a value. */
export function signedBars(axis, bars, words, tell = signed) {
  const height = 130;
  const svg = canvas(axis, height, words);
  const values = bars.map(({ value }) => Math.max(-MOST, Math.min(MOST, value)));
  const [most, least] = [Math.max(0.5, ...values), Math.min(0, ...values)];
  const room = height - VALUE - 4 - (least < 0 ? VALUE : 3);
  const y = (value) => VALUE + 4 + (room * (most - value)) / (most - least);
  tick(svg, axis, y(0), "0", "axis");
  tick(svg, axis, y(most), number(most, 1));
  const width = Math.min(axis.step * 0.62, 26);
  bars.forEach(({ column, title }, place) => {
    const [x, value] = [axis.at(column), values[place]];
    const [top, bottom] = [y(Math.max(value, 0)), y(Math.min(value, 0))];
    const bar = { x: x - width / 2, y: top, width, height: Math.max(bottom - top, 0.5) };
    svg.append(draw("rect", { ...bar, class: value < 0 ? "negative" : "positive" }, draw("title", {}, title)));
    const words = tell(value, axis.step < 34 ? 1 : 2);
    if (axis.step >= 27 && Math.abs(value) >= 0.05)
      svg.append(draw("text", { class: "value", x, y: value < 0 ? bottom + 11 : top - 4 }, words));
  });
  return svg;
}

/**
 * Rows of cells: `rows` of {name, values}, each value between −1 and 1 by `scale`. Cells of one shade are one shape,
 * since a page of a thousand shapes is slow. `onCell` hears of the cell that is pointed at.
 */
export function heat(axis, rows, { scale = (value) => value, row = 13, onCell }, words) {
  const svg = canvas(axis, rows.length * row + 2, words);
  const shades = new Map();
  rows.forEach(({ name, values }, place) => {
    svg.append(draw("text", { class: "tick", x: axis.left - 6, y: place * row + row - 2 }, name));
    values.forEach((value, t) => {
      const shade = Math.round(SHADES * Math.max(-1, Math.min(1, scale(value))));
      const [left, right] = [-1, 1].map((side) => (axis.at(t + axis.first) + (side * (axis.step - 1)) / 2).toFixed(1));
      const cell = `M${left} ${place * row + 0.5}H${right}v${row - 1}H${left}z`;
      if (shade) shades.set(shade, (shades.get(shade) ?? "") + cell);
    });
  });
  for (const [shade, d] of shades)
    svg.append(
      draw("path", { d, class: shade < 0 ? "negative" : "positive", "fill-opacity": Math.abs(shade) / SHADES }),
    );
  svg.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const [column, line] = [Math.floor((offsetX - axis.left) / axis.step), rows[Math.floor(offsetY / row)]];
    const value = line?.values[column - axis.first];
    if (value !== undefined) onCell(`unit ${line.name} at ${axis.symbols[column].shown}: ${number(value)}`);
  });
  return svg;
}

/**
 * What is expected behind each symbol: `stacks` of {column, choices}, the likeliest choice on top, each {shown, share,
 * came}; the one that came has a frame. Stacks behind `here` are still to come.
 */
export function stackedChoices(axis, stacks, words) {
  const row = 19;
  const svg = canvas(axis, Math.max(...stacks.map(({ choices }) => choices.length)) * row + 3, words);
  for (const { column, choices } of stacks) {
    const group = draw("g", { class: column > axis.here ? "choices later" : "choices" });
    choices.forEach(({ shown, share, came }, rank) => {
      const box = {
        x: axis.at(column) - axis.step / 2 + 1,
        y: rank * row + 1.5,
        width: axis.step - 2,
        height: row - 2,
      };
      const told = axis.step < 48 ? shown : `${shown} ${share.toFixed(2).replace(/^0/, "")}`;
      const title = draw("title", {}, `${shown} ${percent(share)}`);
      group.append(
        draw("rect", { ...box, class: "positive", "fill-opacity": share.toFixed(3) }, title),
        draw("text", { class: share > 0.55 ? "choice on" : "choice", x: axis.at(column), y: rank * row + 14 }, told),
      );
      if (came) group.append(draw("rect", { ...box, class: "frame" }));
    });
    svg.append(group);
  }
  return svg;
}

/** Shares of 1 end to end, as wide as they are: `parts` of {shown, share}; and where a number falls, null for none. */
export function roulette(width, parts, number, words) {
  const [height, top] = [34, 16];
  const svg = draw("svg", { width, height: height + top + 2, role: "img", "aria-label": words });
  const at = number === null ? -1 : number * width;
  let left = 0;
  for (const { shown, share } of parts) {
    const wide = share * width;
    const hit = at >= left && at < left + wide;
    const box = { x: left.toFixed(2), y: top, width: wide.toFixed(2), height };
    svg.append(
      draw("rect", { ...box, class: hit ? "part hit" : "part" }, draw("title", {}, `${shown} ${percent(share)}`)),
    );
    if (wide >= 12)
      svg.append(draw("text", { class: hit ? "choice on" : "choice", x: left + wide / 2, y: top + 22 }, shown));
    left += wide;
  }
  if (at >= 0) svg.append(draw("path", { class: "needle", d: `M${at - 5} 2h10l-5 ${top - 3}z` }));
  return svg;
}

/** The median of all units and their middle half at each symbol, from 0 to 1: `spread` of [lower, median, upper]. */
export function spreads(axis, spread, words) {
  const height = 64;
  const svg = canvas(axis, height, words, 0);
  const y = (value) => 4 + (1 - value) * (height - 8);
  for (const value of [0, 0.5, 1])
    tick(svg, axis, y(value), value === 0.5 ? "" : String(value), value ? "grid" : "axis");
  const side = (which) => spread.map((values, t) => [axis.at(t + axis.first), y(values[which])]);
  svg.append(draw("path", { class: "middle", d: `${path([...side(0), ...side(2).reverse()])}Z` }));
  svg.append(draw("path", { class: "median", d: path(side(1)) }));
  return svg;
}

/** Shares on a logarithmic axis, down to 10⁻¹²: a stem for each of some columns. */
export function logStems(axis, shares, words, kind = "") {
  const height = 130;
  const svg = canvas(axis, height, words);
  const logs = shares.map((share) => (share > 0 ? Math.log10(share) : -Infinity));
  const lowest = Math.max(-12, Math.min(-3, Math.floor(Math.min(...logs.filter(Number.isFinite)))));
  const highest = Math.max(0, Math.ceil(Math.max(...logs.filter(Number.isFinite)) - 0.05));
  const y = (log) => TOP + ((highest - log) / (highest - lowest)) * (height - TOP - 4);
  const every = Math.ceil((highest - lowest) / 4);
  for (let power = highest; power >= lowest; power -= every)
    tick(svg, axis, y(power), power ? `10${superscript(power)}` : "1", power === 0 ? "axis" : "grid");
  logs.forEach((log, t) => {
    const [x, bottom] = [axis.at(t + axis.first), y(lowest) + 3];
    const title = draw("title", {}, `${axis.symbols[t + axis.first].shown}: ${tellShare(shares[t])}`);
    if (log < lowest) svg.append(draw("text", { class: "value", x, y: bottom - 2 }, "↓", title));
    else
      svg.append(
        draw("line", { class: `stem ${kind}`, x1: x, x2: x, y1: y(log), y2: bottom }),
        draw("circle", { class: `dot ${kind}`, cx: x, cy: y(log), r: 4 }, title),
      );
    if (axis.step >= 34 && log >= lowest)
      svg.append(draw("text", { class: "value", x, y: y(log) - 8 }, tellShare(shares[t])));
  });
  return svg;
}

/** A share that may be tiny. */
export const tellShare = (share) =>
  share === 0
    ? "0"
    : share >= 0.001
      ? share.toPrecision(2)
      : share
          .toExponential(0)
          .replace("e-", " · 10⁻")
          .replace(/(?<=⁻)\d+/, (power) => superscript(+power));

const superscript = (power) => String(power).replace(/./g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[+digit]));

/** Origins or n-grams with a number each, as a list beside a picture, and sums below them. */
export function ranking(entries, sums = []) {
  const items = entries.map(({ name, value, colour, share }) => {
    const parts = [element("span", { class: "swatch" }), isolated(name), element("span", { class: "number" }, value)];
    const item = element("li", {}, ...parts, ...(share === undefined ? [] : [element("span", { class: "bar" })]));
    item.style.setProperty("--colour", colour);
    item.style.setProperty("--share", share ?? 0);
    return item;
  });
  const below = sums.map(({ name, value }) => {
    return element(
      "li",
      { class: "sum" },
      element("span"),
      element("span", {}, name),
      element("span", { class: "number" }, value),
    );
  });
  return element("ol", { class: "beside" }, ...items, ...below);
}

export function isolated(text) {
  return element("bdi", { translate: "no" }, text);
}
