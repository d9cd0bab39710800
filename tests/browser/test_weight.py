"""How much a browser is sent: the first page with all it needs, and a full page of a queue."""

from __future__ import annotations

import gzip
from pathlib import Path

from config import ROOT
from tests.browser.conftest import SignIn
from tests.browser.office import Office

FIRST_LOAD = 300_000
QUEUE_PAGE = 30_000
FULL_PAGE = 50


def test_the_first_load_and_a_full_queue_are_light(sign_in: SignIn, office: Office) -> None:
    for number in range(FULL_PAGE):
        office.apply(name=f"满页票据{number}")
    page = sign_in("jr.handler")

    answer = page.goto("/tasks?queue=available")

    assert answer is not None
    assert page.locator("tr[data-row]").count() == FULL_PAGE
    html = answer.all_headers()
    assert html["content-encoding"] == "gzip"
    assert int(html["content-length"]) <= QUEUE_PAGE
    build = ROOT / "webapp" / "static" / "build"
    needed = [build / name for name in ("app.css", "app.js", "icons.svg", "favicon.svg", "diagram.js")]
    assert int(html["content-length"]) + sum(_packed(path) for path in needed) <= FIRST_LOAD


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))
