/* My presence: one connection per tab, renewed by beats, honest about the time this page slept. */

import { newId } from "./connection.js";
import { isGoingOn } from "./staying.js";

const ASLEEP = 60000;

export class Presence {
  /** `on.saved(isSaved)` and `on.hour(instant)`; `csrf` signs what leaves without a socket. */
  constructor(line, tab, config, csrf, on) {
    Object.assign(this, { line, tab, config, csrf, on });
    Object.assign(this, { isOn: false, isAwake: false, event: "", seen: Date.now(), next: 0, isAsking: false });
    this.tickWith(config.ticker);
    window.addEventListener("pagehide", () => this.goAway());
    window.addEventListener("pageshow", (event) => event.persisted && this.comeBack());
  }

  tickWith(address) {
    try {
      this.worker = new Worker(address);
      this.worker.addEventListener("message", () => this.tick());
      this.worker.addEventListener("error", () => this.tickHere());
    } catch {
      this.tickHere();
    }
  }

  tickHere() {
    this.timer ??= setInterval(() => this.tick(), 5000);
  }

  begin() {
    if (this.isOn) return;
    this.isOn = true;
    this.next = Date.now() + 3000; // by a plain request, should no line stand by then
    if (this.line.isOpen) this.arrive();
  }

  end() {
    this.isOn = false;
  }

  /** A page that was frozen finds a hole between two ticks: what happened in it, it did not see. */
  look() {
    const present = Date.now();
    if (present - this.seen > ASLEEP) {
      this.isAwake = false;
      this.next = 0;
      this.slept = true;
    }
    this.seen = present;
  }

  tick() {
    this.look();
    if (!this.isOn || this.isAsking) return;
    if (this.slept) this.arrive();
    else if (Date.now() >= this.next) this.beat();
  }

  later() {
    this.next = Date.now() + this.config.beat * 1000 * (0.8 + Math.random() * 0.4);
  }

  /** The same event id until the server has it, so that a repeated message is one fact. */
  async arrive() {
    if (!this.isOn) return;
    this.look();
    this.event ||= newId();
    const body = { connection: this.tab.connection, event: this.event, awake: this.isAwake };
    this.slept = false;
    await this.ask("join", body);
  }

  async beat() {
    await this.ask("beat", { connection: this.tab.connection, seq: this.line.seq });
  }

  async ask(kind, body) {
    this.isAsking = true;
    this.later();
    try {
      const kept = this.line.isOpen ? await this.line.send(`attendance.${kind}`, body) : await this.post(kind, body);
      if (kind === "join") this.event = "";
      this.isAwake = true;
      this.on.hour(kept.at);
      this.on.saved(true);
    } catch (refusal) {
      this.isAsking = false;
      await this.refused(kind, refusal);
    } finally {
      this.isAsking = false;
    }
  }

  async refused(kind, refusal) {
    if (refusal.code === "lapsed" && kind === "beat") await this.arrive();
    else if (refusal.code === "room_over") this.end();
    else if (refusal.code === "foreign_connection") this.tab.forget();
    else this.on.saved(false);
  }

  form(kind, body) {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", this.csrf);
    form.set("kind", kind);
    for (const [name, value] of Object.entries(body)) form.set(name, String(value));
    return form;
  }

  /** Where no socket gets through, beats go as plain requests. */
  async post(kind, body) {
    const options = { method: "POST", body: this.form(kind, body), redirect: "error" };
    const answer = await fetch(this.config.presence, options);
    const said = await answer.json();
    if (answer.ok) return said;
    throw Object.assign(new Error(said.message), { code: said.code });
  }

  /** Closing this page is leaving, unless she went to the video, then nobody knows, or to another page of Viso. */
  goAway() {
    if (!this.isOn || this.tab.hasVideo || isGoingOn()) return;
    const body = { connection: this.tab.connection, event: newId(), age_ms: 0 };
    navigator.sendBeacon(this.config.presence, this.form("leave", body));
  }

  comeBack() {
    this.isAwake = false;
    if (this.isOn) this.arrive();
  }
}
