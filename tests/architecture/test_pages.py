"""What holds for every page: both languages, nothing inline, nothing from elsewhere, a permission for each route."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from webapp.ui import catalogue
from webapp.ui.cases.history import SENTENCES
from workflows.events import EventType
from workflows.permissions import Permission

TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))
ASSETS = sorted(path for path in (ROOT / "webapp" / "assets").iterdir() if path.suffix in {".js", ".css"})


def test_every_sentence_has_its_english() -> None:
    assert catalogue.gaps(catalogue.read()) == []


def test_the_catalogue_has_every_sentence_of_the_sources_and_no_other() -> None:
    known = {_key(message.id) for message in catalogue.read() if message.id}
    used = {_key(message.id) for message in catalogue.collect() if message.id}

    assert used - known == set(), "run python -m webapp.ui.catalogue collect"
    assert known - used == set(), "run python -m webapp.ui.catalogue collect"


def test_translations_keep_the_names_in_their_sentences() -> None:
    for message in catalogue.read():
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for text in texts:
            if message.id:
                assert _names(text) <= _names(_key(message.id)), message.id


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle\s*=", text), "inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"https?://", text), "outside address"
    assert "|safe" not in text.replace(" ", "").replace("replace('aria-invalid=\"true\"','')|safe", "")


def test_scripts_and_styles_name_no_outside_address() -> None:
    for path in ASSETS:
        assert not re.search(r"(?<!\w)(https?:)?//[a-z]+\.", path.read_text(encoding="utf-8")), path.name


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_each_route_of_the_pages_names_its_permission(app: Flask) -> None:
    views = {name: view for name, view in app.view_functions.items() if name.startswith("pages.")}

    unguarded = [name for name, view in views.items() if not hasattr(view, "permission")]

    assert len(views) > 20
    assert unguarded == []
    open_to_all = {name for name, view in views.items() if view.permission is None}  # type: ignore[attr-defined]
    assert open_to_all == {
        "pages.home",
        "pages.language",
        "pages.more",
        "pages.help",
        "pages.access.sign_in",
        "pages.access.begin_login",
        "pages.access.sign_out",
        "pages.access.act_in",
        "pages.account.index",
        "pages.account.choose_language",
        "pages.account.password",
        "pages.account.change",
        "pages.account.end_device",
        "pages.account.end_others",
        "pages.access.second_step",
        "pages.access.finish",
        "pages.single_sign_on.begin",
        "pages.single_sign_on.callback",
        "pages.single_sign_on.signed_out",
        "pages.single_sign_on.leave",
        "pages.second_factor.index",
        "pages.second_factor.begin",
        "pages.second_factor.picture",
        "pages.second_factor.confirm",
        "pages.second_factor.new_codes",
        "pages.second_factor.remove",
        "pages.tokens.new",
        "pages.tokens.make",
        "pages.tokens.revoke",
    }
    assert {view.permission for view in views.values()} <= {None, *Permission}  # type: ignore[attr-defined]


def test_pages_refuse_what_is_not_their_own(app: Flask) -> None:
    answer = app.test_client().get("/login")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def _key(identifier: str | tuple[str, ...]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_every_fact_of_a_case_has_its_sentence() -> None:
    of_cases = ("case.", "task.", "signer.", "document.", "message.", "incident.", "payment.")

    silent = [event for event in EventType if event.startswith(of_cases) and event not in SENTENCES]

    assert silent == []
