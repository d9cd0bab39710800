"""A crowd guesses at one name from ten thousand addresses at once: five guesses in a window are answered, no more.

`LIANBAN_FULL=1` makes 10,000 guesses instead of 120.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import PASSWORD, ROOT, Api, api, visitor  # noqa: F401  # the installation they start from
from tests.api.pages import enter, post
from webapp.identity import attempts
from workflows.clock import FixedClock

GUESSES = 10_000 if os.environ.get("LIANBAN_FULL") else 120
AT_ONCE = 8
Answer = tuple[int, str, str | None]


def guess(app: Flask, username: str, password: str, number: int) -> Answer:
    """One guess by the API, from an address of its own."""
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    answer = app.test_client().post(
        f"{ROOT}/tokens", json={"username": username, "password": password}, environ_base={"REMOTE_ADDR": address}
    )
    return answer.status_code, answer.json["code"], answer.headers.get("Retry-After")


def crowd(app: Flask, username: str, *, password: str | None = None, guesses: int = GUESSES) -> Counter[int]:
    """Guess many times at once; `password` is tried every tenth time, wrong ones otherwise."""
    passwords = [password if password and n % 10 == 9 else f"wrong-{n}" for n in range(guesses)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        numbers = range(guesses)
        answers = list(pool.map(partial(guess, app, username), passwords, numbers))
    return Counter(status for status, _, _ in answers)


def test_five_guesses_of_a_crowd_are_answered_in_each_window(app: Flask, api: Api, clock: FixedClock) -> None:  # noqa: F811
    for window in range(2):
        answered = crowd(app, "jr.handler")
        assert answered == {401: attempts.MAX_FAILURES, 429: GUESSES - attempts.MAX_FAILURES}, window
        clock.advance(attempts.WINDOW)


def test_the_right_password_among_the_guesses_opens_nothing_once_five_were_answered(app: Flask, api: Api) -> None:  # noqa: F811
    for number in range(attempts.MAX_FAILURES):
        guess(app, "jr.handler", "wrong", number)
    assert crowd(app, "jr.handler", password=PASSWORD) == {429: GUESSES}


def test_a_name_nobody_has_is_answered_like_one_that_somebody_has(app: Flask, api: Api) -> None:  # noqa: F811
    known, unknown = (
        [guess(app, username, "wrong", number) for number in range(8)] for username in ("jr.handler", "no.such.name")
    )
    assert known == unknown
    assert crowd(app, "nobody.either") == {401: attempts.MAX_FAILURES, 429: GUESSES - attempts.MAX_FAILURES}


def test_the_owner_goes_on_in_a_browser_of_theirs_while_the_crowd_guesses(
    visitor: FlaskClient,  # noqa: F811
    app: Flask,
) -> None:
    enter(visitor, "jr.handler")
    post(visitor, "/logout")
    for _ in range(3):
        crowd(app, "jr.handler", guesses=40)
        assert enter(visitor, "jr.handler").status_code == 302
        assert visitor.get("/me").status_code == 200
        post(visitor, "/logout")
        assert enter(app.test_client(), "jr.handler").status_code == 422, "a browser nobody knows stays out"


@pytest.mark.parametrize("username", ["jr.handler", "no.such.name"])
def test_the_page_says_the_same_of_both(visitor: FlaskClient, username: str) -> None:  # noqa: F811
    said = [enter(visitor, username, "wrong") for _ in range(7)]
    assert [answer.status_code for answer in said] == [422] * 7
    assert "还可以再试4次" in said[0].text
    assert "账号已锁定，请15分钟后再试" in said[4].text
    assert "账号已锁定，请15分钟后再试" in said[6].text
