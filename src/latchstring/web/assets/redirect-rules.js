// Says of each rule on the page whether the redirect URI that is being typed keeps it. It asks nobody: the form decides.
const field = document.querySelector("[data-rules-for]");
const input = field && document.getElementById(field.dataset.rulesFor);
const host = (uri) => (/^[^:]*:\/\/([^/?#]*)/.exec(uri) || ["", ""])[1];
const local = (uri) => /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(host(uri));
const broken = {
  absolute: (uri) => !/^[a-z][a-z0-9+.-]*:\/\/[^/?#A-Z]+/.test(uri) || /[^\x21-\x7e]|\\/.test(uri),
  https: (uri) => uri.startsWith("http:"),
  "https-or-local": (uri) => uri.startsWith("http:") && !local(uri),
  elsewhere: local,
  "no-wildcard": (uri) => uri.includes("*"),
  wildcard: (uri) => uri.includes("*") && !/^https?:\/\/([a-z0-9_-]*\*[a-z0-9_-]*\.[^/*]+|[^/*]+:\*)(\/[^*]*)?$/.test(uri),
  query: (uri) => uri.includes("?"),
  fragment: (uri) => uri.includes("#"),
  userinfo: (uri) => host(uri).includes("@"),
};

function look() {
  for (const rule of field.querySelectorAll("[data-rule]")) {
    const fault = input.value.trim() !== "" && broken[rule.dataset.rule](input.value.trim());
    rule.classList.toggle("broken", fault);
    rule.querySelector("[data-broken]").hidden = !fault;
  }
}

if (input) {
  input.addEventListener("input", look);
  look();
}
