"""Demo accounts share one password until somebody sets their own."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.org import make_person, person
from webapp.identity.models import SessionKind
from webapp.identity.seeding import DemoAccounts, seed_demo_accounts
from webapp.identity.sign_in import SignedIn, sign_in
from workflows.agencies.seeding import load_agencies, load_demo_parties
from workflows.clock import FixedClock


@pytest.fixture(autouse=True)
def _agencies(session: Session) -> None:
    load_agencies(session)
    load_demo_parties(session)


def may_sign_in(session: Session, clock: FixedClock, username: str, password: str) -> bool:
    return isinstance(sign_in(session, username, password, clock=clock, kind=SessionKind.API), SignedIn)


def test_given_password_opens_the_demo_accounts(session: Session, clock: FixedClock) -> None:
    done = seed_demo_accounts(session, password="given-password", clock=clock)
    assert (done.added > 200, done.password) == (True, "given-password")
    for username in ("jr.handler", "yanhu-cz.leader", "admin.audit", "enterprise-a.applicant", "pjr.system"):
        assert may_sign_in(session, clock, username, "given-password")


def test_made_up_password_is_told_once(session: Session, clock: FixedClock) -> None:
    first = seed_demo_accounts(session, password=None, clock=clock)
    assert first.password is not None
    assert may_sign_in(session, clock, "jr.handler", first.password)
    assert seed_demo_accounts(session, password=None, clock=clock) == DemoAccounts(0, None)


def test_password_given_at_a_later_start_takes_the_place_of_the_first(session: Session, clock: FixedClock) -> None:
    seed_demo_accounts(session, password="first-password", clock=clock)
    person(session, "cz.handler").password_hash = "changed by its owner"
    session.flush()
    seed_demo_accounts(session, password="later-password", clock=clock)
    session.expire_all()
    assert not may_sign_in(session, clock, "jr.handler", "first-password")
    assert may_sign_in(session, clock, "jr.handler", "later-password")
    assert person(session, "cz.handler").password_hash == "changed by its owner"


def test_same_password_again_changes_nothing(session: Session, clock: FixedClock) -> None:
    seed_demo_accounts(session, password="given-password", clock=clock)
    before = person(session, "jr.handler").password_hash
    assert seed_demo_accounts(session, password="given-password", clock=clock).added == 0
    session.expire_all()
    assert person(session, "jr.handler").password_hash == before


def test_account_missing_from_an_older_version_gets_the_same_password(session: Session, clock: FixedClock) -> None:
    seed_demo_accounts(session, password="given-password", clock=clock)
    person(session, "jr.handler").username = "renamed"
    session.flush()
    assert seed_demo_accounts(session, password=None, clock=clock) == DemoAccounts(1, None)
    assert may_sign_in(session, clock, "jr.handler", "given-password")


def test_database_with_real_people_gets_no_demo_accounts(session: Session, clock: FixedClock) -> None:
    make_person(session, clock, "somebody.real")
    assert seed_demo_accounts(session, password="given-password", clock=clock) == DemoAccounts(0, None)
    assert not may_sign_in(session, clock, "jr.handler", "given-password")
