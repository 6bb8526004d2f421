// One order keeps up with the log: with each event the parts of the page that it changes come drawn by the server.
import { onStream } from "./live.js";
import { renew } from "./renew.js";
import { say } from "./say.js";

const LIGHT_MS = 1600; // How long an event that has just come is lit.

const page = () => document.getElementById("order");
const isPast = () => Boolean(document.querySelector("#order-body[data-past]"));
const known = () => new Set([...document.querySelectorAll(".happening")].map((happening) => happening.id));

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children].filter((part) => part.id);
}

// What the reader has opened, or begun to write, stays so.
function keep(old, fresh) {
  for (const details of old.querySelectorAll("details[open][id]")) {
    const twin = fresh.querySelector(`#${CSS.escape(details.id)}`);
    if (twin) twin.open = true;
  }
  for (const input of old.querySelectorAll('input[type="text"][id]')) {
    const twin = fresh.querySelector(`#${CSS.escape(input.id)}`);
    if (twin) twin.value = input.value;
  }
}

function swap(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const path = focused ? within(old, focused) : null;
  keep(old, fresh);
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  document.dispatchEvent(new CustomEvent("page:changed", { detail: fresh }));
  if (focused) (focused.id && document.getElementById(focused.id) ? document.getElementById(focused.id) : found(fresh, path))?.focus({ preventScroll: true });
}

// Where something without an id stands: in which event, and the how-manieth of what can be focused there.
const FOCUSABLE = "a, button, summary, input, [tabindex]";

function within(old, focused) {
  const place = focused.closest("[id]");
  const id = place && place !== old ? place.id : "";
  const scope = id ? place : old;
  return { id, index: [...scope.querySelectorAll(FOCUSABLE)].indexOf(focused) };
}

function found(fresh, { id, index }) {
  const scope = id ? document.getElementById(id) : fresh;
  return scope?.querySelectorAll(FOCUSABLE)[index];
}

function light(before) {
  const news = [...document.querySelectorAll(".happening")].filter((happening) => !before.has(happening.id));
  for (const happening of news) {
    happening.classList.add("is-lit");
    setTimeout(() => happening.classList.remove("is-lit"), LIGHT_MS);
  }
  const events = news.map((happening) => happening.querySelector(".event").textContent);
  if (events.length > 0) say(`New: ${events.join(", ")}`);
}

function trace({ data }) {
  if (isPast()) {
    document.getElementById("order-newer").hidden = false;
    return;
  }
  const before = known();
  for (const part of parsed(data)) swap(part);
  light(before);
}

// Too much happened, or it can't be drawn: the page is loaded anew, unless the reader is elsewhere in time.
function reset() {
  if (isPast()) {
    document.getElementById("order-newer").hidden = false;
  } else {
    renew("#main", () => location.href, { showsErrors: true, swap: "outerHTML show:none" });
  }
}

// The position that a form came back with was waited for; the address needs it no longer.
function forgetPosition() {
  const url = new URL(location.href);
  if (!page() || !url.searchParams.has("after")) return;
  url.searchParams.delete("after");
  history.replaceState(history.state, "", url);
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "rewind-version") return;
  event.target.setAttribute("aria-valuetext", `version ${event.target.value} of ${event.target.max}`);
});

document.addEventListener("htmx:afterSettle", () => {
  forgetPosition();
  document.getElementById("refusal")?.focus();
});

forgetPosition();
onStream("order", { trace, reset, lost: () => {} });
