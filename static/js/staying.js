/* Whoever goes on to another page of Viso does not leave: which of the pages that vanish were left by such a click. */

const LONGEST = 30000; // an answer that takes longer, or a file that leaves the page standing, says nothing
let clicked = -Infinity;

function isAnother(address) {
  const to = new URL(address, window.location.href);
  if (to.origin !== window.location.origin) return false;
  return !(to.hash && to.pathname === window.location.pathname && to.search === window.location.search);
}

function goOn(event, target, address) {
  if (event.defaultPrevented || (target && target !== "_self") || !isAnother(address)) return;
  clicked = Date.now();
}

window.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.hasAttribute("download") || event.button) return;
  if (!(event.ctrlKey || event.metaKey || event.shiftKey)) goOn(event, link.target, link.href);
});

window.addEventListener("submit", (event) => {
  const form = event.target;
  goOn(event, event.submitter?.getAttribute("formtarget") || form.target, form.getAttribute("action") || "");
});

/* Where browsers tell, going back, forth and loading again are seen too. */
window.navigation?.addEventListener("navigate", (event) => {
  if (!event.hashChange && event.downloadRequest === null) goOn(event, "", event.destination.url);
});

export function isGoingOn() {
  return Date.now() - clicked < LONGEST;
}
