// Ctrl or Cmd with K opens a window that finds things; single keys lead to places, unless somebody switches them off.
const dialog = document.getElementById("palette");
const link = document.querySelector("[data-palette]");
const SWITCH = "latchstring-single-keys";
const PLACES = { o: "/organizations", s: "/sign-ins" };

if (dialog && link) {
  const input = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const said = dialog.querySelector("[data-said]");
  const keys = dialog.querySelector("input[type=checkbox]");
  const base = dialog.dataset.base;
  let asked = 0, chosen = -1, waiting = 0, going = 0;

  keys.checked = remembered() !== "off";
  keys.addEventListener("change", () => remember(keys.checked ? "on" : "off"));
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 120);
  });
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "ArrowDown" && count) choose((chosen + 1) % count);
    else if (event.key === "ArrowUp" && count) choose((chosen + count - 1) % count);
    else if (event.key === "Enter" && count) location.assign(list.children[Math.max(chosen, 0)].dataset.url);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
      return;
    }
    if (!keys.checked || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const after = performance.now() - going < 1000 && PLACES[event.key];
    going = event.key === "g" ? performance.now() : 0;
    const filter = document.querySelector("main form[role=search] input");
    if (after) location.assign(base + after);
    else if (event.key === "?") open();
    else if (event.key === "/" && filter) unfolded(filter).focus();
    else return;
    event.preventDefault();
  });

  function open() {
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
    look();
  }

  async function look() {
    const mine = ++asked;
    const url = `${base}/search?q=${encodeURIComponent(input.value)}`;
    const answer = await fetch(url, { headers: { accept: "application/json" } }).catch(() => null);
    if (mine !== asked) return;
    if (!answer || !answer.ok || answer.redirected) return location.assign(url); // signed out, or worse: the page says it
    const told = await answer.json();
    if (mine !== asked) return;
    list.replaceChildren(...told.found.map(entry));
    list.hidden = !told.found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = told.said;
    choose(told.found.length ? 0 : -1);
  }

  function entry(one, number) {
    const item = document.createElement("li");
    const about = document.createElement("span");
    item.id = `palette-${number}`;
    item.role = "option";
    item.dataset.url = one.url;
    about.className = "muted";
    about.textContent = one.about;
    item.append(`${one.title} `, about);
    item.addEventListener("click", () => location.assign(one.url));
    return item;
  }

  function choose(number) {
    chosen = number;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === number)));
    if (number < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `palette-${number}`);
    list.children[number].scrollIntoView({ block: "nearest" });
  }
}

// On a narrow screen the filter may be folded.
function unfolded(filter) {
  const fold = filter.closest(".folded")?.previousElementSibling;
  if (fold) fold.open = true;
  return filter;
}

function remembered() {
  try {
    return localStorage.getItem(SWITCH);
  } catch {
    return null;
  }
}

function remember(value) {
  try {
    localStorage.setItem(SWITCH, value);
  } catch {
    // It holds for this page, then.
  }
}
