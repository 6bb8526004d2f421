// Tells readers who do not see the page what changed on it.
const SETTLE_MS = 400; // Messages that come together are one: only the last of them is read out.

let pending;

export function say(words) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    const said = document.getElementById("said");
    if (said) said.textContent = words;
  }, SETTLE_MS);
}
