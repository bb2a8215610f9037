/* The companion page: my presence, my pulse, my hand, beside whatever shows the video. */

import { Answering } from "./answering.js";
import { present, settled } from "./checks.js";
import { Tab } from "./connection.js";
import { readyForms, waitForOpening } from "./join.js";
import { Line } from "./live.js";
import { INSIDE, Strip } from "./mine.js";
import { Notices } from "./noticing.js";
import { drawMessages, embedVideo, phaseOf, readConfig, tellHour, tongueOf } from "./page.js";
import { Presence } from "./presence.js";
import { say, show } from "./rows.js";
import { Clock, plural } from "./saying.js";

const config = readConfig();
const { words, language } = config;
const clock = new Clock(config.now);
const tab = new Tab(config.code, config.me, config.embed?.connection);
await tab.claim();
if (config.embed) tab.enter({ video: false });
let isLeaving = false;
let isLowering = false;
let isOut = false;
let wasInside = document.querySelector('[data-when="inside"]')?.hidden === false;

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
  const { mine, session } = line.state;
  return { mine: settled(mine, session, clock), zone: session.zone, isOn: presence.isOn };
});
const notices = new Notices(config);
const answering = new Answering(config, clock, line, tellWaiting);

function lineChanged(what) {
  if (what === "refused") showOut();
  strip.line(what);
  tellWaiting();
}

/** Her invitation was taken back, or she signed out: nothing on this page works any more. */
function showOut() {
  isOut = true;
  presence.end();
  show('[data-when="inside"], [data-when="outside"], [data-left]', false);
  show('[data-when="refused"]', true);
}

/** What she pressed looks done at once: while no line stands, it waits here. */
function tellWaiting() {
  show("[data-waits]", line.queue.length > 0 && !line.isOpen && !isOut);
}

function tellTrouble(message) {
  say("[data-trouble]", message || words.failed);
  show("[data-trouble]", true);
}

function tellPresent() {
  say("[data-here]", plural(words.here, present(line.state, clock), language));
}

function drawHand(isRaised) {
  document.querySelectorAll("[data-hand-key]").forEach((key) => {
    key.dataset.raised = String(isRaised);
    key.querySelector("[data-word]").textContent = isRaised ? key.dataset.down : key.dataset.up;
  });
  const form = document.querySelector("form[data-hand]");
  if (form) form.elements.raised.value = String(!isRaised);
}

/** Her hand went down, and not by her: whoever hosts gives her the floor. */
function hearHost(before) {
  const { mine } = line.state;
  if (mine.hand) notices.floor(false);
  else if (before?.mine.hand && INSIDE.includes(mine.standing)) {
    if (!isLowering && !waiting("rooms.hand")) notices.floor(true);
    isLowering = false;
  }
}

function waiting(name) {
  return line.queue.find((entry) => entry.name === name)?.body;
}

function drawPulse(value) {
  const form = document.querySelector("form[data-pulse]");
  form?.querySelectorAll("input[type=radio]").forEach((key) => { key.checked = key.value === value; });
}

function draw(before) {
  if (isOut) return;
  const { session, mine } = line.state;
  if (phaseOf(session, clock) !== config.phase) {
    lookAgain();
    return;
  }
  if (INSIDE.includes(mine.standing) && !isLeaving) presence.begin();
  const isInside = config.phase === "open" && presence.isOn;
  if (isInside && !wasInside) document.querySelector(".messages")?.remove(); // "You have left" is over
  wasInside = isInside;
  show('[data-when="inside"]', isInside);
  show('[data-when="outside"]', !isInside);
  tellPresent();
  drawHand(waiting("rooms.hand")?.raised ?? Boolean(mine.hand));
  drawPulse(waiting("feedback.pulse")?.value ?? mine.pulse);
  drawMessages(line.state, config);
  notices.draw(line.state, (note) => tongueOf(note, language));
  hearHost(before);
  answering.draw(isInside);
  strip.draw();
}

function lookAgain() {
  if (isLeaving) return;
  line.stop();
  isLeaving = true;
  presence.end();
  window.location.replace(config.page);
}

function listen() {
  readyForms(tab, (form) => {
    if (form.target !== "_blank") {
      isLeaving = true; // the answer to this click is the page to be on, whatever the line says meanwhile
      presence.end();
      line.stop();
      return;
    }
    presence.begin();
    draw();
  });
  document.querySelector("form[data-hand]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const raised = event.target.elements.raised.value === "true";
    isLowering = !raised && Boolean(line.state.mine.hand);
    notices.floor(false);
    line.keep("rooms.hand", { raised });
    drawHand(raised);
    tellWaiting();
  });
  let pause;
  const pulse = document.querySelector("form[data-pulse]");
  pulse?.addEventListener("submit", (event) => event.preventDefault());
  pulse?.addEventListener("change", (event) => {
    clearTimeout(pause); // arrow keys pass over the values in between
    const value = event.target.value;
    pause = setTimeout(() => {
      line.keep("feedback.pulse", { value });
      tellWaiting();
    }, 250);
  });
  document.querySelector("form[data-leave]")?.addEventListener("submit", (event) => {
    event.target.elements.connection.value = tab.connection;
    isLeaving = true;
    presence.leave();
    line.stop();
    tab.forget();
  });
}

presence.restore();
waitForOpening(clock, language);
listen();
embedVideo(config);
if (config.phase !== "over") {
  if (config.phase === "open" && tab.hasEntered) presence.begin();
  draw();
  line.start();
  setInterval(() => {
    tellHour(config, clock, line.state.session);
    if (phaseOf(line.state.session, clock) !== config.phase) lookAgain();
    else if (!isOut) {
      answering.draw(wasInside);
      tellPresent();
    }
  }, 5000);
} else {
  tab.forget();
}
document.documentElement.dataset.live = "on"; // look.js waits for it
