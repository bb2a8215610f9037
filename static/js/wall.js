/* The page on the wall shows the next code when it comes, and waits for the next minute where the line is cut. */

const AGAIN = 10;

function wait(seconds) {
  setTimeout(renew, Number(seconds) * 1000);
}

async function renew() {
  let seconds = AGAIN;
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return window.location.reload();
    const read = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = read && read.querySelector("[data-renew]");
    if (there) {
      document.querySelector("[data-renew]").replaceWith(document.adoptNode(there));
      seconds = there.dataset.renew;
    }
  } catch {
    // away for now: what stands stays, and opens for one more turn
  }
  return wait(seconds);
}

wait(document.querySelector("[data-renew]").dataset.renew);
