/* Says before the button how many letters will leave, by the addresses in the box. */

const output = document.querySelector("[data-letters]");
const box = output && document.getElementById(output.htmlFor.toString());

function count() {
  const addresses = box.value.match(/[^\s<>,;"]+@[^\s<>,;"]+\.[^\s<>,;"]+/g) ?? [];
  const n = new Set(addresses.map((address) => address.toLowerCase())).size;
  const { none, one, many } = output.dataset;
  output.textContent = n === 0 ? none : n === 1 ? one : many.replace("{n}", n);
}

if (box) {
  box.addEventListener("input", count);
  count();
}
