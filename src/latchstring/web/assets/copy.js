// Shows the copy buttons, which need a script, and says when something was copied.
const status = document.querySelector("[data-copied]");

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      say(button, status?.dataset.copied || "✓");
    } catch {
      say(button, status?.dataset.failed || "✕");
    }
  });
}

function say(button, text) {
  const label = button.firstChild;
  const before = label.nodeValue;
  label.nodeValue = text;
  if (status) status.textContent = text;
  setTimeout(() => {
    label.nodeValue = before;
    if (status) status.textContent = "";
  }, 2000);
}
