/* The line to the server: one socket, numbered changes, commands that wait until they are kept, and a pull beneath it all.
   The protocol stands in docs/protocol.md. */

const LONGEST_WAIT = 15000;
const OPENING = 10000;
const ANSWER = 10000;
const FINAL = { 4401: "signed out", 4403: "not here" };
const RESTART = 1012;
const AGAIN = ["failed", "too_fast"];

/** What the server refused, or that nobody could be asked: `code` is "offline" then. */
export class Refusal extends Error {
  constructor(code, message = "") {
    super(message || code);
    this.code = code;
  }
}

/** Replaces top-level keys; people alone are merged, and null removes one. */
export function merge(state, patch) {
  const whole = { ...state, ...patch };
  if (patch.people && state.people) {
    whole.people = { ...state.people, ...patch.people };
    for (const [code, row] of Object.entries(patch.people)) if (row === null) delete whole.people[code];
  }
  return whole;
}

export class Line {
  /** `on`: state(before), open(), line("open" | "lost" | "refused"), trouble(message), and unsure(), where a command
      failed. */
  constructor(config, tab, on) {
    Object.assign(this, { config, tab, on, seq: config.seq, state: config.state });
    Object.assign(this, { socket: null, isOpen: false, isOver: false, tries: 0, number: 0 });
    this.asked = new Map();
    this.early = [];
    this.queue = tab.queue;
  }

  start() {
    this.connect();
    this.pullSoon();
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  stop() {
    this.isOver = true;
    clearTimeout(this.retry);
    clearTimeout(this.puller);
    this.socket?.close();
  }

  /** This page is not, or no longer, of whoever is signed in. */
  refuse() {
    this.stop();
    this.on.line("refused");
  }

  /** A dead line closes only minutes later by itself: nobody waits for its goodbye. */
  drop() {
    const { socket } = this;
    if (!socket) return;
    socket.close();
    this.fell(0);
  }

  hurry() {
    if (this.isOpen || this.isOver || this.socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.retry);
    this.connect();
  }

  connect() {
    if (this.isOver) return;
    const address = new URL(this.config.socket, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    this.early = [];
    const patience = setTimeout(() => socket.close(), OPENING);
    socket.addEventListener("message", (event) => socket === this.socket && this.hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      clearTimeout(patience);
      if (socket === this.socket) this.fell(event.code);
    });
    socket.addEventListener("open", () => clearTimeout(patience));
  }

  /** Full jitter, so that a whole room does not come back in the same second. */
  fell(code) {
    const was = this.isOpen;
    Object.assign(this, { isOpen: false, socket: null });
    for (const { refuse, late } of this.asked.values()) {
      clearTimeout(late);
      refuse(new Refusal("offline"));
    }
    this.asked.clear();
    if (this.isOver) return;
    if (code in FINAL) {
      this.refuse();
      return;
    }
    if (was || this.tries === 0) this.on.line("lost");
    this.tries += 1;
    const least = code === RESTART ? 1000 : 200;
    const most = code === 4429 || code === RESTART ? LONGEST_WAIT : Math.min(LONGEST_WAIT, 500 * 2 ** this.tries);
    this.retry = setTimeout(() => this.connect(), least + Math.random() * (most - least));
  }

  hear([name, second, third, fourth]) {
    if (name === "live.snapshot") this.snapshot(second, third);
    else if (name === "live.changed" || name === "tick") this.step(second, third, fourth);
    else if (name === "live.behind") this.fetch();
    else if (name === "ok" || name === "refused") this.answered(name, second, third);
  }

  take(seq, state) {
    const before = this.state;
    Object.assign(this, { seq, state });
    this.on.state(before);
  }

  /** A whole state; what arrived while it was on its way comes after it. The first one says that the line stands.
      A later one may have been overtaken by changes, and is older than what is here then. */
  snapshot(seq, state) {
    const early = this.early ?? [];
    const isNew = !this.isOpen;
    Object.assign(this, { early: null, isOpen: true, tries: 0 });
    if (isNew || seq >= this.seq) this.take(seq, state);
    for (const change of early) this.step(...change);
    if (!isNew || !this.isOpen) return;
    this.on.line("open");
    this.on.open();
    this.flush();
  }

  /** A change that covers every number after `since` up to `seq`. A number may come twice, once for everybody and once
      for me; one that is missing means: look again. */
  step(seq, patch, since) {
    if (this.early) this.early.push([seq, patch, since]);
    else if (since > this.seq) {
      this.fetch();
      this.early?.push([seq, patch, since]);
    } else if (seq >= this.seq) {
      const before = this.state;
      Object.assign(this, { seq, state: merge(before, patch) });
      this.on.state(before);
    }
  }

  fetch() {
    if (this.early || !this.isOpen) return;
    this.early = [];
    this.send("live.fetch", {}).catch(() => { this.early = null; });
  }

  /** One command; answers what the server kept. Rejects with Refusal. */
  send(name, body) {
    if (!this.isOpen) return Promise.reject(new Refusal("offline"));
    this.number += 1;
    const id = this.number;
    const late = setTimeout(() => this.drop(), ANSWER);
    const answer = new Promise((keep, refuse) => this.asked.set(id, { keep, refuse, late }));
    this.socket.send(JSON.stringify([name, id, body]));
    return answer;
  }

  answered(name, id, body) {
    const waiting = this.asked.get(id);
    this.asked.delete(id);
    clearTimeout(waiting?.late);
    if (name === "ok") waiting?.keep(body);
    else waiting?.refuse(new Refusal(body.code, body.message));
  }

  /** A command that outlives the line and this page: the last one of its name counts, and leaves when there is a line. */
  keep(name, body) {
    this.queue = [...this.queue.filter((entry) => entry.name !== name), { name, body }];
    this.tab.queue = this.queue;
    this.flush();
  }

  async flush() {
    if (this.isFlushing) return;
    this.isFlushing = true;
    while (this.queue.length && this.isOpen) {
      const entry = this.queue[0];
      try {
        await this.send(entry.name, entry.body);
        this.done(entry);
      } catch (refusal) {
        this.on.unsure?.();
        if (refusal.code === "offline") break;
        if (AGAIN.includes(refusal.code)) {
          await new Promise((go) => setTimeout(go, 2000));
        } else {
          this.done(entry);
          this.on.trouble(refusal.message);
        }
      }
    }
    this.isFlushing = false;
  }

  done(entry) {
    this.queue = this.queue.filter((each) => each !== entry);
    this.tab.queue = this.queue;
  }

  pullSoon() {
    const wait = this.config.every * 1000 * (0.8 + Math.random() * 0.4);
    this.puller = setTimeout(() => this.pull().finally(() => this.isOver || this.pullSoon()), wait);
  }

  /** The floor: even a silent line, or none, shows the truth before long. A number below ours is the truth too, as after
      a restored backup, unless a change has come meanwhile, which may have overtaken the answer. */
  async pull() {
    const address = new URL(this.config.pull, window.location.href);
    address.searchParams.set("after", this.seq);
    const before = this.seq;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status !== 200) return;
      const { seq, state } = await answer.json();
      const isWaiting = this.early && this.isOpen;
      if (!isWaiting && (seq > this.seq || this.seq === before)) this.take(seq, state);
    } catch {
      /* no net: the socket's own way back will tell */
    }
  }
}
