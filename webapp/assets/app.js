// What pages gain from a script; each works without it.
import "htmx.org";
import { bindKeys } from "./keys.js";
import { bindChoosing } from "./choosing.js";
import { bindDeciding } from "./deciding.js";
import { bindForms } from "./forms.js";

document.addEventListener("DOMContentLoaded", () => {
  bindKeys(document);
  bindDeciding(document); // before the forms' own guard: it only asks
  bindForms(document);
  bindChoosing(document);
});
