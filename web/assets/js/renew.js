// Loads a part of the page anew, until it comes.
//
// One that fails changes nothing: what is there stays there, and after a wait that grows it is asked for again, for as
// long as it is there and nothing else has taken its place.
const WAIT_MS_MIN = 1000; // A server that restarts is back within seconds.
const WAIT_MS_MAX = 30_000; // Nobody is helped by a try that comes later, nor harmed by one so seldom.
const QUIET = { "Ordertrace-Refresh": "1" }; // Marks requests that nobody made by hand.

const tries = new Map(); // What is waited for before the next try, by part.

// `part` is an id's selector, `path` says where it is at the time of each try. An error that the server answers with is
// shown in the place of the page if it `showsErrors`. `done` is called when the part has come.
export function renew(part, path, { showsErrors = false, swap = "outerHTML", done = () => {} } = {}, wait = WAIT_MS_MIN) {
  clearTimeout(tries.get(part));
  const old = document.querySelector(part);
  if (!old || !window.htmx) return;
  const isStillOld = () => document.querySelector(part) === old;
  const again = () => isStillOld() && renew(part, path, { showsErrors, swap, done }, Math.min(WAIT_MS_MAX, wait * 2));
  const answered = () => {
    if (isStillOld()) tries.set(part, setTimeout(again, wait));
    else done();
  };
  const headers = showsErrors ? {} : QUIET;
  window.htmx.ajax("GET", path(), { target: part, select: part, swap, headers }).then(answered, answered);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig.headers["Ordertrace-Refresh"] && xhr.status !== 200) event.detail.shouldSwap = false;
});
