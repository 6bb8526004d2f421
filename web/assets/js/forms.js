// Addresses say what is asked for and nothing else: a filter that is empty is left out.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, parameters } = event.detail;
  if (verb !== "get") return;
  for (const name of new Set(Object.keys(parameters))) {
    if (parameters[name] === "") delete parameters[name];
  }
});
