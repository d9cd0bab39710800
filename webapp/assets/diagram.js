// The live diagram of a case: draws the published BPMN and marks what is done, current, late or waiting.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { bindSelection } from "./selection.js";

const MARKS = { done: "n-done", current: "n-cur", late: "n-late", paused: "n-stop" };

function mark(viewer, state) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  overlays.clear();
  for (const element of registry.getAll()) {
    for (const name of [...Object.values(MARKS), "f-done"]) canvas.removeMarker(element.id, name);
  }
  for (const step of state.steps) {
    if (!registry.get(step.node)) continue;
    canvas.addMarker(step.node, MARKS[step.state]);
    if (!step.word) continue;
    // textContent, never markup: a name in a diagram is data
    const label = document.createElement("span");
    label.className = `mark c-${step.light}`;
    label.textContent = `${step.symbol} ${step.word}`;
    overlays.add(step.node, { position: { top: -12, left: -6 }, html: label });
  }
  for (const flow of state.flows) if (registry.get(flow)) canvas.addMarker(flow, "f-done");
}

const READABLE = 0.8;

// Start where the case is, large enough to read; the button shows the whole.
function placeView(viewer, state) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport");
  const box = canvas.viewbox();
  if (box.scale >= READABLE) return;
  const registry = viewer.get("elementRegistry");
  const here = state.steps.filter((step) => step.state !== "done" && registry.get(step.node)?.width > 60);
  const last = state.steps.filter((step) => registry.get(step.node)?.width).at(-1);
  const shape = registry.get((here[0] ?? last ?? {}).node);
  const width = box.outer.width / READABLE;
  const height = box.outer.height / READABLE;
  const inner = box.inner;
  const middle = shape ? shape.x + shape.width / 2 : inner.x;
  const x = Math.max(inner.x - 20, Math.min(middle - width / 2, inner.x + inner.width - width + 20));
  const y = inner.y + inner.height / 2 - height / 2;
  canvas.viewbox({ x, y, width, height });
}

function zoomable(element, viewer) {
  element.parentElement.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      const canvas = viewer.get("canvas");
      if (button.dataset.zoom === "fit") canvas.zoom("fit-viewport", "auto");
      else viewer.get("zoomScroll").stepZoom(Number(button.dataset.zoom));
    });
  });
}

async function show(element) {
  const [xml, state] = await Promise.all([
    fetch(element.dataset.xml).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))),
    fetch(element.dataset.state).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))),
  ]);
  const viewer = new NavigatedViewer({ container: element });
  await viewer.importXML(xml);
  placeView(viewer, state);
  mark(viewer, state);
  zoomable(element, viewer);
  bindSelection(element, viewer);
  element.dataset.ready = "yes";
  let rev = state.rev;
  setInterval(async () => {
    if (document.hidden) return;
    const fresh = await fetch(element.dataset.state).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
    if (!fresh || fresh.rev === rev) return;
    rev = fresh.rev;
    mark(viewer, fresh);
    document.querySelectorAll("[data-case-changed]").forEach((note) => { note.hidden = false; });
  }, 15000);
}

document.querySelectorAll("[data-diagram]").forEach((element) => {
  show(element).catch(() => {
    element.hidden = true;
    element.parentElement.querySelector("[data-diagram-failed]")?.removeAttribute("hidden");
  });
});
