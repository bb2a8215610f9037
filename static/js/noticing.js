/* What a participant must not miss stands under the strip until she puts it away: the newest message, and the floor. */

import { lines, show } from "./rows.js";
import { hour } from "./saying.js";

export class Notices {
  constructor({ code, me, language }) {
    Object.assign(this, { language, key: `viso.read.${code}.${me}`, read: 0 });
    try {
      this.read = Number(localStorage.getItem(this.key));
    } catch {
      /* storage is closed to us: put away until this page is loaded again */
    }
    this.message = document.querySelector("[data-notice=message]");
    document.querySelectorAll("[data-put-away]").forEach((button) => {
      button.addEventListener("click", () => this.putAway(button.closest("[data-notice]")));
    });
  }

  putAway(notice) {
    notice.hidden = true;
    document.getElementById("main").focus({ preventScroll: true }); // the key that had it is gone
    if (notice !== this.message) return;
    this.read = Number(notice.dataset.id);
    try {
      localStorage.setItem(this.key, String(this.read));
    } catch {
      /* as above */
    }
  }

  floor(isGiven) {
    show("[data-notice=floor]", isGiven);
  }

  draw({ messages, session }, tongueOf) {
    const newest = messages.at(-1);
    if (!this.message || !newest || newest.id <= this.read) return show("[data-notice=message]", false);
    if (this.message.dataset.id !== String(newest.id)) {
      const tongue = tongueOf(newest);
      const text = this.message.querySelector("[data-text]");
      text.lang = tongue;
      lines(text, newest[`text_${tongue}`]);
      const who = [newest.author, hour(newest.at, session.zone, this.language)].filter(Boolean).join(", ");
      this.message.querySelector("[data-who]").textContent = who;
      this.message.dataset.id = String(newest.id);
    }
    return show("[data-notice=message]", true);
  }
}
