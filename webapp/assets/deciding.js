// Deciding a task: the draft saves itself while one writes, and the next step is named before anything is submitted.
const PAUSE = 1500;

function part(form, address, name) {
  return fetch(address, { method: "POST", body: new FormData(form), headers: { "X-Part": name } });
}

// a login that has ended answers with the sign-in page, or finds the form's token gone with it
const signedOut = (answer) => answer.status === 400 || (answer.redirected && new URL(answer.url).pathname.endsWith("/login"));

class Draft {
  constructor(form) {
    this.form = form;
    this.said = document.querySelector("[data-draft-said]");
    this.door = document.querySelector("[data-sign-in]");
    this.timer = 0;
    this.lost = false;
    form.addEventListener("input", () => this.later());
    window.addEventListener("focus", () => { if (this.lost) this.renew(); });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  say(text, { lost = false } = {}) {
    this.lost = lost;
    if (this.said) this.said.textContent = text;
    if (this.door) this.door.hidden = !lost;
  }

  async save() {
    const answer = await part(this.form, this.form.dataset.draft, "said").catch(() => null);
    if (answer && signedOut(answer)) this.say(this.said.dataset.offline, { lost: true });
    else this.say(answer?.ok ? await answer.text() : this.said.dataset.failed);
  }

  // somebody who signed in again in another window goes on here: every form takes the new login's token
  async renew() {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || signedOut(answer)) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector("input[name=csrf_token]")?.value;
    if (!token) return;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
    await this.save();
  }
}

function confirmFirst(form, draft) {
  const dialog = document.querySelector("#confirm");
  if (!dialog) return;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (button?.hasAttribute("formaction") || ["add", "remove"].includes(button?.name)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(draft.timer);
    const answer = await part(form, form.action, "dialog").catch(() => null);
    if (answer && signedOut(answer)) {
      draft.say(draft.said.dataset.offline, { lost: true });
      return;
    }
    if (!answer?.ok) {
      form.submit(); // the page itself says what is wrong
      return;
    }
    dialog.innerHTML = await answer.text();
    dialog.showModal();
  });
}

export function bindDeciding(root) {
  const form = root.querySelector("form[data-draft]");
  if (form) confirmFirst(form, new Draft(form));
}
