/* The host's card of the presence check, and beside each person what she signed and answered (web/checks.py). */

import { answerTo, canSign, current, drawInspectors, partNow, partsOver, settled } from "./checks.js";
import { CAME } from "./mine.js";
import { say, show } from "./rows.js";
import { fill, hour } from "./saying.js";

export class Marking {
  /** `ask(name, body)` sends a command and tells what was refused. */
  constructor(config, clock, line, ask) {
    Object.assign(this, { config, clock, line, words: config.words.marks, asked: config.words.asked });
    this.form = document.querySelector("form[data-ask-check]");
    this.form?.addEventListener("submit", (event) => {
      if (!line.isOpen) return; // the form goes its own way
      event.preventDefault();
      ask("attendance.ask_check", {});
    });
  }

  hour(moment) {
    return hour(moment, this.line.state.session.zone, this.config.language);
  }

  /** What all rows depend on beside the state: where it turns, they are drawn anew. */
  get phase() {
    const { state } = this.line;
    const check = current(state, this.clock)?.code;
    return [partNow(state.session, this.clock), partsOver(state.session, this.clock), canSign(state.session, this.clock), check].join();
  }

  turns() {
    const before = this.drawn;
    this.drawn = this.phase;
    return before !== this.drawn;
  }

  /** Whether her signature is awaited in this half-day. */
  awaits(row, part) {
    return [...CAME, "left"].includes(row.standing) && !row.excused.includes(part);
  }

  /** Whether she counts among those who sign this half-day, come or still to come. */
  expects(row, part) {
    return row.standing !== "declined" && !row.excused.includes(part);
  }

  signature(row, part) {
    if (row.signed.includes(part)) return ["good", this.words.signed];
    if (row.excused.includes(part)) return ["", this.words.excused];
    const isDue = row.role === "participant" && this.awaits(row, part) && canSign(this.line.state.session, this.clock);
    return ["", isDue ? this.words.unsigned : ""];
  }

  answer(row, check) {
    const answer = answerTo(check, row);
    if (answer) {
      const key = answer.late ? "late" : "answered";
      return [answer.late ? "care" : "good", fill(this.words[key], { hour: this.hour(answer.at) })];
    }
    const isAwaited = check && row.role === "participant" && CAME.includes(row.standing);
    return ["", isAwaited ? this.words.waiting : ""];
  }

  person(row, person) {
    const { state } = this.line;
    this.chip(row, "signed", this.signature(person, partNow(state.session, this.clock)));
    this.chip(row, "answer", this.answer(person, current(state, this.clock)));
  }

  chip(row, name, [tone, text]) {
    const chip = row.querySelector(`[data-of="${name}"]`);
    chip.hidden = !text;
    chip.className = tone ? `chip ${tone}` : "tiny muted"; // a chip says what is there, quiet words what is not
    if (chip.textContent !== text) chip.textContent = text;
  }

  draw() {
    const { state } = this.line;
    drawInspectors(state, this.config, this.clock);
    if (!this.form) return;
    const people = Object.values(state.people).map((row) => settled(row, state.session, this.clock));
    const guests = people.filter((row) => row.role === "participant");
    const part = partNow(state.session, this.clock);
    const signed = guests.filter((row) => row.signed.includes(part)).length;
    const came = guests.filter((row) => row.signed.includes(part) || this.expects(row, part)).length;
    say("[data-signed-count]", fill(this.asked.signed, { signed, came }));
    this.count(current(state, this.clock), guests);
    this.tell(state.check);
  }

  count(check, guests) {
    show("[data-asked-count]", Boolean(check));
    if (!check) return;
    const answers = guests.filter((row) => answerTo(check, row));
    const asked = guests.filter((row) => answerTo(check, row) || CAME.includes(row.standing)).length;
    say("[data-asked-count]", fill(this.asked.count, { answered: answers.length, asked }));
  }

  tell(check) {
    const isOpen = Boolean(check) && this.clock.minutesTo(check.until) > 0;
    this.form.querySelector("button").disabled = isOpen;
    if (!check) return;
    const key = isOpen ? (check.by_clock ? "clock" : "open") : "over";
    say("[data-asked]", fill(this.asked[key], { asked: this.hour(check.asked), until: this.hour(check.until) }));
  }
}
