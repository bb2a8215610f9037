/* Presence by plain requests, and what other pages left behind: a page that closed, crashed or slept without a line said
   things the server never heard; the next page of this browser says them, with their ages. */

import { ageOf, isPast } from "./ages.js";
import { asOnly, forgetAll, newId } from "./connection.js";
import { all, save } from "./keeping.js";

const ADDRESS = "/live/presence/";
const PATIENCE = 10000;
const LONGEST = 3 * 24 * 3600 * 1000;
/** Not done now, and asked again later; any other refusal is the server's last word. */
export const AGAIN = ["offline", "failed", "too_fast", "unknown_connection"];

export function parcel({ session, connection, secret, person }, messages) {
  return JSON.stringify({ session, connection, secret, person, messages });
}

/** Sends messages of one connection; answers one result each. Rejects with an error that has a `code`. */
export async function deliver(record, messages) {
  let answer;
  let said;
  try {
    answer = await fetch(ADDRESS, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: parcel(record, messages),
      redirect: "error",
      signal: AbortSignal.timeout?.(PATIENCE),
    });
    said = await answer.json();
  } catch {
    throw Object.assign(new Error("offline"), { code: "offline" });
  }
  if (answer.ok) return said.results;
  throw Object.assign(new Error(said.message ?? ""), { code: said.code ?? "failed" });
}

/** The server's hour for a page that was told none, since the device's clock may have been set: a goodbye of a connection
    that nobody has changes nothing, and its answer tells the hour. Whoever is no guest of that session gets none, and
    goes by the device's clock, unless that denies what has happened. */
async function hourFor({ session, ahead, entries }) {
  const nobody = { session, connection: newId(), secret: newId() + newId() };
  try {
    const [{ at }] = await deliver(nobody, [{ kind: "leave", event: newId(), age_ms: 0 }]);
    return Date.parse(at);
  } catch (refusal) {
    const guess = Date.now() + ahead;
    if (refusal.code !== "unknown_connection" || !isPast(entries.at(-1)?.hour, guess)) throw refusal;
    return guess;
  }
}

/** Said by beacon while a page vanishes: whether it arrived is found out by the next page. */
export function cast(record, messages) {
  navigator.sendBeacon(ADDRESS, new Blob([parcel(record, messages)], { type: "application/json" }));
}

/** An entry of a queue as the server takes it. */
export function message({ kind, event, hour }, present) {
  return { kind, event, age_ms: ageOf(hour, present) };
}

/** Who crashed without a line, long ago, is gone since her last mark, unless she went to the video. */
function finish(record, present) {
  const last = record.entries.at(-1);
  if (record.video || last.kind === "leave" || !(ageOf(last.hour, present) > record.lease)) return;
  record.entries.push({ kind: "leave", event: newId(), hour: last.hour });
}

async function replay(connection, hour) {
  const record = (await all()).find((each) => each.connection === connection);
  if (!record?.entries.length) return;
  const present = hour ?? await hourFor(record);
  const isOld = ({ hour: then }) => isPast(then, present) && present - then > LONGEST;
  record.entries = record.entries.filter((entry) => !isOld(entry)); // an hour that cannot be stays
  const last = record.entries.at(-1);
  if (last && !navigator.locks && ageOf(last.hour, present) <= record.lease) return; // perhaps its page still lives
  if (last) finish(record, present);
  await save(record);
  if (!last) return;
  const results = await deliver(record, record.entries.map((entry) => message(entry, present)));
  record.entries = record.entries.filter((entry, place) => AGAIN.includes(results[place].code));
  await save(record);
}

/** Replays what no living page minds any more. `hour`: the server's hour, where this page was told. */
export async function replayLeft(hour) {
  for (const { connection } of await all()) {
    await asOnly(connection, () => replay(connection, hour)).catch(() => {}); // kept, for the next page
  }
}

if (document.getElementById("live") === null) {
  replayLeft();
  window.addEventListener("online", () => replayLeft());
}
document.querySelector("form[data-sign-out]")?.addEventListener("submit", forgetAll);
