"use strict";
(() => {
  const PAGE = 100;
  const byId = (id) => document.getElementById(id);

  const element = (tag, text, kind) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  };
  const isolated = (text) => {
    const node = element("bdi", text);
    node.translate = false;
    return node;
  };

  // Tables that sort: numbers fall first, words rise first; cells without a value stay last.
  const sort = (table, column, direction) => {
    const heads = table.tHead.rows[0].cells;
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const words = heads[column].classList.contains("words") && column === 0;
    const value = (row) => row.cells[column].dataset.value;
    const compare = (left, right) => {
      const [a, b] = [value(left), value(right)];
      if (a === "" || b === "") return (a === "") - (b === "");
      return direction * (words ? a.localeCompare(b) : a - b);
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const button of table.querySelectorAll("thead button")) {
      button.addEventListener("click", () => {
        const head = button.parentElement;
        const first = head.cellIndex === 0 ? 1 : -1;
        const now = { ascending: 1, descending: -1 }[head.getAttribute("aria-sort")];
        sort(table, head.cellIndex, now ? -now : first);
      });
    }
  }

  const data = JSON.parse(byId("data").textContent);
  const folded = (text) => Array.from(text.normalize("NFC"), (letter) => data.folds[letter] ?? letter).join("");
  const plain = (text) => folded(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // A name opens its reading: the live page, which reads the name behind the # of its own address.
  const dialog = byId("reading");
  const frame = dialog.querySelector("iframe");
  const read = (name) => {
    const show = () => { frame.contentWindow.location.hash = encodeURIComponent(name); };
    dialog.showModal();
    if (frame.srcdoc) return show();
    frame.addEventListener("load", show, { once: true });
    frame.srcdoc = data.reading;
    return undefined;
  };
  const opening = (text) => {
    if (data.file) {
      const link = element("a", undefined, "read");
      link.href = `${data.file}#${encodeURIComponent(text)}`;
      link.append(isolated(text));
      return link;
    }
    const button = element("button", undefined, "read");
    button.type = "button";
    button.title = "see it read letter by letter";
    button.append(isolated(text));
    button.addEventListener("click", () => read(text));
    return button;
  };
  for (const name of document.querySelectorAll("span.name")) name.replaceWith(opening(name.textContent));

  // The names: filtered as one types, a page at a time.
  const searched = data.names.map((name, row) => [plain(name), data.read[row] ?? ""].join("\n"));
  const outcome = (row) => {
    if (!data.answered[row]) return "silent";
    const place = data.leading[row].indexOf(data.origins[row]);
    return place === 0 ? "right" : place > 0 ? "top" : "wrong";
  };
  const outcomes = data.names.map((_, row) => outcome(row));
  const fields = { query: byId("query"), outcome: byId("outcome"), origin: byId("origin"), guess: byId("guess"), order: byId("order") };
  const body = byId("list").tBodies[0];
  let found = [];

  const matches = (row) => {
    const wanted = fields.outcome.value;
    return searched[row].includes(plain(fields.query.value.trim()))
      && (!wanted || outcomes[row] === wanted || (wanted === "wrong" && outcomes[row] === "top"))
      && (fields.origin.value === "" || data.origins[row] === +fields.origin.value)
      && (fields.guess.value === "" || (data.answered[row] ? data.leading[row][0] : -1) === +fields.guess.value);
  };

  const line = (row) => {
    const node = element("tr");
    const name = element("th");
    name.scope = "row";
    name.append(opening(data.names[row]));
    const origin = element("td");
    origin.append(isolated(data.labels[data.origins[row]]));
    const guesses = element("td");
    if (!data.answered[row]) guesses.append(element("span", "abstained", "wrong"));
    else data.leading[row].forEach((label, place) => {
      const isTrue = label === data.origins[row];
      const guess = element("span", undefined, isTrue ? "guess true right" : place === 0 ? "guess wrong" : "guess");
      if (isTrue) guess.append("✓ ");
      guess.append(isolated(data.labels[label]), " " + data.shares[row][place].toFixed(3));
      guesses.append(guess, " ");
    });
    node.append(name, origin, guesses);
    return node;
  };

  const showMore = () => {
    const start = body.rows.length;
    body.append(...found.slice(start, start + PAGE).map(line));
    const left = found.length - body.rows.length;
    byId("more").hidden = left === 0;
    byId("more").textContent = `show ${Math.min(left, PAGE)} more`;
    byId("found").textContent = `${found.length.toLocaleString("en")} of ${data.names.length.toLocaleString("en")} names`
      + (left ? `, the first ${body.rows.length.toLocaleString("en")} shown` : "");
  };
  const search = () => {
    found = data.names.map((_, row) => row).filter(matches);
    const sure = (row) => (data.answered[row] ? data.shares[row][0] : 0);
    const order = fields.order.value;
    if (order) found.sort((a, b) => (order === "sure" ? sure(b) - sure(a) : sure(a) - sure(b)) || a - b);
    body.replaceChildren();
    showMore();
  };

  byId("filters").addEventListener("input", search);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(search));
  byId("more").addEventListener("click", () => {
    const next = body.rows.length;
    showMore();
    const row = body.rows[next];
    if (row && byId("more").hidden) {
      row.tabIndex = -1;
      row.focus();
    }
  });
  const showNames = ({ origin, guess }) => {
    byId("filters").reset();
    fields.origin.value = origin;
    fields.guess.value = guess;
    search();
    byId("names").scrollIntoView();
    fields.query.focus({ preventScroll: true });
  };
  for (const button of document.querySelectorAll("button.show")) {
    button.addEventListener("click", () => showNames(button.dataset));
  }

  // The matrix: one stop of the tab key, arrows go on from there, Enter or a press shows the names of a cell.
  const cells = byId("cells");
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const goTo = (cell) => {
    for (const other of cells.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  };
  const beside = (cell, [down, right]) => {
    const row = cells.tBodies[0].rows[cell.parentElement.sectionRowIndex + down];
    const next = row?.cells[cell.cellIndex + right];
    return next?.matches("td:not(.sum)") ? next : undefined;
  };
  cells.setAttribute("role", "grid");
  for (const cell of cells.querySelectorAll("td:not(.sum)")) cell.tabIndex = -1;
  const firstCell = cells.querySelector("td[data-origin]");
  if (firstCell) firstCell.tabIndex = 0;
  cells.addEventListener("click", ({ target }) => { if (target.dataset.origin) showNames(target.dataset); });
  cells.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!(key in MOVES || key === "Enter" || key === " ")) return;
    event.preventDefault();
    const next = key in MOVES && beside(target, MOVES[key]);
    if (next) goTo(next);
    else if (!(key in MOVES) && target.dataset.origin) showNames(target.dataset);
  });
  search();
})();
