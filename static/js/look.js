/* What the look needs of script, and no page depends on: weekdays beside dates, buttons that print, copy or ask, busy buttons, toasts, live
   pages that did not start. */

const language = document.documentElement.lang || "fr";
const STARTING = 8000;
const weekday = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });

function nameDay(output) {
  const control = document.getElementById(output.htmlFor.toString());
  const day = control && control.value ? new Date(`${control.value}T00:00Z`) : null;
  output.textContent = day && !Number.isNaN(day.getTime()) ? weekday.format(day) : "";
}

function nameDays() {
  document.querySelectorAll("[data-weekday]").forEach(nameDay);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const told = document.getElementById(button.dataset.told);
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  if (told) told.hidden = false;
}

/** A live page by its own address, which the answer to a click does not have. */
function reload() {
  window.location.replace(JSON.parse(document.getElementById("live").textContent).page);
}

/** A live page whose script did not start, since a part of it was lost on the way, counts nobody: it says so. */
function mindLive() {
  const notice = document.querySelector("[data-incomplete]");
  if (!notice) return;
  const tell = () => { notice.hidden = "live" in document.documentElement.dataset; };
  setTimeout(tell, STARTING);
  window.addEventListener("error", (event) => event.target.localName === "script" && tell(), true);
  window.addEventListener("online", () => notice.hidden || reload());
  new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-live"] });
}

document.addEventListener("input", (event) => {
  if (event.target.matches('input[type="date"]')) nameDays();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy], [data-back], [data-opens], [data-reload]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  if ("copy" in button.dataset) copy(button);
  if ("back" in button.dataset) window.history.back();
  if ("reload" in button.dataset) reload();
  if ("opens" in button.dataset) document.getElementById(button.dataset.opens).showModal();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("busy" in form.dataset) || event.defaultPrevented) return;
  if (form.dataset.busy === "sent") return event.preventDefault();
  form.dataset.busy = "sent";
  event.submitter?.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll('form[data-busy="sent"]').forEach((form) => {
    form.dataset.busy = "";
    form.querySelectorAll('[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
  });
});

document.querySelectorAll(".toast:not([data-asks])").forEach((toast) => setTimeout(() => toast.remove(), 8000));
document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
nameDays();
mindLive();
