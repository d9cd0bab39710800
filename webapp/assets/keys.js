// Keyboard for lists: j/k move, Enter opens, c claims, x chooses, / searches, ? shows the keys.

// a ticked box keeps the focus, and the keys go on working
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

function rows() {
  return [...document.querySelectorAll("tr[data-row]")];
}

function current() {
  return document.querySelector("tr[data-row][aria-current=true]");
}

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all.forEach((row) => row.removeAttribute("aria-current"));
  next.setAttribute("aria-current", "true");
  next.querySelector("a[data-open]")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function claim() {
  current()?.querySelector("form[data-claim] button")?.click();
}

function choose() {
  current()?.querySelector("input[name=task]")?.click();
}

function search(root) {
  const box = root.querySelector("#q") ?? root.querySelector("input[type=search]");
  box?.focus();
  box?.select();
}

function help(root) {
  const dialog = root.querySelector("#keys");
  if (dialog && !dialog.open) dialog.showModal();
}

export function bindKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const actions = { j: () => move(1), k: () => move(-1), c: claim, x: choose, "/": () => search(root), "?": () => help(root) };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
