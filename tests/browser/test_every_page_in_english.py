"""Every page in English, on a desk and in the hand; beside its twin so that both run at once."""

from __future__ import annotations

from collections.abc import Mapping

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


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1366", "390"])
def test_page_is_accessible_and_never_scrolls_sideways(
    sign_in: SignIn,
    values: Mapping[str, object],  # noqa: F811
    size: tuple[int, int],
) -> None:
    assert look_at_every_page(sign_in, values, size, "en") == []
