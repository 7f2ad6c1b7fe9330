// Lets a generator write: what is asked of it in a form, and the name that is being written.

import { Writer, startOf } from "./writing.js";

const BEAT = 900; // milliseconds a letter

const isGood = ({ value, validity }) =>
  value && !validity.rangeUnderflow && !validity.rangeOverflow && !validity.patternMismatch;

export class Pen {
  /** `subject` gives the model and the origin to write of; `show` is told when other letters are written. */
  constructor(form, subject, show) {
    const { start, temperature, nucleus, seed, write, letter, whole } = form.elements;
    Object.assign(this, { form, subject, show, fields: { start, temperature, nucleus, seed }, button: write });
    this.drop();
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.rewrite());
    write.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    letter.addEventListener("click", () => this.step());
    whole.addEventListener("click", () => this.step({ isWhole: true }));
  }

  /** Who writes as is asked; null where the network writes none, or something is asked that cannot be. */
  get writer() {
    const [model, origin] = this.subject();
    const asked = [model.name, origin, ...Object.values(this.fields).map(({ value }) => value)].join("\n");
    if (asked !== this.asked) Object.assign(this, { asked, ...this.read(model, origin) });
    return this.made;
  }

  /** {made, fault}: a writer, or in words what it cannot be asked. */
  read(model, origin) {
    if (!model.writes) return { made: null, fault: null };
    const { start, temperature, nucleus, seed } = this.fields;
    const wrong = [temperature, nucleus, seed].find((field) => !isGood(field));
    const { text, fault } = startOf(start.value, model);
    if (wrong || fault)
      return { made: null, fault: wrong ? `${wrong.labels[0].textContent} is ${wrong.title}` : fault };
    const manner = { start: text, temperature: +temperature.value, topP: +nucleus.value, seed: BigInt(seed.value) };
    return { made: new Writer(model, origin, manner), fault: null };
  }

  /** What is written, {text, isOpen}, null for nothing. */
  get page() {
    return this.name && { text: this.name.letters.slice(0, this.written).join(""), isOpen: this.isOpen };
  }

  get row() {
    return this.name?.row ?? 0;
  }

  /** Whether a name is being written that has not ended. */
  get isOpen() {
    return this.name !== null && this.written <= this.name.letters.length;
  }

  /** Begin with the next name, or with the first. */
  begin({ isFirst = !this.name } = {}) {
    const { writer } = this;
    const found = writer?.next(isFirst ? 0 : this.name.row + 1);
    this.count = isFirst ? 1 : this.count + 1;
    this.name = found ? { row: found.row, letters: [...found.text] } : null;
    this.written = writer ? [...writer.start].length : 0; // letters; one more with the end
    if (writer && !found) this.fault = "none of many names that it began came to an end";
  }

  /** One letter more, the rest of the name, or a new name. */
  step({ isWhole = false, isPlaying = false } = {}) {
    if (!isPlaying) this.stop();
    const isNew = !this.isOpen;
    if (isNew) this.begin();
    if (isWhole && this.name) this.written = this.name.letters.length + 1;
    else if (!isNew) this.written += 1;
    this.show();
  }

  play() {
    const beat = () => {
      this.step({ isPlaying: true });
      if (!this.isOpen) this.stop();
    };
    this.playing = setInterval(beat, BEAT);
    beat();
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.tell();
  }

  tell() {
    const [sign, word] = this.button.children;
    [sign.textContent, word.textContent] = this.playing ? ["❚❚", "pause"] : ["▶", "write"];
    const told = this.name ? `name ${this.count} of seed ${this.fields.seed.value}` : "";
    this.form.hidden = !this.writer && !this.fault;
    this.form.querySelector("output").textContent = this.fault ?? told;
  }

  /** What is asked for has changed: a name that was written is written anew. */
  rewrite() {
    this.stop();
    if (this.name && this.writer) {
      this.begin({ isFirst: true });
      if (this.name) this.written = this.name.letters.length + 1;
    }
    this.show();
  }

  /** Another name stands in its place. */
  drop() {
    this.name = null;
    this.stop();
  }
}
