"""Every page in Chinese, on a desk and in the hand; beside its twin so that both run at once."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import pytest

from tests.browser.conftest import NARROW, WIDE, SignIn
from tests.browser.every_page import (  # noqa: F401  # fixtures
    case_no,
    draft_id,
    look_at_every_page,
    objected,
    paper_id,
    supplement_id,
    task_id,
    values,
)
from tests.browser.office import Office


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1366", "390"])
def test_page_is_accessible_and_never_scrolls_sideways(
    sign_in: SignIn,
    values: Mapping[str, object],  # noqa: F811
    size: tuple[int, int],
) -> None:
    assert look_at_every_page(sign_in, values, size, "zh") == []


def test_nothing_on_a_page_comes_from_elsewhere(
    sign_in: SignIn,
    case_no: str,  # noqa: F811
    office: Office,
) -> None:
    page = sign_in("jr.handler")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/cases/{quote(case_no)}?tab=flow")
    page.wait_for_selector("[data-diagram][data-ready]")

    assert asked
    assert [url for url in asked if not url.startswith(office.address)] == []
