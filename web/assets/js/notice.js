// Says that a request did not get through, for as long as none does. What was there stays there.
const notice = () => document.getElementById("notice");

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.headers["Ordertrace-Refresh"] || !notice()) return;
  notice().textContent = "The server can’t be reached. Nothing was changed by this.";
  notice().hidden = false;
});

document.addEventListener("htmx:afterOnLoad", () => {
  if (notice()) notice().hidden = true;
});
