"""Signing in by the form, and 我的设置: form tokens, cookies, devices, the change of password."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from tests.api.conftest import PASSWORD, Api
from tests.api.pages import WHO, enter, post, token_of
from tests.conftest import CountingWaker
from webapp import create_app
from webapp.identity.models import LoginSession
from webapp.transaction import WAKE, reading, writing
from workflows.agencies.models import Person
from workflows.clock import FixedClock

NEW = "a wholly new one"


def test_the_sign_in_form_is_refused_without_its_token(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={"username": WHO, "password": PASSWORD})
    assert answer.status_code == 400
    assert visitor.get("/me").status_code == 302


def test_only_a_wrong_password_is_to_be_typed_again(visitor: FlaskClient) -> None:
    assert "请检查大小写后重新输入" in enter(visitor, WHO, "wrong").text
    for _ in range(4):
        locked = enter(visitor, WHO, "wrong").text
    assert "账号已锁定" in locked
    assert "请检查大小写后重新输入" not in locked
    assert "aria-invalid" not in locked


def test_every_form_of_the_settings_is_refused_without_its_token(visitor: FlaskClient, app: Flask) -> None:
    enter(visitor)
    forms = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/me") and "POST" in rule.methods]
    assert len(forms) >= 4
    for rule in forms:
        address = re.sub(r"<[^>]+>", "1", rule.rule)
        assert visitor.post(address, data={}).status_code == 400, rule.rule


def test_a_session_planted_before_the_sign_in_is_not_the_one_after(visitor: FlaskClient, app: Flask) -> None:
    visitor.get("/login")
    planted = visitor.get_cookie("lianban")
    enter(visitor)
    assert planted is not None
    thief = app.test_client()
    thief.set_cookie("lianban", planted.value)
    assert thief.get("/me").status_code == 302
    assert visitor.get("/me").status_code == 200


def test_a_form_token_from_before_the_sign_in_is_worth_nothing_after(visitor: FlaskClient) -> None:
    before = token_of(visitor.get("/login"))
    enter(visitor)
    assert visitor.post("/me/language", data={"language": "en", "csrf_token": before}).status_code == 400


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_to_no_other_site(visitor: FlaskClient, address: str) -> None:
    sent = {"username": WHO, "password": PASSWORD, "csrf_token": token_of(visitor.get("/login"))}
    answer = visitor.post("/login", data={**sent, "next": address})
    assert answer.headers["Location"] == "/"


def test_cookies_of_production_go_over_https_only_and_no_script_reads_them(
    app: Flask, api: Api, clock: FixedClock
) -> None:
    from webapp.context import config

    with app.app_context():
        settings = replace(config(), environment="production", secure_cookies=True)
    production = create_app(settings, clock=clock)
    production.extensions[WAKE] = CountingWaker()
    browser = production.test_client()
    token = token_of(browser.get("/login", base_url="https://lianban.test"))
    sent = {"username": WHO, "password": PASSWORD, "csrf_token": token}
    answer = browser.post(
        "/login", data=sent, base_url="https://lianban.test", headers={"Referer": "https://lianban.test/login"}
    )
    assert answer.status_code == 302, answer.text
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"lianban", "lianban_device", "lianban_language"}
    for cookie in cookies:
        flags = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= flags, cookie
    with production.app_context():
        from webapp.database import db

        db.session.remove()
        db.engine.dispose()


def test_the_settings_name_this_browser_and_the_others(visitor: FlaskClient, app: Flask) -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
    other = app.test_client()
    other.environ_base["HTTP_USER_AGENT"] = chrome
    enter(visitor)
    enter(other)
    page = visitor.get("/me").text
    assert "Chrome，Windows" in page
    assert page.count("本机") == 1
    ended = re.search(r'action="(/me/devices/\d+/end)"', page)
    assert ended is not None
    assert post(visitor, ended[1]).status_code == 302
    assert other.get("/me").status_code == 302
    assert visitor.get("/me").status_code == 200


def test_all_other_browsers_are_signed_out_at_once(visitor: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    enter(visitor)
    enter(other)
    assert post(visitor, "/me/devices/end-others").status_code == 302
    assert other.get("/me").status_code == 302
    assert visitor.get("/me").status_code == 200


def test_password_is_changed_on_the_page_and_this_browser_stays(visitor: FlaskClient, app: Flask) -> None:
    other = app.test_client()
    enter(visitor)
    enter(other)
    before = visitor.get_cookie("lianban")
    answer = post(visitor, "/me/password", "/me/password", old_password=PASSWORD, new_password=NEW, repeat=NEW)
    assert answer.headers["Location"] == "/me"
    assert visitor.get("/me").status_code == 200
    assert other.get("/me").status_code == 302
    thief = app.test_client()
    assert before is not None
    thief.set_cookie("lianban", before.value)
    assert thief.get("/me").status_code == 302
    assert enter(app.test_client(), password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"old_password": "wrong", "new_password": NEW, "repeat": NEW}, "原密码不正确，还可以再试4次"),
        ({"old_password": PASSWORD, "new_password": NEW, "repeat": "another"}, "两次输入的新密码不一致"),
        ({"old_password": PASSWORD, "new_password": "short", "repeat": "short"}, "密码不能少于10个字符"),
        ({"old_password": PASSWORD, "new_password": "Password2019!", "repeat": "Password2019!"}, "过于常见"),
        ({}, "密码不能少于10个字符"),
        ({"old_password": "\x00", "new_password": NEW, "repeat": NEW}, "原密码不正确"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(visitor: FlaskClient, sent: dict[str, str], said: str) -> None:
    enter(visitor)
    answer = post(visitor, "/me/password", "/me/password", **sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert NEW not in answer.text


def test_password_set_by_an_administrator_leads_to_its_change_and_nowhere_else(
    visitor: FlaskClient, app: Flask
) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(Person).where(Person.username == WHO).values(must_change_password=True))
    enter(visitor)
    for address in ("/", "/tasks", "/me", "/more", "/cases", "/measures"):
        assert visitor.get(address).headers["Location"] == "/me/password", address
    page = visitor.get("/me/password")
    assert "修改后才能继续" in page.text
    assert "任务中心" not in page.text
    answer = post(visitor, "/me/password", "/me/password", old_password=PASSWORD, new_password=NEW, repeat=NEW)
    assert answer.headers["Location"] == "/"
    assert visitor.get("/tasks").status_code == 200


def test_one_who_must_change_the_password_can_leave(visitor: FlaskClient, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(Person).where(Person.username == WHO).values(must_change_password=True))
    enter(visitor)
    post(visitor, "/logout", "/me/password")
    with app.app_context():
        live = select(func.count()).select_from(LoginSession).where(LoginSession.revoked_at.is_(None))
        assert reading().scalar(live) == 0


def test_browser_left_for_longer_than_the_settings_allow_is_signed_out(
    visitor: FlaskClient, app: Flask, clock: FixedClock
) -> None:
    from datetime import timedelta

    from webapp import context

    app.extensions[context.CONFIG] = replace(app.extensions[context.CONFIG], session_idle=timedelta(minutes=5))
    enter(visitor)
    clock.advance(timedelta(minutes=4))
    assert visitor.get("/me").status_code == 200
    clock.advance(timedelta(minutes=5))
    assert visitor.get("/me").status_code == 302


def test_language_chosen_in_the_settings_is_read_at_once(visitor: FlaskClient) -> None:
    enter(visitor)
    assert post(visitor, "/me/language", language="en").status_code == 302
    assert "My settings" in visitor.get("/me").text
    assert post(visitor, "/me/language", language="xx").status_code == 404
