/* "Still here?" on the companion page: the question in the strip, said once, and her answer; the way to her signature. */

import { answerTo, canSign, current, drawInspectors, partNow } from "./checks.js";
import { say, show } from "./rows.js";
import { fill, hour } from "./saying.js";

const COMMAND = "attendance.answer_check";
const SHOWN = 1; // minutes for which a late answer is confirmed
const SPREAD = 30000; // a window opens for a whole room at once

export class Answering {
  /** `sent()` follows an answer that is kept here until a line takes it. */
  constructor(config, clock, line, sent) {
    Object.assign(this, { config, clock, line, words: config.words.check, told: "", title: document.title });
    this.spare();
    this.form = document.querySelector("form[data-check]");
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      document.getElementById("main").focus({ preventScroll: true }); // the key that had it goes
      line.keep(COMMAND, { check: this.form.elements.check.value });
      this.draw(true);
      sent();
    });
  }

  get sent() {
    return this.line.queue.find((entry) => entry.name === COMMAND)?.body.check;
  }

  draw(isInside) {
    const { state } = this.line;
    drawInspectors(state, this.config, this.clock);
    this.turn(state);
    const check = isInside ? current(state, this.clock) : null;
    const answer = answerTo(check, state.mine);
    this.ask(check && !answer && this.sent !== check.code ? check : null);
    this.thank(check, answer);
  }

  /** What can be signed is the server's to say: where that has turned, its words are asked for anew. */
  turn({ session, mine }) {
    const hers = JSON.stringify([mine.signed, mine.excused]);
    const window = `${partNow(session, this.clock)} ${canSign(session, this.clock)}`;
    const was = this.turned;
    this.turned = { hers, window };
    if (!was || (was.hers === hers && was.window === window)) return;
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.lookUp(), was.hers === hers ? Math.random() * SPREAD : 0);
  }

  async lookUp() {
    try {
      const answer = await fetch(this.config.page, { redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-signing]");
      if (fresh) document.querySelector("[data-signing]")?.replaceWith(fresh);
      this.spare();
    } catch {
      this.turned = { hers: "", window: "" }; // no net, or no such page any more: the next look tries again
    }
  }

  /** The video on this page stays: what is signed beside it opens in a tab of its own. */
  spare() {
    if (!this.config.embed) return;
    document.querySelectorAll("[data-signing] a").forEach((link) => {
      Object.assign(link, { target: "_blank", rel: "noopener" });
    });
  }

  said(key, moment) {
    return fill(this.words[key], { hour: hour(moment, this.line.state.session.zone, this.config.language) });
  }

  ask(check) {
    show("[data-check]", Boolean(check));
    document.querySelectorAll("[data-yields]").forEach((button) => button.classList.toggle("go", !check));
    document.title = check ? `${this.words.question} · ${this.title}` : this.title;
    if (!check) {
      say("[data-check-told]", "");
      return;
    }
    this.form.elements.check.value = check.code;
    const text = this.said(this.clock.minutesTo(check.until) > 0 ? "until" : "late", check.until);
    say("[data-check-words]", text);
    if (this.told !== check.code) say("[data-check-told]", `${this.words.question} ${text}`);
    this.told = check.code;
  }

  thank(check, answer) {
    const isFresh = answer && (this.clock.minutesTo(check.until) > 0 || this.clock.minutesTo(answer.at) > -SHOWN);
    show("[data-check-done]", Boolean(isFresh));
    if (isFresh) say("[data-check-answered]", this.said(answer.late ? "answered_late" : "answered", answer.at));
  }
}
