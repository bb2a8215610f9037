/* My presence: one connection per tab, renewed by beats, honest about the time this page slept. What the server has not
   acknowledged waits in a queue (keeping.js) and is said again, with its age, when a line stands. */

import { Steady, ageOf } from "./ages.js";
import { Queue } from "./keeping.js";
import { AGAIN, cast, deliver, message, replayLeft } from "./replaying.js";
import { isGoingOn } from "./staying.js";

/** Younger than that is now: the time a line takes to open. */
const FRESH = 5000;

export class Presence {
  /** `on.saved(isSaved)` and `on.hour(instant)`. */
  constructor(line, tab, config, on) {
    Object.assign(this, { line, tab, config, on, steady: new Steady(config.now) });
    Object.assign(this, { isOn: false, isAwake: false, isAsking: false, next: 0 });
    this.takeQueue();
    this.tickWith(config.ticker);
    window.addEventListener("pagehide", () => this.goAway());
    window.addEventListener("pageshow", (event) => event.persisted && this.comeBack());
  }

  /** A queue for the connection that the tab has now. */
  takeQueue() {
    const { tab, config } = this;
    const facts = { connection: tab.connection, secret: tab.secret, session: config.code, person: config.me };
    this.queue = new Queue({ ...facts, lease: config.lease * 1000, get video() { return tab.hasVideo; } }, this.steady);
  }

  /** What earlier pages left: of this connection first, to be said before anything new; then of others. */
  async restore() {
    this.takeQueue();
    this.restored = this.queue.restore();
    await this.flush();
    await replayLeft(this.steady.hour());
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
    if (this.isOn || this.line.isOver) return;
    Object.assign(this, { isOn: true, isAwake: false });
    this.next = this.steady.now() + 3000; // by a plain request, should no line stand by then
    this.claim();
    if (this.line.isOpen) this.flush();
  }

  end() {
    this.isOn = false;
  }

  /** She pressed Leave: kept until the server has it, whatever becomes of the click. */
  leave() {
    if (this.isOn) this.queue.say("leave");
    this.end();
  }

  /** I am here: a mark where this page ran through the silence, else an arrival, which claims nothing before it. */
  claim() {
    const { last } = this.queue;
    if (this.isAwake && last?.kind === "join" && this.ageOf(last) < FRESH) return;
    if (this.isAwake) this.queue.mark();
    else this.queue.say("join");
    this.isAwake = true;
  }

  /** A page that was frozen finds a hole between two looks: it was awake until then, and what came after it did not see. */
  look() {
    const before = this.steady.look();
    if (!before || !this.isOn) return;
    if (this.isAwake) this.queue.mark(before);
    this.isAwake = false;
    this.claim();
    this.next = 0;
  }

  tick() {
    this.look();
    if (this.isAsking || this.steady.now() < this.next) return;
    if (this.queue.last) this.speak();
    else if (this.isOn) this.beat();
  }

  later() {
    this.next = this.steady.now() + this.config.beat * 1000 * (0.8 + Math.random() * 0.4);
  }

  /** A line stands: what waited is said, and what other pages left. */
  async arrive() {
    await this.speak();
    if (this.line.isOpen) await replayLeft(this.steady.hour());
  }

  async speak() {
    if (this.isOn) {
      this.look();
      this.claim();
    }
    await this.flush();
  }

  /** Says all that waits, in order: one message by the line, several in one request. */
  async flush() {
    await this.restored;
    if (this.isAsking) this.isPressing = true;
    if (this.isAsking || !this.queue.last) return;
    await this.ask(async () => {
      const { queue, line } = this;
      const entries = [...queue.entries];
      const messages = entries.map((entry) => this.messageOf(entry));
      for (const entry of entries) entry.isSent = true;
      const isShort = line.isOpen && messages.length === 1;
      const results = isShort ? [await this.send(messages[0])] : await deliver(queue.facts, messages);
      results.forEach((result, place) => this.heard(queue, entries[place], messages[place], result));
    });
    if (this.queue.last && this.isPressing) this.flush();
  }

  async beat() {
    const { connection } = this.tab;
    await this.ask(async () => {
      const isOpen = this.line.isOpen;
      const body = { connection, seq: this.line.seq };
      const [result] = isOpen
        ? [await this.line.send("attendance.beat", body)]
        : await deliver(this.queue.facts, [{ kind: "beat", event: null, age_ms: 0 }]);
      if (result.code) throw Object.assign(new Error(result.message), { code: result.code });
      this.tell(result.at);
    });
    if (this.queue.last && this.isPressing) this.flush();
  }

  async ask(act) {
    this.isAsking = true;
    this.isPressing = false;
    this.later();
    try {
      await act();
    } catch (refusal) {
      this.refused(refusal.code);
    } finally {
      this.isAsking = false;
    }
  }

  ageOf(entry) {
    return ageOf(entry.hour, this.steady.hour());
  }

  /** The last mark of a page that runs is no past: it is here, and has been all the time. */
  messageOf(entry) {
    const said = message(entry, this.steady.hour());
    if (!this.isOn || entry.kind === "leave" || said.age_ms >= FRESH) return said;
    return { kind: "join", event: entry.event, age_ms: 0, awake: entry.kind === "beat" };
  }

  async send({ kind, ...said }) {
    const body = { connection: this.tab.connection, ...said };
    if (kind === "join") body.secret = this.tab.secret;
    try {
      return await this.line.send(`attendance.${kind}`, body);
    } catch (refusal) {
      if (AGAIN.includes(refusal.code)) throw refusal;
      return refusal;
    }
  }

  heard(queue, entry, said, { code, at }) {
    if (AGAIN.includes(code)) return this.on.saved(false);
    if (code === "foreign_connection") return this.refused(code); // kept: another page says it, by the secret
    queue.drop(entry);
    if (code) return this.refused(code);
    if (said.age_ms === 0 && said.kind === "join") this.tell(at);
    return undefined;
  }

  tell(at) {
    this.steady.set(at);
    this.on.hour(at);
    this.on.saved(true);
  }

  refused(code) {
    if (code === "room_over") return this.end();
    if (code === "foreign_connection") return this.endForeign();
    if (!this.isOn) return undefined;
    if (code === "lapsed") this.isPressing = true;
    this.claim();
    return this.on.saved(false);
  }

  /** Somebody else has signed in under this page: it claims nothing for her, and is over. */
  endForeign() {
    this.end();
    this.tab.forget();
    this.takeQueue();
    this.line.refuse();
  }

  /** Closing this page is leaving, unless she went to the video, then nobody knows, or to another page of Viso. */
  goAway() {
    if (!this.isOn || this.tab.hasVideo || isGoingOn()) return;
    if (this.queue.last) this.claim();
    this.queue.say("leave");
    cast(this.queue.facts, this.queue.entries.map((entry) => this.messageOf(entry)));
  }

  comeBack() {
    this.isAwake = false;
    if (this.isOn) this.arrive();
  }
}
