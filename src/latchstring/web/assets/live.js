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
      const same = now[place].innerHTML === part.innerHTML || part.contains(document.activeElement);
      if (!same) part.replaceChildren(...now[place].childNodes);
    });
  } catch {
    // The next look may find it again; the link beside it works at any time.
  }
}
