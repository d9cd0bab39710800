"""The caller's own account through the API: password, language, logins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from config import Config
from tests.api.conftest import PASSWORD, Api, fields
from webapp import context
from webapp.transaction import writing
from workflows.agencies.models import Person
from workflows.clock import FixedClock

WHO = "jr.handler"
NEW = "a wholly new one"


def change(api: Api, old: str = PASSWORD, new: str = NEW, who: str = WHO) -> object:
    return api.post("/me/password", who, json={"old_password": old, "new_password": new})


def test_password_is_changed_and_every_other_login_dies(api: Api) -> None:
    other = api.token(WHO)
    api.tokens.clear()
    assert change(api).status_code == 204
    assert api.get("/me", WHO).status_code == 200
    assert api.get("/me", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    assert api.post("/tokens", json={"username": WHO, "password": PASSWORD}).status_code == 401
    assert api.post("/tokens", json={"username": WHO, "password": NEW}).status_code == 201


def test_wrong_old_password_is_named_and_counted(api: Api) -> None:
    api.token(WHO)
    for _ in range(5):
        assert fields(change(api, old="wrong")) == {"old_password"}
    refused = change(api)
    assert (refused.status_code, refused.json["code"]) == (429, "locked")
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize("new", ["short", "jr.handler-2019", "Password2019!", PASSWORD, "x" * 300, ""])
def test_new_password_that_will_not_do_is_named(api: Api, new: str) -> None:
    assert fields(change(api, new=new)) == {"new_password"}
    assert api.post("/tokens", json={"username": WHO, "password": PASSWORD}).status_code == 201


def test_password_set_by_an_administrator_opens_nothing_but_its_change(api: Api, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(Person).where(Person.username == WHO).values(must_change_password=True))
    refused = api.get("/tasks?queue=mine", WHO)
    assert (refused.status_code, refused.json["code"]) == (403, "login-waits-for-password")
    assert api.get("/me/logins", WHO).status_code == 403
    assert api.get("/me", WHO).status_code == 200
    assert change(api).status_code == 204
    assert api.get("/tasks?queue=mine", WHO).status_code == 200


def test_expired_password_is_changed_before_anything_else(
    api: Api, app: Flask, config: Config, clock: FixedClock
) -> None:
    app.extensions[context.CONFIG] = replace(config, password_max_age=timedelta(days=90))
    clock.advance(timedelta(days=90))
    assert api.get("/tasks?queue=mine", WHO).status_code == 403
    assert change(api).status_code == 204
    assert api.get("/tasks?queue=mine", WHO).status_code == 200


def test_logins_are_listed_and_ended_one_by_one(api: Api) -> None:
    first = api.token(WHO)
    api.tokens.clear()
    items = api.ok("GET", "/me/logins", WHO)["items"]
    assert [item["current"] for item in items].count(True) == 1
    assert {item["address"] for item in items} == {"127.0.0.1"}
    other = next(item["id"] for item in items if not item["current"])
    assert api.call("DELETE", f"/me/logins/{other}", WHO).status_code == 204
    assert api.get("/me", headers={"Authorization": f"Bearer {first}"}).status_code == 401
    assert api.call("DELETE", f"/me/logins/{other}", WHO).status_code == 404


def test_all_other_logins_are_ended_at_once(api: Api) -> None:
    first = api.token(WHO)
    api.tokens.clear()
    assert api.call("DELETE", "/me/logins", WHO).status_code == 204
    assert api.get("/me", headers={"Authorization": f"Bearer {first}"}).status_code == 401
    assert len(api.ok("GET", "/me/logins", WHO)["items"]) == 1


def test_login_of_somebody_else_is_not_found(api: Api) -> None:
    theirs = api.ok("GET", "/me/logins", "cz.handler")["items"][0]["id"]
    assert api.call("DELETE", f"/me/logins/{theirs}", WHO).status_code == 404
    assert api.get("/me", "cz.handler").status_code == 200


def test_language_is_kept(api: Api) -> None:
    assert api.post("/me/preferences", WHO, json={"language": "en"}).status_code == 204
    assert fields(api.post("/me/preferences", WHO, json={"language": "fr"})) == {"language"}
