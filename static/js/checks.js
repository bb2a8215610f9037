/* What both live pages reckon of half-days, presence checks and inspectors, by the server's clock (web/checks.py). */

import { drawList, fillRow } from "./rows.js";
import { fill } from "./saying.js";

const LOOKS_ON = 5; // minutes (seminars/queries/everybody.py)

/** Number of the half-day that both pages speak of: the last one whose signing has begun, else the first. */
export function partNow({ windows }, clock) {
  return Math.max(1, windows.filter(([opens]) => clock.minutesTo(opens) <= 0).length);
}

/** How many half-days are over by the plan; the last one ends with the session. */
export function partsOver({ parts }, clock) {
  return parts.slice(0, -1).filter((end) => clock.minutesTo(end) <= 0).length;
}

/** A row as of now: who was in the room of a half-day that is over has left (seminars/queries/everybody.py). */
export function settled(row, session, clock) {
  if (row.standing !== "room" || row.part > partsOver(session, clock)) return row;
  return { ...row, standing: "left", since: session.parts[row.part - 1], part: null };
}

/** Everybody who is present: seen, in the video, or in the room of a half-day that is not over. */
export function present({ counts, session }, clock) {
  const inside = Object.entries(counts.room ?? {}).filter(([part]) => Number(part) > partsOver(session, clock));
  return inside.reduce((sum, [, number]) => sum + number, counts.here);
}

/** Whether this half-day can be signed now. */
export function canSign(session, clock) {
  const [opens, closes] = session.windows[partNow(session, clock) - 1];
  return clock.minutesTo(opens) <= 0 && clock.minutesTo(closes) > 0;
}

/** The latest check while it concerns somebody: until its time is over, and its half-day too. */
export function current({ check, session }, clock) {
  if (!check) return null;
  const ends = [check.until, session.parts[check.part - 1] ?? check.until];
  return ends.some((end) => clock.minutesTo(end) > 0) ? check : null;
}

export function answerTo(check, row) {
  return check && row.answered?.check === check.code ? row.answered : null;
}

/** Outside inspectors whose page gives signs of life. */
export function drawInspectors({ inspectors }, { words }, clock) {
  const isLooking = ({ seen, until }) => clock.minutesTo(seen) > -LOOKS_ON && clock.minutesTo(until) > 0;
  const looking = inspectors.filter(isLooking);
  drawList("inspectors", looking, (each) => each.code, (row, each) => {
    fillRow(row, { words: fill(words.inspector, { label: each.label }) });
  });
}
