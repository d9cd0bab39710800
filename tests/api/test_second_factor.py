"""The second factor through the API and on the pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import PASSWORD, Api, fields
from tests.api.pages import enter, post
from webapp import context
from workflows.clock import FixedClock

WHO = "jr.leader"


def enrol(api: Api, clock: FixedClock, who: str = WHO) -> tuple[str, list[str]]:
    secret = api.ok("POST", "/me/second-factor", who)["secret"]
    answer = api.ok("POST", "/me/second-factor/confirm", who, json={"code": pyotp.TOTP(secret).at(clock.now())})
    clock.advance(timedelta(seconds=30))
    return secret, answer["recovery_codes"]


def sign_in(api: Api, **code: str) -> object:
    return api.post("/tokens", json={"username": WHO, "password": PASSWORD, **code})


def test_a_token_needs_the_code_once_it_is_set_up(api: Api, clock: FixedClock) -> None:
    secret, codes = enrol(api, clock)
    without = sign_in(api)
    assert (without.status_code, without.json["code"]) == (401, "code-needed")
    wrong = sign_in(api, code="000000")
    assert (wrong.status_code, wrong.json["code"]) == (401, "wrong-code")
    code = pyotp.TOTP(secret).at(clock.now())
    assert sign_in(api, code=code).status_code == 201
    assert sign_in(api, code=code).status_code == 401
    assert sign_in(api, code=codes[0]).status_code == 201
    assert api.ok("GET", "/me/second-factor", WHO)["recovery_codes_left"] == 9


def test_secrets_are_told_once_whatever_the_idempotency_key(api: Api) -> None:
    keyed = {"Idempotency-Key": "again"}
    told = {api.post("/me/second-factor", WHO, headers=keyed).json["secret"] for _ in range(2)}
    assert len(told) == 2


def test_wrong_codes_are_named_counted_and_locked(api: Api, clock: FixedClock) -> None:
    enrol(api, clock)
    for _ in range(5):
        assert fields(api.post("/me/second-factor/remove", WHO, json={"code": "000000"})) == {"code"}
    assert api.post("/me/second-factor/remove", WHO, json={"code": "000000"}).status_code == 429
    assert api.ok("GET", "/me/second-factor", WHO)["enrolled"]


def test_recovery_codes_are_renewed_and_the_factor_removed_by_a_code(api: Api, clock: FixedClock) -> None:
    secret, codes = enrol(api, clock)
    fresh = api.ok("POST", "/me/second-factor/recovery-codes", WHO, json={"code": codes[0]})["recovery_codes"]
    assert len(set(fresh) | set(codes)) == 20
    code = pyotp.TOTP(secret).at(clock.now())
    assert api.post("/me/second-factor/remove", WHO, json={"code": code}).status_code == 204
    assert sign_in(api).status_code == 201


def test_post_that_needs_it_does_nothing_before_and_cannot_remove_it(api: Api, app: Flask, clock: FixedClock) -> None:
    app.extensions[context.CONFIG] = replace(app.extensions[context.CONFIG], second_factor_posts=("leader",))
    refused = api.get("/tasks?queue=mine", WHO)
    assert (refused.status_code, refused.json["code"]) == (403, "login-waits-for-enrol")
    _, codes = enrol(api, clock)
    assert api.get("/tasks?queue=mine", WHO).status_code == 200
    assert api.post("/me/second-factor/remove", WHO, json={"code": codes[0]}).status_code == 403
    assert api.get("/tasks?queue=mine", "jr.handler").status_code == 200


def test_it_is_set_up_and_asked_for_on_the_pages(visitor: FlaskClient, api: Api, app: Flask, clock: FixedClock) -> None:
    enter(visitor, WHO)
    assert post(visitor, "/me/second-factor/begin").status_code == 302
    page = visitor.get("/me/second-factor")
    found = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None
    secret = found[1].replace(" ", "")
    picture = visitor.get("/me/second-factor/qr.svg")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert secret not in picture.text
    wrong = post(visitor, "/me/second-factor/confirm", "/me/second-factor", code="000000")
    assert wrong.status_code == 422
    shown = post(visitor, "/me/second-factor/confirm", "/me/second-factor", code=pyotp.TOTP(secret).at(clock.now()))
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", shown.text)
    assert len(codes) == 10
    assert visitor.get("/me/second-factor/qr.svg").status_code == 404

    other = app.test_client()
    first = enter(other, WHO)
    assert first.headers["Location"] == "/login/code"
    assert other.get("/tasks").headers["Location"] == "/login/code"
    assert post(other, "/login/code", "/login/code", code="000000").status_code == 422
    assert other.get("/tasks").status_code == 302
    assert post(other, "/login/code", "/login/code", code=codes[0]).headers["Location"] == "/"
    assert other.get("/tasks").status_code == 200


def test_the_wanted_page_is_reached_after_the_second_step_and_no_other_site(
    visitor: FlaskClient,
    api: Api,
    clock: FixedClock,
) -> None:
    _, codes = enrol(api, clock)
    sent = {"username": WHO, "password": PASSWORD, "next": "/cases?q=1"}
    assert post(visitor, "/login", "/login", **sent).headers["Location"] == "/login/code?next=/cases?q%3D1"
    assert 'name="next" value="/cases?q=1"' in visitor.get("/login/code?next=/cases?q%3D1").text
    answer = post(visitor, "/login/code", "/login/code", code=codes[0], next="//evil.example")
    assert answer.headers["Location"] == "/"


def test_post_that_needs_it_is_led_to_set_it_up(visitor: FlaskClient, app: Flask, clock: FixedClock) -> None:
    app.extensions[context.CONFIG] = replace(app.extensions[context.CONFIG], second_factor_posts=("leader",))
    enter(visitor, WHO)
    assert visitor.get("/tasks").headers["Location"] == "/me/second-factor"
    assert visitor.get("/me").headers["Location"] == "/me/second-factor"
    assert "此岗位须二次验证" in visitor.get("/me/second-factor").text
    post(visitor, "/me/second-factor/begin", "/me/second-factor")
    found = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", visitor.get("/me/second-factor").text)
    assert found is not None
    code = pyotp.TOTP(found[1].replace(" ", "")).at(clock.now())
    assert post(visitor, "/me/second-factor/confirm", "/me/second-factor", code=code).status_code == 200
    assert visitor.get("/tasks").status_code == 200


@pytest.mark.parametrize("address", ["/login/code", "/me/second-factor", "/me/second-factor/qr.svg", "/me/password"])
def test_nobody_is_shown_the_later_steps(visitor: FlaskClient, address: str) -> None:
    assert "/login" in visitor.get(address).headers["Location"]
