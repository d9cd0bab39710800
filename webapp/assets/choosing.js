// Several tasks at once: how many are chosen, all of the page, and the rows that are.

export function bindChoosing(root) {
  const bar = root.querySelector("form[data-bulk]");
  if (!bar) return;
  const said = bar.querySelector("[data-chosen]");
  const idle = said.textContent;
  const all = root.querySelector("[data-choose-all]");
  const boxes = () => [...root.querySelectorAll("input[name=task][form=bulk]")];
  const update = () => {
    const chosen = boxes().filter((box) => box.checked);
    said.textContent = chosen.length ? said.dataset.text.replace("{n}", chosen.length) : idle;
    bar.classList.toggle("idle", chosen.length === 0);
    for (const box of boxes()) box.closest("tr").classList.toggle("sel", box.checked);
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    update();
  });
  root.addEventListener("change", (event) => {
    if (event.target.matches("input[name=task]")) update();
  });
  root.addEventListener("htmx:afterSwap", update);
  window.addEventListener("pageshow", update); // boxes stay ticked when one comes back
  update();
}
