// Follows the log: one stream a page, from the position at which the page was drawn, without a gap.
//
// The element with `data-stream` says where the stream is, `data-position` from where on, `data-kind` who takes its
// messages. When it is lost it is opened again from the last position that was seen, after a wait that grows.
const WAIT_MS_MIN = 1000; // A server that restarts is back within seconds, and not all its readers at the same moment.
const WAIT_MS_MAX = 30_000; // Beyond that nobody waits any longer; a reader who comes back to the tab is served at once.
const OFFLINE_AFTER = 3; // So many tries in a row that failed are no hiccup any more.
const EVENTS = ["position", "trace", "removed", "reset"];
const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting", offline: "Offline" };

const takers = new Map();
let followed = null; // { element, source, position, failures, timer }

// `handlers` has a function for each event that is of interest: (message {id, data}, element); and `lost`, if what the
// stream is refused for may be the position, so that the page has to be loaded anew.
export function onStream(kind, handlers) {
  takers.set(kind, handlers);
  follow();
}

function badge(state) {
  for (const badge of document.querySelectorAll("[data-badge]")) {
    if (badge.dataset.live === state) continue;
    badge.dataset.live = state;
    badge.querySelector("[data-badge-words]").textContent = WORDS[state];
  }
}

function follow() {
  const element = document.querySelector("[data-stream]");
  if (followed?.element === element) return;
  leave();
  if (!element || !takers.has(element.dataset.kind)) return;
  followed = { element, source: null, position: element.dataset.position, failures: 0, timer: null };
  open();
}

function leave() {
  if (!followed) return;
  pause();
  followed = null;
}

function pause() {
  clearTimeout(followed.timer);
  followed.source?.close();
  followed.source = null;
}

function open() {
  const now = followed;
  const url = new URL(now.element.dataset.stream, location.href);
  if (now.position) url.searchParams.set("lastEventId", now.position);
  const source = new EventSource(url);
  now.source = source;
  for (const name of EVENTS) source.addEventListener(name, (event) => take(now, name, event));
  source.addEventListener("open", () => badge("live"));
  source.addEventListener("error", () => lost(now));
  source.addEventListener("closing", () => lost(now));
  // One has to log in again: the page that is loaded anew says so, and leads back here.
  source.addEventListener("login", () => location.reload());
}

function take(now, name, event) {
  if (now !== followed) return;
  now.failures = 0;
  if (event.lastEventId) now.position = event.lastEventId;
  takers.get(now.element.dataset.kind)[name]?.({ id: event.lastEventId, data: event.data }, now.element);
}

function lost(now) {
  if (now !== followed || !now.source) return;
  pause();
  now.failures += 1;
  badge(now.failures >= OFFLINE_AFTER ? "offline" : "reconnecting");
  if (now.failures % OFFLINE_AFTER === 0) takers.get(now.element.dataset.kind).lost?.();
  const wait = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** (now.failures - 1));
  now.timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
}

// A browser has few connections for one server: a page that nobody sees holds none, and catches up when it is seen.
function seen() {
  if (!followed || document.hidden) return;
  if (!followed.source) {
    clearTimeout(followed.timer);
    open();
  }
}

document.addEventListener("visibilitychange", () => (document.hidden ? followed && pause() : seen()));
window.addEventListener("pagehide", () => followed && pause());
window.addEventListener("pageshow", seen);
window.addEventListener("online", seen);
document.addEventListener("htmx:afterSettle", follow);
