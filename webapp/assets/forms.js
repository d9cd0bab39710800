// Forms: focus the error summary, insert common phrases, guard against a second click, add and remove repeated groups.

function insertPhrase(button) {
  const box = document.getElementById(button.dataset.phraseFor);
  if (!box) return;
  const phrase = button.dataset.phrase;
  const [ends, comma] = /^[\x20-\x7e]*$/u.test(phrase) ? [/[,.;，。；\s]+$/u, ". "] : [/[，。；\s]+$/u, "，"];
  box.value = box.value ? `${box.value.replace(ends, "")}${comma}${phrase}` : phrase;
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function lockOnSubmit(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button?.dataset.busy) {
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.busy;
    }
  });
}

function showNext(form) {
  const targets = [...form.querySelectorAll("[data-next-for]")];
  if (targets.length === 0) return;
  const update = () => {
    const chosen = form.querySelector("input[name=decision]:checked")?.value;
    targets.forEach((target) => { target.hidden = !target.dataset.nextFor.split(" ").includes(chosen); });
  };
  form.addEventListener("change", update);
  update();
}

export function bindForms(root) {
  root.querySelector("[data-error-summary]")?.focus();
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-phrase]");
    if (button) insertPhrase(button);
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  });
  root.querySelectorAll("form[data-once]").forEach(lockOnSubmit);
  root.querySelectorAll("form[data-next]").forEach(showNext);
  root.querySelectorAll("[data-no-script]").forEach((element) => { element.hidden = true; });
  root.querySelectorAll("[data-script-only]").forEach((element) => { element.hidden = false; });
}

// A page taken back from the browser's memory can be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => { delete form.dataset.sent; });
});
