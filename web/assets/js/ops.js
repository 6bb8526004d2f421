// Operations keep up by themselves: each section is asked for again while somebody looks at it.
const board = () => document.getElementById("ops");

// A section that somebody is busy with is left alone: what they write or are about to confirm would be gone.
const isBusy = (section) => section.querySelector("details.confirm[open], input:focus, button:disabled");

function refresh() {
  const all = board();
  if (!all || document.hidden) return;
  for (const section of all.querySelectorAll("[data-refresh]")) {
    if (!isBusy(section)) section.dispatchEvent(new CustomEvent("refresh"));
  }
}

function stale(isStale) {
  const note = document.getElementById("ops-stale");
  if (note) note.hidden = !isStale;
}

const isSection = (event) => event.target.matches?.("[data-refresh]");

document.addEventListener("htmx:sendError", (event) => isSection(event) && stale(true));
document.addEventListener("htmx:afterRequest", (event) => isSection(event) && event.detail.successful && stale(false));
document.addEventListener("visibilitychange", refresh);

// A section that failed as a whole is no section: what stands there stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isSection(event) && event.detail.xhr.status !== 200) {
    event.detail.shouldSwap = false;
    stale(true);
  }
});

// What the reader has unfolded in a section stays so when the section comes anew.
const unfolded = new Set();

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isSection(event)) return;
  for (const details of event.target.querySelectorAll("details[id]")) {
    if (details.open) unfolded.add(details.id);
    else unfolded.delete(details.id);
  }
});
document.addEventListener("htmx:load", (event) => {
  if (!isSection(event)) return;
  for (const details of event.target.querySelectorAll("details[id]")) {
    if (unfolded.has(details.id)) details.open = true;
  }
});

const every = Number(board()?.dataset.refreshMs);
if (every > 0) setInterval(refresh, every);
