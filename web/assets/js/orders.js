// The list keeps up with the log: rows come, change and go; the counts follow.
import { onStream } from "./live.js";
import { say } from "./say.js";

const COUNTS_MS = 1000; // The counts are asked for at most so often, however much happens.
const LIGHT_MS = 1600; // How long a row that changed is lit.

let isCountingDue = false;
let news = 0;

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

function trim(list) {
  const rows = rowsIn(list).querySelectorAll("[data-row]");
  for (const row of [...rows].slice(Number(list.dataset.rowsMax))) row.remove();
}

function replace(old, row) {
  if (Number(row.dataset.version) <= Number(old.dataset.version)) return false;
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
    if (summary?.dataset.path) fetchPart(summary.dataset.path, "#summary");
  }, COUNTS_MS);
}

// Too much happened to be told piece by piece, or nobody knows from where on: the list is loaded anew.
function reset() {
  fetchPart(location.href, "#board");
}

function fetchPart(path, part) {
  const isTableOpen = document.querySelector(".chart-table")?.open;
  const options = { target: part, select: part, swap: "outerHTML", headers: { "Ordertrace-Refresh": "1" } };
  const openAgain = () => {
    const table = document.querySelector(".chart-table");
    if (table && isTableOpen) table.open = true;
  };
  // One that fails changes nothing; the badge says that the server is away.
  window.htmx?.ajax("GET", path, options).then(openAgain, () => {});
}

// What is there stays there when it can't be fetched anew.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig.headers["Ordertrace-Refresh"] && xhr.status !== 200) event.detail.shouldSwap = false;
});

onStream("orders", { trace, removed, reset, lost: reset });
