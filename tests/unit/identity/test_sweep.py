"""Guesses at random names and old logins do not pile up."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post
from webapp.identity.models import LoginAttempt, LoginSession, SessionKind
from webapp.identity.sign_in import sign_in
from webapp.jobs.beat import SWEEPS
from webapp.jobs.housekeeping import sweep_logins
from webapp.transaction import reading, writing
from workflows.clock import FixedClock


def counts(app: Flask) -> tuple[int | None, ...]:
    with app.app_context():
        return tuple(reading().scalar(select(func.count()).select_from(t)) for t in (LoginSession, LoginAttempt))


def test_sweep_forgets_what_has_ended(app: Flask, clock: FixedClock) -> None:
    with app.app_context(), writing() as session:
        appoint(session, make_person(session, clock, "a"), make_post(session, make_agency(session, "JR")))
        sign_in(session, "a", PASSWORD, clock=clock, kind=SessionKind.WEB)
        sign_in(session, "nobody", PASSWORD, clock=clock, kind=SessionKind.WEB)
    sweep_logins()
    assert counts(app) == (1, 1)
    clock.advance(timedelta(minutes=15))
    sweep_logins()
    assert counts(app) == (1, 0)
    clock.advance(timedelta(days=31))
    sweep_logins()
    assert counts(app) == (0, 0)


def test_sweep_is_sent_by_the_beat() -> None:
    assert sweep_logins in [sweep.job for sweep in SWEEPS]
