/* What a browser keeps of presence until the server has it: one record for each connection, in IndexedDB; where that is
   closed in the tab's own storage, and where both are in this page alone. */

import { newId } from "./connection.js";

const STORE = "connections";
const PREFIX = "viso.kept.";
const PATIENCE = 2000;
const MOST = 400;
/** Queues that have not seen what the base holds of their connection. */
const unread = new Set();
let opening;

function again() {
  opening = undefined;
}

function ready(base) {
  base.onclose = again;
  base.onversionchange = () => {
    base.close();
    again();
  };
  return base;
}

/** Some browsers neither open nor refuse for a while: until they do, nobody waits. A second question would only stand in
    line behind the first. */
function open() {
  opening ??= new Promise((give, refuse) => {
    let isLate = false;
    setTimeout(() => {
      isLate = true;
      refuse(new Error("late"));
    }, PATIENCE);
    const asked = indexedDB.open("viso", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "connection" });
    asked.onerror = () => {
      again();
      refuse(asked.error);
    };
    asked.onsuccess = () => {
      const base = ready(asked.result);
      give(base);
      if (!isLate) return;
      opening = Promise.resolve(base);
      unread.forEach((queue) => queue.restore());
    };
  });
  return opening;
}

async function inStore(mode, act) {
  const base = await open();
  return new Promise((give, refuse) => {
    const change = base.transaction(STORE, mode);
    const asked = act(change.objectStore(STORE));
    change.oncomplete = () => give(asked.result);
    change.onabort = () => refuse(change.error);
  });
}

function inTab(act) {
  try {
    return act(sessionStorage);
  } catch {
    return undefined;
  }
}

function records() {
  return inTab((storage) => {
    const names = Object.keys(storage).filter((name) => name.startsWith(PREFIX));
    return names.map((name) => JSON.parse(storage.getItem(name)));
  }) ?? [];
}

/** Keeps a record, or takes it away when nothing waits in it. Later calls never overtake earlier ones. */
export async function save(record) {
  const { connection } = record;
  const isEmpty = record.entries.length === 0;
  const name = PREFIX + connection;
  try {
    await inStore("readwrite", (store) => (isEmpty ? store.delete(connection) : store.put(record)));
    inTab((tab) => tab.removeItem(name));
  } catch {
    inTab((tab) => (isEmpty ? tab.removeItem(name) : tab.setItem(name, JSON.stringify(record))));
  }
}

/** Entries of both, each once; of an entry that both hold, the later's. */
function joined(earlier, later) {
  const known = new Set(later.map((entry) => entry.event));
  return [...earlier.filter((entry) => !known.has(entry.event)), ...later];
}

/** All that waits in this browser, of this page and of others; one record for each connection. What was kept in the tab
    is later than what the base holds, which was closed then. */
export async function all() {
  const inBase = await inStore("readonly", (store) => store.getAll()).catch(() => []);
  const whole = new Map();
  for (const record of [...inBase, ...records()].filter((each) => Array.isArray(each.entries))) {
    const before = whole.get(record.connection)?.entries ?? [];
    whole.set(record.connection, { ...record, entries: joined(before, record.entries) });
  }
  return [...whole.values()];
}

/** What one connection said and the server has not acknowledged, in order. The last entry may be a mark: an hour until
    which the page ran without a hole, moved on while no line stands. */
export class Queue {
  /** `facts`: connection, secret, session, person, lease. */
  constructor(facts, steady) {
    Object.assign(this, { facts, steady, entries: [], gone: new Set() });
  }

  /** Takes up what an earlier page of the same connection left, and moves it to where it is kept now. */
  async restore() {
    unread.add(this);
    const found = (await all()).find((record) => record.connection === this.facts.connection);
    await open().then(() => unread.delete(this), () => {});
    if (!found) return;
    const left = found.entries.filter((entry) => !this.gone.has(entry.event)); // answered while the base was asked
    this.entries = joined(left, this.entries);
    await this.save();
  }

  get last() {
    return this.entries.at(-1);
  }

  say(kind, hour = this.steady.hour()) {
    this.entries.push({ kind, event: newId(), hour });
    if (this.entries.length > MOST) this.entries.splice(this.least, 1);
    this.save();
  }

  /** The place of the oldest entry without which less is claimed, never more: a mark, or an arrival that no mark follows.
      The first arrival and what was said last always stay. */
  get least() {
    const follows = (place) => this.entries[place + 1]?.kind;
    const isLess = ({ kind }, place) => place && (kind === "beat" || (kind === "join" && follows(place) !== "beat"));
    const found = this.entries.slice(0, -1).findIndex(isLess);
    return Math.max(1, found);
  }

  /** Awake until `hour`. What was sent may have arrived, so that a later hour is another event. */
  mark(hour = this.steady.hour()) {
    if (this.last?.kind !== "beat") return this.say("beat", hour);
    const entry = { ...this.last, hour, event: this.last.isSent ? newId() : this.last.event, isSent: false };
    this.entries[this.entries.length - 1] = entry;
    return this.save();
  }

  drop(entry) {
    this.gone.add(entry.event);
    this.entries = this.entries.filter((each) => each.event !== entry.event);
    return this.save();
  }

  save() {
    const ahead = this.steady.hour() - Date.now();
    return save({ ...this.facts, ahead, entries: this.entries.map((entry) => ({ ...entry })) });
  }
}
