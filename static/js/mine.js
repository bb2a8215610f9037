/* The strip: shape, word and hour of my presence, and whether the server has it. */

import { say } from "./rows.js";
import { fill, hour } from "./saying.js";

export const INSIDE = ["here", "cut", "video"];
export const CAME = [...INSIDE, "room"]; // a page of hers may be in the room, or she is herself
const SHOWN = 8000;

export class Strip {
  /** `look()` answers {mine, zone, isOn}: what the state says of me, and whether this page counts me. */
  constructor({ words, language }, look) {
    Object.assign(this, { words: words.mine, language, look, mark: document.querySelector("[data-mine]") });
    Object.assign(this, { isSaved: false, isLost: false, isBack: false, isRefused: false });
  }

  saved(is) {
    this.isSaved = is;
    this.draw();
  }

  line(what) {
    this.isRefused = what === "refused";
    this.isBack = what === "open" && this.isLost && this.look().isOn;
    this.isLost = what === "lost";
    if (this.isLost) this.isSaved = false;
    this.draw();
    if (this.isBack) setTimeout(() => { this.isBack = false; this.draw(); }, SHOWN);
  }

  key({ mine, isOn }) {
    if (this.isRefused) return "refused";
    const isInside = INSIDE.includes(mine.standing) || (isOn && mine.standing === "room");
    if (!isOn && !isInside) return ["left", "room"].includes(mine.standing) ? mine.standing : "outside";
    if (this.isLost) return "lost";
    if (this.isBack) return "back";
    if (!isInside) return "entering";
    if (mine.standing === "video" && !isOn) return "video";
    return this.isSaved || !isOn ? "saved" : "saving";
  }

  draw() {
    if (!this.mark) return;
    const now = this.look();
    const { mine, zone, isOn } = now;
    const isHere = isOn || INSIDE.includes(mine.standing);
    const facts = { hour: mine.since ? hour(mine.since, zone, this.language) : "–" };
    const key = this.key(now);
    const shapes = { refused: "left", video: "video", room: "here" };
    this.mark.dataset.is = shapes[key] ?? (isHere ? (this.isLost ? "cut" : "here") : mine.standing);
    say("[data-mine]", fill(this.words[key], facts));
  }
}
