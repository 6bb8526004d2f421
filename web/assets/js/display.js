// Light or dark, UTC or local time: as the reader chose it.
import { kept, keep } from "./kept.js";

const THEMES = ["system", "light", "dark"];
const root = document.documentElement;

const FORMATS = {
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  long: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 },
  clock: { hour: "2-digit", minute: "2-digit" },
};

const isLocal = () => kept("time") === "local";

function shown(time) {
  const moment = new Date(time.dateTime);
  const format = FORMATS[time.dataset.time];
  if (Number.isNaN(moment.getTime()) || !format) return null;
  const zone = isLocal() ? {} : { timeZone: "UTC" };
  const words = new Intl.DateTimeFormat("en-GB", { ...format, hourCycle: "h23", ...zone }).format(moment);
  return time.dataset.time === "short" ? words.replace(",", "") : words;
}

// The server wrote UTC; that is left alone until the reader wants something else.
function showTimes(within) {
  for (const time of within.querySelectorAll("time[data-time]")) {
    if (!isLocal() && !("rewritten" in time.dataset)) continue;
    const words = shown(time);
    if (words) time.textContent = words;
    time.dataset.rewritten = "";
  }
}

function showChoices() {
  const theme = root.dataset.theme ?? "system";
  for (const button of document.querySelectorAll('[data-toggle="theme"]')) {
    label(button, theme[0].toUpperCase() + theme.slice(1), `Theme: ${theme}`);
  }
  for (const button of document.querySelectorAll('[data-toggle="time"]')) {
    label(button, isLocal() ? "Local time" : "UTC", "Local time");
    button.setAttribute("aria-pressed", String(isLocal()));
  }
}

function label(button, words, name) {
  button.querySelector("span").textContent = words;
  button.setAttribute("aria-label", name);
  button.title = name;
}

function nextTheme() {
  const now = THEMES.indexOf(root.dataset.theme ?? "system");
  const next = THEMES[(now + 1) % THEMES.length];
  if (next === "system") delete root.dataset.theme;
  else root.dataset.theme = next;
  keep("theme", next);
}

const TOGGLES = {
  theme: nextTheme,
  time: () => keep("time", isLocal() ? "utc" : "local"),
};

function show(within = document) {
  showChoices();
  showTimes(within);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (!button) return;
  TOGGLES[button.dataset.toggle]?.();
  show();
});
document.addEventListener("htmx:load", () => show());
document.addEventListener("page:changed", (event) => showTimes(event.detail));
show();
