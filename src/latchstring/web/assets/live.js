// Loads the page again every so often, and puts in what has changed inside [data-live]: from the start where the first
// one holds a pause in milliseconds, else once a form with data-live-after was sent.
const parts = [...document.querySelectorAll("[data-live]")];
let timer = 0;

if (parts[0]?.dataset.live) watch(Number(parts[0].dataset.live));
document.addEventListener("submit", (sent) => sent.target.matches("[data-live-after]") && watch(2000));

function watch(pause) {
  clearInterval(timer);
  timer = setInterval(look, pause);
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelectorAll("[data-live]");
    if (!answer.ok || now.length !== parts.length) return location.reload();
    parts.forEach((part, place) => {
      const held = part.contains(document.activeElement) && document.activeElement;
      const begins = held && held.closest("[data-live-after]"); // whoever has pressed it waits for the rest to follow
      if (now[place].innerHTML === part.innerHTML || (held && !begins)) return;
      part.replaceChildren(...now[place].childNodes);
      if (held) document.querySelector("[data-live-after] button")?.focus({ preventScroll: true });
    });
  } catch {
    // The next look may find it again; the link beside it works at any time.
  }
}
