// Diagram, table of steps and history select one another: by pointer, by focus, by key.

const rowsOf = (node) => [...document.querySelectorAll(`[data-node="${CSS.escape(node)}"]`)];

class Selection {
  constructor(element, viewer) {
    this.element = element;
    this.canvas = viewer.get("canvas");
    this.registry = viewer.get("elementRegistry");
    this.said = element.parentElement.querySelector("[data-selected-said]");
    this.chosen = null;
    this.focused = null;
    this.shown = null;
  }

  // what has the focus, else what was chosen: the pointer only visits
  rest() {
    this.show(this.focused ?? this.chosen);
  }

  focus(node) {
    this.focused = node;
    this.rest();
  }

  knows(node) {
    return rowsOf(node).length > 0;
  }

  show(node) {
    if (node === this.shown) return;
    this.mark(this.shown, false);
    this.mark(node, true);
    this.shown = node;
  }

  mark(node, on) {
    if (!node) return;
    for (const row of rowsOf(node)) row.classList.toggle("hit", on);
    if (this.registry.get(node)) this.canvas[on ? "addMarker" : "removeMarker"](node, "n-hit");
  }

  choose(node, { from = null } = {}) {
    const again = node === this.chosen;
    this.press(this.chosen, false);
    this.chosen = again ? null : node;
    this.press(this.chosen, true);
    this.show(this.chosen ?? this.focused);
    if (again) return;
    this.tell(node);
    for (const row of rowsOf(node)) if (row.closest("section") !== from) row.scrollIntoView({ block: "nearest" });
    if (from) this.reveal(node);
  }

  press(node, on) {
    if (!node) return;
    for (const row of rowsOf(node)) on ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
    this.shape(node)?.setAttribute("aria-pressed", String(on));
  }

  // what was chosen in the words is brought into the picture's window
  reveal(node) {
    const shape = this.registry.get(node);
    const box = this.canvas.viewbox();
    if (!shape?.width) return;
    if (shape.x < box.x || shape.x + shape.width > box.x + box.width) {
      this.canvas.viewbox({ ...box, x: shape.x + shape.width / 2 - box.width / 2 });
    }
  }

  shape(node) {
    return this.element.querySelector(`g.djs-element[data-element-id="${CSS.escape(node)}"]`);
  }

  tell(node) {
    if (!this.said) return;
    const label = rowsOf(node).find((row) => row.dataset.label)?.dataset.label ?? "";
    const facts = rowsOf(node).filter((row) => !row.dataset.label).length;
    this.said.textContent = this.said.dataset.text.replace("{n}", label).replace("{m}", facts);
  }
}

export function bindSelection(element, viewer) {
  const selection = new Selection(element, viewer);
  const bus = viewer.get("eventBus");
  const known = (shape) => selection.knows(shape.id);
  bus.on("element.click", ({ element: shape }) => { if (known(shape)) selection.choose(shape.id); });
  bus.on("element.hover", ({ element: shape }) => { if (known(shape)) selection.show(shape.id); });
  bus.on("element.out", () => selection.rest());

  document.querySelectorAll("tr[data-label]").forEach((row) => {
    const shape = selection.shape(row.dataset.node);
    if (!shape) return;
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", row.dataset.label);
    shape.setAttribute("aria-pressed", "false");
    shape.addEventListener("focus", () => { selection.focus(row.dataset.node); selection.reveal(row.dataset.node); });
    shape.addEventListener("blur", () => selection.focus(null));
    shape.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      selection.choose(row.dataset.node);
    });
  });

  document.querySelectorAll("[data-node]").forEach((row) => {
    const node = row.dataset.node;
    row.addEventListener("mouseenter", () => selection.show(node));
    row.addEventListener("mouseleave", () => selection.rest());
    row.addEventListener("focusin", () => selection.focus(node));
    row.addEventListener("focusout", () => selection.focus(null));
    row.querySelector("a[data-select]")?.addEventListener("click", (event) => {
      event.preventDefault();
      selection.choose(node, { from: row.closest("section") });
    });
  });
}
