"""常用语 on the task page: offered in the reader's language, put behind what is written in that language's manner."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api, api
from tests.api.pages import enter, token_of

__all__ = ["api"]


@pytest.fixture
def browser(api: Api) -> FlaskClient:
    opened = api.client.application.test_client()
    enter(opened)
    return opened


@pytest.mark.parametrize(
    ("language", "phrase", "after", "said"),
    [
        ("zh", "材料齐全，符合规定形式", "情况属实。", "情况属实，材料齐全，符合规定形式"),
        ("en", "Papers complete and in due form", "Checked.", "Checked. Papers complete and in due form"),
        ("en", "Papers complete and in due form", "", "Papers complete and in due form"),
    ],
)
def test_a_phrase_is_offered_and_inserted_in_the_language_of_the_page(
    api: Api, browser: FlaskClient, language: str, phrase: str, after: str, said: str
) -> None:
    browser.set_cookie("lianban_language", language)
    api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    api.ok("POST", f"/tasks/{task}/claim", "jr.handler")
    page = browser.get(f"/tasks/{task}?queue=mine")
    offered = re.findall(r'data-phrase="([^"]+)"', page.text)
    assert phrase in offered
    if language == "en":
        assert all(each.isascii() for each in offered)
    version = re.search(r'name="row_version" value="(\d+)"', page.text)
    assert version is not None
    sent = {
        "csrf_token": token_of(page),
        "row_version": version[1],
        "opinion": after,
        "phrase": phrase,
        "insert": "yes",
    }
    browser.post(f"/tasks/{task}/draft", data={**sent, "queue": "mine"})
    assert f">{said}</textarea>" in browser.get(f"/tasks/{task}?queue=mine").text
