"""Pictures for the README, taken of a running system: `python docs/screenshots.py http://127.0.0.1:8000 PASSWORD`.

The system is a fresh demonstration; the script walks one application through the offices as people would, and takes
its pictures on the way. It needs Chromium (`LIANBAN_CHROMIUM` names it) and the development dependencies.
"""

from __future__ import annotations

import base64
import os
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflows.uscc import check_character

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("LIANBAN_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COMPANIES = ("盐湖区乙昌机械有限公司", "永济市壬和电机有限公司", "河津丙源铝材有限公司")
COUNTIES = ("yanhu", "yongji", "hejin")
LANGUAGES = (("zh", ""), ("en", "-en"))
CASE_HEIGHT = 980
"""Of the case's pictures: down to the end of the diagram."""


@dataclass(frozen=True)
class Studio:
    """The running system and how to sign in to it."""

    browser: Browser
    address: str
    password: str

    def visit(self, username: str | None, *, width: int = 1366, language: str = "zh") -> Page:
        """Open a window of one's own, signed in."""
        context = self.browser.new_context(base_url=self.address, viewport={"width": width, "height": 860})
        page = context.new_page()
        page.goto(f"/language/{language}")
        if username:
            page.goto("/login")
            page.fill("#username", username)
            page.fill("#password", self.password)
            page.click("form button[type=submit]")
            page.wait_for_url(lambda url: not url.endswith("/login"))
        return page


def picture(page: Page, name: str, *, height: int | None = None) -> None:
    """Keep what the page shows, down to `height` pixels if it is given."""
    PICTURES.mkdir(exist_ok=True)
    width = (page.viewport_size or {"width": 1366})["width"]
    if height is None:
        shown = page.screenshot()
    else:
        shown = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    path = PICTURES / f"{name}.png"
    path.write_bytes(with_palette(page, shown))
    print(f"{path} {path.stat().st_size // 1024} KB")


_PIXELS = """async (png) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const bytes = context.getImageData(0, 0, picture.width, picture.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [picture.width, picture.height, btoa(text)];
}"""


def with_palette(page: Page, png: bytes) -> bytes:
    """Return the picture with its 256 most frequent colours, at about a third of the size (PNG, clause 11.2.3)."""
    # A page of our own would forbid pictures from data addresses.
    blank = page.context.new_page()
    width, height, text = blank.evaluate(_PIXELS, base64.b64encode(png).decode())
    blank.close()
    pixels = struct.unpack(f"<{width * height}I", base64.b64decode(text))
    palette = [colour for colour, _ in Counter(pixels).most_common(256)]
    nearest = {colour: _nearest(colour, palette) for colour in set(pixels)}
    indexes = bytes(map(nearest.__getitem__, pixels))
    rows = b"".join(b"\0" + indexes[row * width : (row + 1) * width] for row in range(height))
    colours = b"".join(struct.pack("<I", colour)[:3] for colour in palette)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _nearest(colour: int, palette: list[int]) -> int:
    def distance(index: int) -> int:
        other = palette[index]
        return sum(((colour >> shift & 255) - (other >> shift & 255)) ** 2 for shift in (0, 8, 16))

    return min(range(len(palette)), key=distance)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def apply(page: Page) -> str:
    """Apply for three companies; return the case's number."""
    page.goto("/apply/bond_subsidy")
    page.check("input[name=instrument][value=collective_note]")
    page.fill("[name=bond_name]", "2019年第一期中小企业集合票据")
    page.fill("[name=issued_on]", "2019-06-28")
    page.fill("[name=contact_name]", "王明")
    page.fill("[name=contact_phone]", "0359-2660000")
    for index, company in enumerate(COMPANIES):
        if page.locator(f"[name='issuers.{index}.name']").count() == 0:
            page.click("button[name=add][value=issuers]")
        stem = f"91140800MA0KJX7T{index}"
        values = {
            "name": company,
            "uscc": stem + check_character(stem),
            "issue_amount_fen": f"{5 + index},000,000.00",
            "account_name": company,
            "account_no": f"622848000000{index:04d}",
            "account_bank": "A银行运城分行",
        }
        for field, value in values.items():
            page.fill(f"[name='issuers.{index}.{field}']", value)
        page.select_option(f"[name='issuers.{index}.county']", index=index + 1)
    page.check("[name=commitment]")
    page.click("button.btn-1[value=check]")
    lay_papers(page)
    page.click("button[value=submit]")
    return page.locator(".receipt dd").first.inner_text()


def lay_papers(page: Page) -> None:
    """Upload every required paper, one after another, as the page asks for them."""
    asked = page.locator("details.return[open]:has(input[type=file])")
    while number := asked.count():
        paper = {"name": "证明.pdf", "mimeType": "application/pdf", "buffer": b"%%PDF-1.7\n%d\n%%%%EOF\n" % number}
        asked.first.locator("input[type=file]").set_input_files(paper)
        with page.expect_navigation():
            asked.first.locator("button[type=submit]").click()
    page.click("a.btn-1")


def work(
    studio: Studio,
    username: str,
    case_no: str,
    decide: Callable[[Page], None],
    *,
    name: str | None = None,
    language: str = "zh",
) -> None:
    """Claim a person's task of the case, decide it, confirm and submit; keep a picture before submitting."""
    page = studio.visit(username, language=language)
    page.goto(f"/tasks?queue=available&q={quote(case_no)}")
    page.locator("form[data-claim] button").first.click()
    page.wait_for_selector("tr.mine-now")
    page.goto(f"/tasks?queue=mine&q={quote(case_no)}")
    page.locator("a[data-open]").first.click()
    decide(page)
    if name:
        picture(page, name)
    page.click("#decide .submit button[name=then]")
    page.click("button[name=then][value=stay][formaction$=complete]")
    page.context.close()


def choose(decision: str, opinion: str = "", **filled: str) -> Callable[[Page], None]:
    """Return what a person enters on the task page."""

    def decide(page: Page) -> None:
        page.check(f"input[name=decision][value={decision}]")
        if opinion:
            page.fill("#opinion", opinion)
        for field, value in filled.items():
            page.fill(f"[name={field}]", value)

    return decide


def main(address: str, password: str) -> None:
    """Walk an application to the province and take the pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        studio = Studio(browser, address, password)
        picture(studio.visit(None), "sign-in")
        applicant = studio.visit("enterprise-a.applicant")
        case_no = apply(applicant)
        other_no = apply(applicant)
        for language, suffix in LANGUAGES:
            officer = studio.visit("jr.handler", language=language)
            officer.goto("/tasks?queue=available")
            picture(officer, f"task-centre{suffix}")
            officer.goto("/measures")
            picture(officer, f"measures{suffix}")
        hand = studio.visit("jr.handler", width=390)
        hand.goto("/tasks?queue=available")
        picture(hand, "task-centre-390")
        work(studio, "jr.handler", case_no, choose("accept", "材料齐全，符合规定"), name="task")
        work(studio, "jr.handler", other_no, choose("accept", "Papers complete"), name="task-en", language="en")
        for county in COUNTIES[:2]:
            work(studio, f"{county}.handler", case_no, choose("agree"))
        work(studio, f"{COUNTIES[2]}.handler", case_no, choose("agree_with_conditions", "续报专户回单"))
        work(studio, "jr.handler2", case_no, choose("file", "三家均已核实，建议报省认定"))
        for language, suffix in LANGUAGES:
            reader = studio.visit("jr.handler", language=language)
            reader.goto(f"/cases/{quote(case_no)}?tab=flow")
            reader.wait_for_selector("[data-diagram][data-ready]")
            picture(reader, f"case{suffix}", height=CASE_HEIGHT)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2])
