"""Rows of a list on a page."""

from __future__ import annotations

from webapp.ui.forms import count_rows


def test_rows_left_empty_count_as_rows_of_the_page() -> None:
    posted = {"issuers.0.name": "", "issuers.0.uscc": "", "issuers.1.name": "", "bond_name": ""}
    assert count_rows(posted, "issuers") == 2


def test_other_lists_do_not_count() -> None:
    assert count_rows({"issuers.0.name": "", "issuers_old.1.name": ""}, "issuers") == 1
