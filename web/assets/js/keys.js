// The keyboard: one key each, and none of them while somebody writes.
const TYPING = "input, textarea, select, [contenteditable]";

const rows = () => [...document.querySelectorAll("[data-row]")];

function step(by) {
  const all = rows();
  const now = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(now + by, 0), all.length - 1)];
  next?.querySelector("a")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function focusFilter() {
  const panel = document.querySelector("[data-filters]");
  if (panel) panel.open = true;
  document.querySelector("[data-first-filter]")?.focus();
}

// Only what the page offers: a key leads nowhere that a link does not.
function go(path) {
  if (document.querySelector(`a[href="${path}"]`)) location.assign(path);
}

const help = () => document.getElementById("help");

const KEYS = {
  "/": focusFilter,
  "?": () => help()?.showModal(),
  n: () => go("/ui/orders/new"),
  g: () => go("/ui/orders"),
  j: () => step(1),
  k: () => step(-1),
};

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const action = KEYS[event.key];
  if (!action || !isPlain || event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
});
