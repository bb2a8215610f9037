/* What changed, in sentences, for whoever does not see it: at most every five seconds, and silent while paused. */

import { fill } from "./saying.js";

const PACE = 5000;
const MOST = 4;

export class Teller {
  constructor({ words, me }) {
    Object.assign(this, { words, me, news: new Map(), isPaused: false, last: 0 });
    this.place = document.querySelector("[data-told]");
    const key = document.querySelector("[data-pause]");
    key?.addEventListener("click", () => {
      this.isPaused = !this.isPaused;
      key.setAttribute("aria-pressed", String(this.isPaused));
      if (this.isPaused) this.news.clear();
    });
  }

  compare(before, after) {
    for (const [code, row] of Object.entries(after.people)) {
      const was = before.people[code];
      if (!was || code === this.me) continue;
      if (row.hand && !was.hand) this.add(`hand ${code}`, "hand", row);
      else if (was.hand && !row.hand) this.takeBack(`hand ${code}`);
      if (row.standing === was.standing) continue;
      if (["here", "room"].includes(row.standing) && ["here", "room"].includes(was.standing)) continue;
      const word = { here: "arrived", room: "arrived", left: "gone", cut: "cut", video: "video" }[row.standing];
      if (word) this.add(code, word, row);
    }
    if (after.check && after.check.code !== before.check?.code) this.tell("check", this.words.asked.told);
    const known = before.pulse.alert ?? [];
    for (const each of after.pulse.alert ?? []) {
      if (!known.includes(each)) this.tell(each, this.words.alert[each]);
    }
  }

  add(key, word, row) {
    this.tell(key, fill(this.words[word], { name: row.name }));
  }

  /** The last thing said of somebody is the one that counts. */
  tell(key, sentence) {
    if (this.isPaused) return;
    this.news.delete(key);
    this.news.set(key, sentence);
    this.flushSoon();
  }

  flushSoon() {
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.last + PACE - Date.now()));
  }

  /** What is no longer so: unsaid where it waits, gone where it stands; a removal is not read aloud. */
  takeBack(key) {
    this.news.delete(key);
    Array.from(this.place?.children ?? []).find((each) => each.dataset.key === key)?.remove();
  }

  flush() {
    this.timer = undefined;
    if (!this.news.size) return;
    this.write([...this.news].slice(-MOST));
    this.news.clear();
  }

  /** The answer to one's own act, at once; what waits keeps its distance from it. */
  now(sentence) {
    this.write([["", sentence]]);
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.news.size) this.flushSoon();
  }

  write(news) {
    this.last = Date.now();
    const sentences = news.map(([key, sentence]) => {
      const span = document.createElement("span");
      span.dataset.key = key;
      span.textContent = `${sentence} `;
      return span;
    });
    this.place?.replaceChildren(...sentences);
  }
}
