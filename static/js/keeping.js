/* What a browser keeps of presence until the server has it: one record for each connection, in IndexedDB; where that is
   closed in the tab's own storage, and where both are in this page alone. */

import { newId } from "./connection.js";

const STORE = "connections";
const PREFIX = "viso.kept.";
const PATIENCE = 2000;
const MOST = 400;
let opening;

function open() {
  opening ??= new Promise((give, refuse) => {
    setTimeout(() => refuse(new Error("late")), PATIENCE); // some browsers neither open nor refuse
    const asked = indexedDB.open("viso", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "connection" });
    asked.onerror = () => refuse(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => { opening = undefined; };
      give(asked.result);
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
  try {
    await inStore("readwrite", (store) => (isEmpty ? store.delete(connection) : store.put(record)));
  } catch {
    const name = PREFIX + connection;
    inTab((tab) => (isEmpty ? tab.removeItem(name) : tab.setItem(name, JSON.stringify(record))));
  }
}

/** All that waits in this browser, of this page and of others. */
export async function all() {
  const inBase = await inStore("readonly", (store) => store.getAll()).catch(() => []);
  return [...inBase, ...records()].filter((record) => Array.isArray(record.entries));
}

/** What one connection said and the server has not acknowledged, in order. The last entry may be a mark: an hour until
    which the page ran without a hole, moved on while no line stands. */
export class Queue {
  /** `facts`: connection, secret, session, person, lease. */
  constructor(facts, steady) {
    Object.assign(this, { facts, steady, entries: [] });
  }

  /** Takes up what an earlier page of the same connection left. */
  async restore() {
    const found = (await all()).find((record) => record.connection === this.facts.connection);
    const known = new Set(this.entries.map((entry) => entry.event));
    const left = found?.entries.filter((entry) => !known.has(entry.event)) ?? [];
    if (!left.length) return;
    this.entries = [...left, ...this.entries];
    this.save();
  }

  get last() {
    return this.entries.at(-1);
  }

  say(kind, hour = this.steady.hour()) {
    if (this.entries.length >= MOST) return;
    this.entries.push({ kind, event: newId(), hour });
    this.save();
  }

  /** Awake until `hour`. What was sent may have arrived, so that a later hour is another event. */
  mark(hour = this.steady.hour()) {
    if (this.last?.kind !== "beat") return this.say("beat", hour);
    const entry = { ...this.last, hour, event: this.last.isSent ? newId() : this.last.event, isSent: false };
    this.entries[this.entries.length - 1] = entry;
    return this.save();
  }

  drop(entry) {
    this.entries = this.entries.filter((each) => each.event !== entry.event);
    return this.save();
  }

  save() {
    const ahead = this.steady.hour() - Date.now();
    return save({ ...this.facts, ahead, entries: this.entries.map((entry) => ({ ...entry })) });
  }
}
