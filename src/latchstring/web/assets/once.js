// Sends forms that carry data-once a single time: the second half of a double click would spend a link that is spent.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.once === "sent") event.preventDefault();
    form.dataset.once = "sent";
  });
}
