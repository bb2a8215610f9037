/* What both live pages share: the clock in the strip, messages, the embedded video, and looking again when all changes. */

import { drawList, fillRow, lines, say, show } from "./rows.js";
import { duration, fill, hour } from "./saying.js";

export function readConfig() {
  return JSON.parse(document.getElementById("live").textContent);
}

export function tellHour({ words, language }, clock, session) {
  say("[data-clock]", hour(clock.now(), session.zone, language));
  const part = session.parts.find((end) => clock.minutesTo(end) > 0) ?? session.ends; // of this half-day
  const left = clock.minutesTo(part);
  say("[data-left]", left > 0 ? fill(words.left, { length: duration(left, language) }) : words.over);
  const length = duration(Math.max(0, clock.minutesTo(session.starts)), language);
  say("[data-starts]", fill(words.starts, { length }));
  say("[data-begun]", clock.minutesTo(session.starts) > 0 ? words.waiting : words.live);
}

/** `early`, `open` or `over`, as the server reckons (seminars/actions/attendance.py). */
export function phaseOf(session, clock) {
  if (["ended", "cancelled", "draft"].includes(session.state)) return "over";
  if (session.state === "running") return "open";
  if (clock.minutesTo(session.closes) <= 0) return "over";
  return clock.minutesTo(session.opens) > 0 ? "early" : "open";
}

/** The language of a message to read: one's own where its author wrote it. */
export function tongueOf(note, language) {
  const mine = language === "it" ? ["it", "fr"] : ["fr", "it"];
  return mine.find((each) => note[`text_${each}`]) ?? "fr";
}

export function drawMessages(state, { language }) {
  const notes = state.messages;
  drawList("messages", [...notes].reverse(), (note) => note.id, (row, note) => {
    const tongue = tongueOf(note, language);
    fillRow(row, { author: note.author, hour: hour(note.at, state.session.zone, language) });
    const text = row.querySelector('[data-of="text"]');
    text.lang = tongue;
    if (text.innerText !== note[`text_${tongue}`]) lines(text, note[`text_${tongue}`]);
  });
  show('[data-part="messages"]', notes.length > 0);
}

/** Puts the video into the page; where it does not come, the link beneath says so. */
export function embedVideo({ embed, language, words, page }) {
  const place = document.querySelector("[data-embed]");
  if (!embed || !place) return;
  window.history.replaceState(null, "", page); // this page answers a click: looking again is asking its own address
  document.querySelectorAll('input[name="next"]').forEach((next) => { next.value = page; });
  const late = setTimeout(() => show("[data-fallback]", true), 15000);
  const script = document.createElement("script");
  script.src = new URL("/external_api.js", `https://${embed.host}`).href;
  script.addEventListener("error", () => show("[data-fallback]", true));
  script.addEventListener("load", () => {
    if (!window.JitsiMeetExternalAPI) return show("[data-fallback]", true);
    const api = new window.JitsiMeetExternalAPI(embed.host, {
      roomName: embed.room,
      parentNode: place,
      jwt: embed.token || undefined,
      lang: language,
      userInfo: { displayName: embed.name },
      configOverwrite: {
        startWithVideoMuted: true,
        startWithAudioMuted: true,
        resolution: 360,
        disableThirdPartyRequests: true,
        deeplinking: { disabled: true },
      },
    });
    const frame = api.getIFrame();
    frame.title = words.frame;
    frame.classList.add("video");
    api.addListener("videoConferenceJoined", () => {
      clearTimeout(late);
      show("[data-fallback]", false);
    });
    api.addListener("readyToClose", () => {
      api.dispose();
      show("[data-fallback]", true);
    });
    return undefined;
  });
  document.head.append(script);
}
