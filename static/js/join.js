/* The ways in: forms that name this tab's connection, and pages that open by themselves when their hour has come. */

import { Tab, newId } from "./connection.js";
import { hour } from "./saying.js";

/** Readies every form that leads to the video. `entered` is called when one is sent. */
export function readyForms(tab, entered) {
  document.querySelectorAll("form[data-join], form[data-video], form[data-start]").forEach((form) => {
    form.addEventListener("submit", () => {
      form.elements.connection.value = tab.connection;
      form.elements.event.value = newId();
      tab.enter({ video: form.target === "_blank" });
      entered(form);
    });
  });
}

/** Looks again when the room opens; says the hour on the reader's own clock where it differs. */
export function waitForOpening(clock, language) {
  const waiting = document.querySelector("[data-opening]");
  if (!waiting) return;
  const opens = Date.parse(waiting.dataset.opening);
  const told = waiting.querySelector("[data-own-hour]");
  const own = hour(opens, undefined, language);
  if (told && waiting.textContent.indexOf(own) < 0) told.textContent = waiting.dataset.there.replace("{hour}", own);
  if (opens > clock.now()) setTimeout(() => window.location.reload(), Math.min(opens - clock.now() + 500, 2 ** 31 - 1));
}

/** Goes to the room's page once the other tab's click has opened it to this person. */
async function follow(room, tries = 10) {
  const answer = await fetch(room, { redirect: "manual" }).catch(() => null);
  if (answer?.ok) window.location.assign(room);
  else if (tries && !document.hidden) setTimeout(() => follow(room, tries - 1), 1500);
}

/** The page of a personal link has no line of its own: once joined, her companion is the room's page. */
export function standAlone() {
  const form = document.querySelector("form[data-join]");
  const language = document.documentElement.lang;
  waitForOpening({ now: () => Date.now() }, language);
  if (!form) return;
  const tab = new Tab(form.dataset.code, form.dataset.me);
  readyForms(tab, () => {
    if (form.target !== "_blank") return;
    document.addEventListener("visibilitychange", () => document.hidden || follow(form.dataset.room));
    setTimeout(() => document.hidden || follow(form.dataset.room), 1500);
  });
}

if (document.getElementById("live") === null) standAlone();
