// The fonts that are embedded in PDFs, with their licence, beside the built scripts.
import { copyFileSync, mkdirSync } from "node:fs";

const from = "node_modules/@expo-google-fonts/noto-serif-sc";
const to = "webapp/static/build/fonts";

mkdirSync(to, { recursive: true });
for (const name of ["400Regular/NotoSerifSC_400Regular.ttf", "600SemiBold/NotoSerifSC_600SemiBold.ttf", "LICENSE_FONT"]) {
  copyFileSync(`${from}/${name}`, `${to}/${name.split("/").pop()}`);
}
