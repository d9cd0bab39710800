"""Signing in and out through the API."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import PASSWORD, Api, fields
from webapp.transaction import writing
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.clock import FixedClock
from workflows.permissions import PostKind


def test_a_token_tells_who_its_holder_is(api: Api) -> None:
    me = api.get("/me", "jr.handler").json
    assert me["person"]["username"] == "jr.handler"
    assert me["acting_post"]["agency"] == "JR"
    assert "task:claim" in me["permissions"]


def test_a_token_says_until_when_it_lives(api: Api) -> None:
    answer = api.post("/tokens", json={"username": "jr.handler", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json["expires_at"] == "2019-10-14T10:00:00Z"


def test_a_token_is_dead_at_once_after_signing_out(api: Api) -> None:
    assert api.call("DELETE", "/tokens/current", "jr.handler").status_code == 204
    answer = api.get("/me", "jr.handler")
    assert (answer.status_code, answer.json["code"]) == (401, "session-expired")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(api: Api) -> None:
    wrong = api.post("/tokens", json={"username": "jr.handler", "password": "not-the-password"})
    unknown = api.post("/tokens", json={"username": "nobody.here", "password": PASSWORD})
    assert (wrong.status_code, wrong.json["code"]) == (401, "wrong-credentials")
    assert (unknown.status_code, unknown.json) == (wrong.status_code, wrong.json)


def test_failures_are_counted_although_they_are_refused(api: Api) -> None:
    statuses = [
        api.post("/tokens", json={"username": "cz.leader", "password": "wrong-wrong"}).status_code for _ in range(12)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_no_token_is_given_for_fields_of_wrong_type(api: Api) -> None:
    answer = api.post("/tokens", json={"username": 7, "password": None, "remember": True})
    assert fields(answer) == {"username", "password", "remember"}


@pytest.mark.parametrize("name", ["jr\x00.handler", "jr.handler\u0001"])
def test_control_characters_in_a_name_are_refused_by_name(api: Api, name: str) -> None:
    assert fields(api.post("/tokens", json={"username": name, "password": "x"})) == {"username"}


def test_a_browser_cookie_is_no_way_in(api: Api) -> None:
    api.client.set_cookie("lianban", "anything")
    assert api.get("/me").status_code == 401


def test_a_post_that_is_not_the_callers_is_refused(api: Api) -> None:
    assert api.get("/me", "jr.handler", headers={"X-Acting-Post": "999999"}).status_code == 403


def test_an_acting_post_that_is_no_number_is_named(api: Api) -> None:
    assert fields(api.get("/me", "jr.handler", headers={"X-Acting-Post": "the second"})) == {"X-Acting-Post"}


def test_a_token_ends_with_its_time(api: Api, clock: FixedClock) -> None:
    api.token("jr.handler")
    clock.advance(timedelta(hours=9))
    assert api.get("/me", "jr.handler").status_code == 401


def test_a_second_post_ends_the_token_and_is_chosen_by_a_header(api: Api, app: Flask) -> None:
    api.token("jr.handler")
    with app.app_context(), writing() as session:
        person = session.scalars(select(Person.id).where(Person.username == "jr.handler")).one()
        post = session.scalars(
            select(Post.id).join(Agency).where(Agency.code == "JR", Post.kind == PostKind.REVIEWER)
        ).one()
        session.add(Appointment(post_id=post, person_id=person, from_on=date(2019, 1, 1)))
    assert api.get("/me", "jr.handler").status_code == 401
    api.tokens.clear()
    assert {held["kind"] for held in api.ok("GET", "/me", "jr.handler")["posts"]} == {"handler", "reviewer"}
    as_reviewer = {"X-Acting-Post": str(post)}
    assert api.ok("GET", "/me", "jr.handler", headers=as_reviewer)["acting_post"]["kind"] == "reviewer"
    assert api.ok("GET", "/me", "jr.handler")["acting_post"]["kind"] == "handler"
