// The live diagram of a case: draws the published BPMN and marks what is done, current, late or waiting.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

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

function follow(element, viewer) {
  viewer.get("eventBus").on("element.click", ({ element: shape }) => {
    document.querySelectorAll("[data-node]").forEach((row) => row.classList.toggle("hit", row.dataset.node === shape.id));
    document.querySelector(`[data-node="${CSS.escape(shape.id)}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
  });
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
  viewer.get("canvas").zoom("fit-viewport", "auto");
  mark(viewer, state);
  follow(element, viewer);
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
