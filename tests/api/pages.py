"""A browser without a screen: fills in forms with the token the page gave it."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.conftest import PASSWORD

WHO = "jr.handler"


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)', page.text)
    assert found is not None, page.text
    return found[1]


def enter(browser: FlaskClient, username: str = WHO, password: str = PASSWORD) -> TestResponse:
    sent = {"username": username, "password": password, "csrf_token": token_of(browser.get("/login"))}
    return browser.post("/login", data=sent)


def post(browser: FlaskClient, address: str, page: str = "/me", **sent: str) -> TestResponse:
    return browser.post(address, data={**sent, "csrf_token": token_of(browser.get(page))})
