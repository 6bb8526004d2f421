// The list keeps up with the log: rows come, change and go; the counts follow.
import { onStream } from "./live.js";
import { renew } from "./renew.js";
import { say } from "./say.js";

const COUNTS_MS = 1000; // The counts are asked for at most so often, however much happens.
const MISFITS_MAX = 2; // A link to the next page that fits the list no better after so many tries never will.
const LIGHT_MS = 1600; // How long a row that changed is lit.

let isCountingDue = false;
let news = 0;
let isNextPageDue = false;
let misfits = 0;

function rowOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.querySelector("[data-row]");
}

const rowsIn = (list) => list.querySelector("[data-rows]");

// The list is in the order of placing, newest first, so a row's place follows from its time alone.
function place(list, row) {
  const rows = [...rowsIn(list).querySelectorAll("[data-row]")];
  const next = rows.find((other) => other.dataset.placed < row.dataset.placed);
  const isBeyondThePage = !next && (rows.length >= Number(list.dataset.rowsMax) || "hasMore" in list.dataset);
  if (isBeyondThePage) return false;
  rowsIn(list).insertBefore(row, next ?? null);
  return true;
}

// What new orders push off the page is on the next one, whose address the server knows.
function trim(list) {
  const rows = rowsIn(list).querySelectorAll("[data-row]");
  const pushedOff = [...rows].slice(Number(list.dataset.rowsMax));
  if (pushedOff.length === 0) return;
  for (const row of pushedOff) row.remove();
  list.dataset.hasMore = "";
  isNextPageDue = true;
}

// Going into quarantine is no event of the order, so its version stays; and no order comes out of it again.
function isNewer(row, old) {
  const [version, known] = [row, old].map(({ dataset }) => Number(dataset.version));
  return version > known || (version === known && "quarantined" in row.dataset && !("quarantined" in old.dataset));
}

function replace(old, row) {
  if (!isNewer(row, old)) return false;
  const focused = old.contains(document.activeElement) ? document.activeElement.tagName : null;
  old.replaceWith(row);
  if (focused) row.querySelector(focused.toLowerCase())?.focus();
  return true;
}

function light(row) {
  row.classList.add("is-lit");
  setTimeout(() => row.classList.remove("is-lit"), LIGHT_MS);
}

function trace({ data }, list) {
  const row = rowOf(data);
  if (!row) return;
  const old = document.getElementById(row.id);
  const isShown = old ? replace(old, row) : "takesNew" in list.dataset && place(list, row);
  if (isShown) {
    light(row);
    document.dispatchEvent(new CustomEvent("page:changed", { detail: row }));
    if (!old) announce();
  }
  trim(list);
  settle(list);
}

function removed({ data }, list) {
  document.getElementById(`order-${JSON.parse(data).orderId}`)?.remove();
  settle(list);
}

function announce() {
  news += 1;
  say(news === 1 ? "1 new order" : `${news} new orders`);
}

function settle(list) {
  const isEmpty = !list.querySelector("[data-row]");
  list.querySelector("table").hidden = isEmpty;
  const empty = list.querySelector("[data-empty]");
  if (empty) empty.hidden = !isEmpty;
  count();
}

// One request for whatever happens within the time.
function count() {
  if (isCountingDue) return;
  isCountingDue = true;
  setTimeout(() => {
    isCountingDue = false;
    news = 0;
    const summary = document.getElementById("summary");
    if (summary?.dataset.path) refresh("#summary", () => summary.dataset.path);
    if (isNextPageDue) renew("#paging", () => location.href, { done: turn });
    isNextPageDue = false;
  }, COUNTS_MS);
}

// The link has to lead on from the row that is the last here. If it was drawn a moment before or after, it is asked for
// once more; if that does not help, the rows themselves are others.
function turn() {
  const last = [...document.querySelectorAll("[data-row]")].at(-1);
  const fits = document.getElementById("paging")?.dataset.after === last?.id;
  misfits = fits ? 0 : misfits + 1;
  if (misfits >= MISFITS_MAX) {
    misfits = 0;
    reset();
  } else if (!fits) {
    isNextPageDue = true;
    count();
  }
}

// Too much happened to be told piece by piece, or nobody knows from where on: the list is loaded anew.
function reset() {
  refresh("#board", () => location.href);
}

// What the reader has unfolded stays so.
function refresh(part, path) {
  const table = () => document.querySelector(".chart-table");
  const isOpen = table()?.open;
  const done = () => {
    if (table() && isOpen) table().open = true;
  };
  renew(part, path, { done });
}

onStream("orders", { trace, removed, reset, lost: reset });
