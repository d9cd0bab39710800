"""Single sign-on against a real provider that demands PKCE: who gets in, and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from config import Config, SingleSignOn
from tests.api.conftest import Api
from tests.api.pages import post
from tests.api.test_second_factor import enrol
from tests.factories.provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, ProviderBrowser, openid_provider
from webapp import context
from webapp.transaction import reading, writing
from workflows.agencies.models import Person
from workflows.audit import AuditEntry
from workflows.clock import FixedClock


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as running:
        yield running


@pytest.fixture
def config(config: Config, provider: OpenIdProvider) -> Config:
    return replace(config, single_sign_on=SingleSignOn(provider.issuer, CLIENT_ID, CLIENT_SECRET))


@pytest.fixture
def elsewhere() -> Iterator[ProviderBrowser]:
    browser = ProviderBrowser()
    yield browser
    browser.close()


def way(visitor: FlaskClient, address: str = "/login/oidc") -> str:
    answer = visitor.get(address)
    assert answer.status_code == 302
    return answer.headers["Location"]


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def enter(visitor: FlaskClient, elsewhere: ProviderBrowser, name: str, address: str = "/login/oidc") -> str:
    """Sign in at the provider as `name`; return where that leads here."""
    return visitor.get(local(elsewhere.sign_in(way(visitor, address), name))).headers["Location"]


def said(visitor: FlaskClient) -> str:
    return visitor.get("/login").text


def test_the_browser_is_sent_with_pkce_state_and_nonce(visitor: FlaskClient, provider: OpenIdProvider) -> None:
    asked = parse_qs(urlsplit(way(visitor)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) >= 43
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20


def test_an_account_of_that_name_is_signed_in(visitor: FlaskClient, elsewhere: ProviderBrowser) -> None:
    assert "统一身份认证登录" in said(visitor)
    assert enter(visitor, elsewhere, "jr.handler", "/login/oidc?next=/cases") == "/cases"
    assert "经办人甲" in visitor.get("/me").text


def test_capitals_do_not_matter(visitor: FlaskClient, elsewhere: ProviderBrowser) -> None:
    assert enter(visitor, elsewhere, "JR.Handler") == "/"


@pytest.mark.parametrize("name", ["somebody.new", "nameless", "pjr.system", "x" * 200])
def test_nobody_gets_an_account_by_it(visitor: FlaskClient, elsewhere: ProviderBrowser, app: Flask, name: str) -> None:
    with app.app_context():
        before = reading().scalar(select(func.count()).select_from(Person))
    assert enter(visitor, elsewhere, name) == "/login"
    assert 'role="alert"' in said(visitor)
    assert visitor.get("/me").status_code == 302
    with app.app_context():
        assert reading().scalar(select(func.count()).select_from(Person)) == before


def test_a_closed_account_is_as_none(visitor: FlaskClient, elsewhere: ProviderBrowser, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(Person).where(Person.username == "jr.handler").values(is_active=False))
    assert enter(visitor, elsewhere, "jr.handler") == "/login"
    assert visitor.get("/me").status_code == 302


def test_an_answer_is_good_for_the_browser_that_asked_and_once(
    visitor: FlaskClient, elsewhere: ProviderBrowser, app: Flask
) -> None:
    back = local(elsewhere.sign_in(way(visitor), "jr.handler"))
    thief = app.test_client()
    assert thief.get(back).headers["Location"] == "/login"
    assert thief.get("/me").status_code == 302
    assert visitor.get(back).headers["Location"] == "/"
    again = app.test_client()
    kept = visitor.get_cookie("lianban")
    assert kept is not None
    again.set_cookie("lianban", kept.value)
    assert again.get(back).headers["Location"] == "/login"


def test_a_code_put_into_another_browsers_answer_is_refused(
    visitor: FlaskClient, app: Flask, elsewhere: ProviderBrowser
) -> None:
    """The attacker's code with the victim's state: PKCE and nonce do not fit."""
    attacker = app.test_client()
    stolen = parse_qs(urlsplit(elsewhere.sign_in(way(attacker), "jr.leader")).query)
    state = parse_qs(urlsplit(way(visitor)).query)["state"][0]
    answer = visitor.get(f"/login/oidc/callback?code={stolen['code'][0]}&state={state}")
    assert answer.headers["Location"] == "/login"
    assert visitor.get("/me").status_code == 302


@pytest.mark.parametrize(
    "query", ["", "code=x", "code=x&state=y", "error=access_denied&state=y", "error=%00&error_description=%0a<b>"]
)
def test_a_made_up_answer_is_refused_and_never_a_fault(visitor: FlaskClient, query: str) -> None:
    way(visitor)
    assert visitor.get(f"/login/oidc/callback?{query}").headers["Location"] == "/login"
    assert "统一身份认证没有成功" in said(visitor)


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_it_leads_to_no_other_site(visitor: FlaskClient, elsewhere: ProviderBrowser, address: str) -> None:
    assert enter(visitor, elsewhere, "jr.handler", f"/login/oidc?next={address}") == "/"


def test_the_second_factor_is_asked_for_all_the_same(
    visitor: FlaskClient, elsewhere: ProviderBrowser, api: Api, clock: FixedClock
) -> None:
    secret, _ = enrol(api, clock, "jr.handler")
    assert enter(visitor, elsewhere, "jr.handler") == "/login/code?next=/"
    assert visitor.get("/tasks").headers["Location"] == "/login/code"
    code = pyotp.TOTP(secret).at(clock.now())
    assert post(visitor, "/login/code", "/login/code", code=code).status_code == 302
    assert visitor.get("/tasks").status_code == 200


def test_the_age_of_a_password_not_used_does_not_matter(
    visitor: FlaskClient, elsewhere: ProviderBrowser, app: Flask, clock: FixedClock
) -> None:
    settings = app.extensions[context.CONFIG]
    app.extensions[context.CONFIG] = replace(settings, password_max_age=timedelta(days=1))
    clock.advance(timedelta(days=2))
    assert enter(visitor, elsewhere, "jr.handler") == "/"
    assert visitor.get("/tasks").status_code == 200


def test_signing_out_here_offers_to_sign_out_there(
    visitor: FlaskClient, elsewhere: ProviderBrowser, provider: OpenIdProvider
) -> None:
    enter(visitor, elsewhere, "jr.handler")
    assert post(visitor, "/logout").headers["Location"] == "/login/oidc/signed-out"
    assert visitor.get("/me").status_code == 302
    assert "/login/oidc/logout" in visitor.get("/login/oidc/signed-out").text
    leaving = visitor.get("/login/oidc/logout").headers["Location"]
    assert leaving.startswith(f"{provider.issuer}/session/end?")
    page = elsewhere.get(leaving)
    assert page.status_code == 200
    assert "sign-out" in page.text or "Sign-out" in page.text or "logout" in page.text


def test_whoever_signed_in_by_password_signs_out_as_ever(visitor: FlaskClient) -> None:
    sent = {"username": "jr.handler", "password": "demo-password"}
    post(visitor, "/login", "/login", **sent)
    assert post(visitor, "/logout").headers["Location"] == "/login"


def test_a_provider_that_calls_itself_otherwise_or_is_away_is_refused(
    visitor: FlaskClient, app: Flask, provider: OpenIdProvider
) -> None:
    settings = app.extensions[context.CONFIG]
    other = replace(settings.single_sign_on, issuer="http://127.0.0.1:1")
    app.extensions[context.CONFIG] = replace(settings, single_sign_on=other)
    assert visitor.get("/login/oidc").headers["Location"] == "/login"
    assert "统一身份认证没有成功" in said(visitor)


def test_both_ends_are_in_the_trace(visitor: FlaskClient, elsewhere: ProviderBrowser, app: Flask) -> None:
    enter(visitor, elsewhere, "jr.handler")
    post(visitor, "/logout")
    with app.app_context():
        events = reading().scalars(select(AuditEntry.event)).all()
    assert {"login.succeeded", "login.ended"} <= set(events)


def test_without_a_provider_there_is_no_button_and_no_way(
    visitor: FlaskClient, app: Flask, provider: OpenIdProvider
) -> None:
    app.extensions[context.CONFIG] = replace(app.extensions[context.CONFIG], single_sign_on=None)
    assert "统一身份认证" not in said(visitor)
    for address in ("/login/oidc", "/login/oidc/callback?code=x&state=y", "/login/oidc/logout"):
        assert visitor.get(address).status_code == 404
