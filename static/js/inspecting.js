/* An inspector's open page says each minute that it is open, and shows what the answer says. */

const EACH = 60_000;
const form = document.querySelector("form[data-inspecting]");
const shown = document.getElementById("now");

async function renew() {
  if (document.hidden) return;
  const answer = await fetch(form.dataset.inspecting, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "text/html" },
  });
  if (answer.status === 409 || answer.status === 404) window.location.reload();
  if (!answer.ok || shown.contains(document.activeElement)) return;
  shown.innerHTML = await answer.text();
}

if (form && shown) {
  const again = () => renew().catch(() => {});
  setInterval(again, EACH);
  document.addEventListener("visibilitychange", again);
}
