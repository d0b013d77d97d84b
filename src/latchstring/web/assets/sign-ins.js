// Sign-ins as they happen. While somebody reads (pointer or focus in the table), new rows wait behind a button.
const box = document.querySelector("[data-stream]");
const rows = document.querySelector("main tbody");
const MOST = 100;
const waiting = [];
let source = null;
let reading = false;

if (box) begin();

function begin() {
  const [show, pause, state] = ["show", "pause", "state"].map((part) => box.querySelector(`[data-stream-${part}]`));
  const words = pause.textContent;
  box.hidden = false;
  listen();
  show.addEventListener("click", () => (rows ? put() : location.reload()));
  pause.addEventListener("click", () => (source ? rest() : listen()));
  if (rows) {
    rows.addEventListener("mouseenter", () => (reading = true));
    rows.addEventListener("focusin", () => (reading = true));
    rows.addEventListener("mouseleave", done);
    rows.addEventListener("focusout", done);
  }
  addEventListener("pagehide", rest);

  function listen() {
    source = new EventSource(box.dataset.stream);
    source.onopen = () => (state.textContent = state.dataset.on);
    source.onerror = () => (state.textContent = state.dataset.lost);
    source.onmessage = (event) => {
      waiting.push(event.data);
      if (rows && !reading) put();
      else tell();
    };
    pause.textContent = words;
  }

  function rest() {
    source?.close();
    source = null;
    pause.textContent = pause.dataset.resume;
    state.textContent = state.dataset.off;
  }

  function done() {
    reading = rows.matches(":hover") || rows.contains(document.activeElement);
  }

  function tell() {
    show.hidden = waiting.length === 0;
    show.textContent = waiting.length === 1 ? show.dataset.one : show.dataset.many.replace("{}", waiting.length);
  }

  function put() {
    for (const html of waiting.splice(0)) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const row = holder.content.querySelector("tr");
      rows.querySelector(`[data-row="${CSS.escape(row.dataset.row)}"]`)?.remove();
      rows.prepend(row);
    }
    while (rows.rows.length > MOST) rows.deleteRow(-1);
    tell();
  }
}
