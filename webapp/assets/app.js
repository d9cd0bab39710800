// What pages gain from a script; each works without it.
import "htmx.org";
import { bindKeys } from "./keys.js";
import { bindChoosing } from "./choosing.js";
import { bindForms } from "./forms.js";

document.addEventListener("DOMContentLoaded", () => {
  bindKeys(document);
  bindForms(document);
  bindChoosing(document);
});
