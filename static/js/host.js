/* The host's page: before the start a clock and who is here; then people, hands and pulse as they change. */

import { present, settled } from "./checks.js";
import { Tab } from "./connection.js";
import { readyForms, waitForOpening } from "./join.js";
import { Line } from "./live.js";
import { Marking } from "./marking.js";
import { Strip } from "./mine.js";
import { drawMessages, embedVideo, phaseOf, readConfig, tellHour } from "./page.js";
import { Presence } from "./presence.js";
import { Teller } from "./telling.js";
import { drawList, fillRow, say, show } from "./rows.js";
import { Clock, fill, hour, plural } from "./saying.js";

const RANKS = [["cut", "video"], ["here", "room"], ["expected"], ["left"], ["declined"]];
const config = readConfig();
const { words, language } = config;
const clock = new Clock(config.now);
const tab = new Tab(config.code, config.me, config.embed?.connection);
await tab.claim();
if (config.embed) tab.enter({ video: false });
const isRunning = config.state.session.state === "running";
let isGoing = false;

const line = new Line(config, tab, {
  state: draw,
  open: () => presence.arrive(),
  line: lineChanged,
  trouble: tellTrouble,
  unsure: () => strip.saved(false),
});
const presence = new Presence(line, tab, config, {
  saved(is) { strip.saved(is); },
  hour(present) { clock.set(present); },
});
const strip = new Strip(config, () => {
  const { people, session } = line.state;
  const mine = settled(people[config.me] ?? { standing: "expected", since: null }, session, clock);
  return { mine, zone: session.zone, isOn: presence.isOn };
});
const teller = new Teller(config);
const marking = new Marking(config, clock, line, ask);

function lineChanged(what) {
  if (what === "refused") presence.end();
  strip.line(what);
}

function tellTrouble(message) {
  say("[data-trouble]", message || words.failed);
  show("[data-trouble]", true);
}

function rank(row) {
  if (row.hand) return 0;
  return 1 + RANKS.findIndex((group) => group.includes(row.standing));
}

function inOrder(people) {
  const { session } = line.state;
  const rows = Object.entries(people).map(([code, row]) => ({ code, ...settled(row, session, clock) }));
  const by = new Intl.Collator(language).compare;
  return rows.sort((a, b) => rank(a) - rank(b) || by(a.hand ?? "", b.hand ?? "") || by(a.name, b.name));
}

function standingWords(row, zone) {
  const found = words.standing[row.standing];
  if (typeof found !== "string") return found[row.answer];
  return fill(found, { hour: row.since ? hour(row.since, zone, language) : "–" });
}

function originOf(row) {
  const side = language === "it" ? "it" : "fr";
  const role = row.role === "participant" ? "" : words.roles[row.role];
  return [role, row[`organisation_${side}`] || row.organisation_fr, row.country].filter(Boolean).join(", ");
}

function drawFace(row, person) {
  row.querySelector(".face").classList.toggle("it", person.country === "IT");
  fillRow(row, { initials: person.initials, name: person.name, whose: ` ${person.name}` });
}

function drawPerson(row, person) {
  drawFace(row, person);
  const text = standingWords(person, line.state.session.zone);
  fillRow(row, { origin: originOf(person), standing: text });
  row.querySelector('[data-of="standing"]').dataset.is = person.standing === "room" ? "here" : person.standing;
  marking.person(row, person);
  const confirm = row.querySelector('[data-act="confirm"]');
  confirm.hidden = person.standing !== "video" || !isRunning;
  confirm.onclick = () => confirmPeople([person.code]);
}

function drawHand(row, person) {
  drawFace(row, person);
  fillRow(row, { hour: hour(person.hand, line.state.session.zone, language) });
  const floor = row.querySelector('[data-act="floor"]');
  floor.hidden = false;
  floor.onclick = () => ask("rooms.hand", { raised: false, person: person.code });
}

async function ask(name, body) {
  try {
    show("[data-trouble]", false);
    return await line.send(name, body);
  } catch (refusal) {
    tellTrouble(refusal.code === "offline" ? words.failed : refusal.message);
    return null;
  }
}

async function confirmPeople(people) {
  const kept = await ask("attendance.confirm", { people });
  if (kept) teller.now(kept.people ? plural(words.confirmed, kept.people, language) : words.nothing);
}

function drawPulse(pulse) {
  show("[data-few]", pulse.few);
  show("[data-many]", !pulse.few);
  show("[data-votes]", pulse.votes !== undefined);
  say("[data-votes]", plural(words.votes, pulse.votes ?? 0, language));
  if (pulse.few) {
    const list = document.querySelector("[data-alerts]");
    const chips = pulse.alert.map((each) => {
      const [item, chip] = [document.createElement("li"), document.createElement("span")];
      chip.className = "chip care";
      chip.textContent = words.alert[each];
      item.append(chip);
      return item;
    });
    list.replaceChildren(...chips);
    show("[data-calm]", pulse.alert.length === 0);
    return;
  }
  document.querySelectorAll("[data-pulse-row]").forEach((row) => {
    const number = pulse.counts[row.dataset.pulseRow];
    row.querySelector("[data-count]").textContent = String(number);
    const bar = row.querySelector("progress");
    if (bar) Object.assign(bar, { max: pulse.votes || 1, value: number });
  });
}

function draw(before) {
  const { session, people, counts, pulse } = line.state;
  const isOther = session.state !== config.state.session.state || phaseOf(session, clock) !== config.phase;
  if (isOther && !(config.embed && session.state === "running")) return lookAgain();
  const rows = inOrder(people);
  drawList("people", rows, (row) => row.code, drawPerson);
  marking.draw();
  show("[data-nobody]", rows.length === 0);
  const here = present(line.state, clock);
  say("[data-present]", fill(words.present, { ...counts, here }));
  const bar = document.querySelector("[data-progress]");
  if (bar) Object.assign(bar, { max: counts.expected || 1, value: here });
  drawMessages(line.state, config);
  if (!isRunning) return undefined;
  strip.draw();
  const hands = rows.filter((row) => row.hand);
  const unseen = rows.filter((row) => row.standing === "video").length;
  drawList("hands", hands, (row) => row.code, drawHand);
  show("[data-no-hands]", hands.length === 0);
  say("[data-hands]", String(hands.length));
  show("[data-unseen]", unseen > 0);
  if (unseen) say("[data-unseen-words]", plural(words.unseen, unseen, language));
  drawPulse(pulse);
  if (before) teller.compare(before, line.state);
  return undefined;
}

function lookAgain() {
  if (isGoing) return;
  isGoing = true;
  line.stop();
  window.location.replace(config.page);
}

presence.restore();
waitForOpening(clock, language);
readyForms(tab, (form) => {
  if (form.target !== "_blank") {
    isGoing = true; // the answer to this click is the page to be on, whatever the line says meanwhile
    presence.end();
    line.stop();
  } else if (!isRunning) setTimeout(() => line.pull(), 3000);
});
document.querySelector("[data-confirm-all]")?.addEventListener("click", () => confirmPeople(null));
embedVideo(config);
if (config.phase !== "over") {
  if (isRunning) presence.begin(); // hosting is being present; before the start only her click says so
  draw();
  line.start();
  setInterval(() => {
    tellHour(config, clock, line.state.session);
    if (phaseOf(line.state.session, clock) !== config.phase) lookAgain();
    else if (marking.turns()) draw();
    else marking.draw();
  }, 5000);
} else {
  tab.forget();
}
document.documentElement.dataset.live = "on"; // look.js waits for it
