// Copies what a button says it copies.
import { say } from "./say.js";

const SHOWN_MS = 1200; // Long enough to be seen, short enough not to be taken for a state.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    say("This browser does not let the page copy");
    return;
  }
  button.classList.add("is-copied");
  say("Copied");
  setTimeout(() => button.classList.remove("is-copied"), SHOWN_MS);
});
