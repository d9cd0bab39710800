"""Pages know people by the cookie, the API by the bearer token, and each only by its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.factories.org import LONG_AGO, PASSWORD, appoint, make_agency, make_person, make_post
from webapp.context import clock as app_clock
from webapp.identity.flask import current_actor, end_web_login, find_login, start_web_login
from webapp.identity.logins import revoke
from webapp.identity.models import LoginSession, SessionKind
from webapp.identity.sign_in import SignedIn, sign_in
from webapp.transaction import writing
from workflows.agencies.models import Appointment
from workflows.clock import FixedClock

pytestmark = pytest.mark.usefixtures("_organisation")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a page and an API route that tell who asks."""

    def who() -> object:
        login = find_login()
        return jsonify(agency=current_actor().agency_code if login else None)

    def leave() -> object:
        token = end_web_login()
        with writing() as session:
            revoke(session, token or "", clock=app_clock())
        return jsonify(agency=None)

    def enter() -> object:
        token = begin(SessionKind.WEB)
        start_web_login(token)
        return who()

    app.add_url_rule("/test/who", "test_who", who)
    app.add_url_rule("/test/enter", "test_enter", enter, methods=["POST"])
    app.add_url_rule("/test/leave", "test_leave", leave, methods=["POST"])
    app.add_url_rule("/api/v1/test/who", "test_api_who", who)
    return app


@pytest.fixture
def _organisation(app: Flask, clock: FixedClock) -> None:
    """`a` holds post 1 in JR and another in CZ."""
    with app.app_context(), writing() as session:
        person = make_person(session, clock, "a")
        for code in ("JR", "CZ"):
            appoint(session, person, make_post(session, make_agency(session, code)))


def begin(kind: SessionKind) -> str:
    with writing() as session:
        signed_in = sign_in(session, "a", PASSWORD, clock=app_clock(), kind=kind)
    assert isinstance(signed_in, SignedIn)
    return signed_in.token


def api(app: Flask, token: str, **headers: str) -> TestResponse:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/api/v1/test/who", headers={"Authorization": f"Bearer {token}", **names})


@pytest.fixture
def api_token(app: Flask) -> str:
    with app.app_context():
        return begin(SessionKind.API)


@pytest.fixture
def second_post(app: Flask) -> int:
    with app.app_context(), writing() as session:
        return session.scalars(select(Appointment.post_id).order_by(Appointment.id)).all()[1]


def test_nobody_is_signed_in_at_first(client: FlaskClient) -> None:
    assert client.get("/test/who").json == {"agency": None}


def test_browser_is_known_from_sign_in_to_sign_out(client: FlaskClient) -> None:
    assert client.post("/test/enter").json == {"agency": "JR"}
    assert client.get("/test/who").json == {"agency": "JR"}
    client.post("/test/leave")
    assert client.get("/test/who").json == {"agency": None}


def test_cookie_kept_from_before_the_sign_out_is_worth_nothing(app: Flask, client: FlaskClient) -> None:
    client.post("/test/enter")
    kept = client.get_cookie("lianban")
    assert kept is not None
    client.post("/test/leave")
    thief = app.test_client()
    thief.set_cookie("lianban", kept.value)
    assert thief.get("/test/who").json == {"agency": None}


def test_forged_remember_cookie_opens_nothing(client: FlaskClient) -> None:
    client.set_cookie("remember_token", "1|" + "0" * 128)
    assert client.get("/test/who").json == {"agency": None}


def test_browser_left_alone_for_half_an_hour_is_signed_out(client: FlaskClient, clock: FixedClock) -> None:
    client.post("/test/enter")
    clock.advance(timedelta(minutes=30))
    assert client.get("/test/who").json == {"agency": None}


def test_browser_in_use_stays_signed_in(client: FlaskClient, clock: FixedClock) -> None:
    client.post("/test/enter")
    for _ in range(4):
        clock.advance(timedelta(minutes=20))
        assert client.get("/test/who").json == {"agency": "JR"}


def test_cookie_does_not_open_the_api(client: FlaskClient) -> None:
    client.post("/test/enter")
    assert client.get("/api/v1/test/who").json == {"agency": None}


def test_bearer_token_opens_the_api_and_no_page(app: Flask, api_token: str) -> None:
    assert api(app, api_token).json == {"agency": "JR"}
    page = app.test_client().get("/test/who", headers={"Authorization": f"Bearer {api_token}"})
    assert page.json == {"agency": None}


def test_token_of_a_browser_is_no_bearer_token(app: Flask) -> None:
    with app.app_context():
        token = begin(SessionKind.WEB)
    assert api(app, token).json == {"agency": None}


@pytest.mark.parametrize("token", ["", "x", "\u00e9", "x" * 100_000])
def test_wrong_bearer_token_is_nobody(app: Flask, token: str) -> None:
    assert api(app, token).json == {"agency": None}


def test_header_chooses_the_acting_post(app: Flask, api_token: str, second_post: int) -> None:
    assert api(app, api_token, X_Acting_Post=str(second_post)).json == {"agency": "CZ"}
    assert api(app, api_token).json == {"agency": "JR"}


def test_use_of_a_token_is_noted(app: Flask, api_token: str, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=1))
    api(app, api_token)
    with app.app_context(), writing() as session:
        assert session.scalars(select(LoginSession.last_seen_at)).one() == clock.now()


def test_post_that_ends_takes_the_token_with_it(app: Flask, api_token: str, second_post: int) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(Appointment).where(Appointment.post_id == second_post).values(to_on=LONG_AGO))
    assert api(app, api_token).json == {"agency": None}
