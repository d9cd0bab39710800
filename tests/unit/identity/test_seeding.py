"""Demo accounts: there at the first start of a development set-up, never in production."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.org import agency, make_person, person
from webapp.identity.models import SessionKind
from webapp.identity.seeding import Seeded, seed
from webapp.identity.sign_in import SignedIn, sign_in
from workflows.agencies.models import Agency, Person
from workflows.clock import FixedClock


def may_sign_in(session: Session, clock: FixedClock, username: str, password: str) -> bool:
    return isinstance(sign_in(session, username, password, clock=clock, kind=SessionKind.API), SignedIn)


def test_production_gets_the_organisation_and_nobody_to_sign_in(session: Session, clock: FixedClock) -> None:
    done = seed(session, production=True, demo_password="given-password", clock=clock)
    assert done == Seeded(agencies=43, policies=1, accounts=0, made_password=None)
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert session.scalar(select(func.count()).where(Agency.outside)) == 0


def test_given_password_opens_the_demo_accounts(session: Session, clock: FixedClock) -> None:
    done = seed(session, production=False, demo_password="given-password", clock=clock)
    assert (done.accounts > 200, done.made_password) == (True, None)
    for username in ("jr.handler", "yanhu-cz.leader", "admin.audit", "enterprise-a.applicant", "pjr.system"):
        assert may_sign_in(session, clock, username, "given-password")


def test_made_up_password_is_told_once(session: Session, clock: FixedClock) -> None:
    first = seed(session, production=False, demo_password=None, clock=clock)
    second = seed(session, production=False, demo_password=None, clock=clock)
    assert first.made_password is not None
    assert may_sign_in(session, clock, "jr.handler", first.made_password)
    assert second == Seeded(0, 0, 0, None)


def test_password_given_at_a_later_start_takes_the_place_of_the_first(session: Session, clock: FixedClock) -> None:
    seed(session, production=False, demo_password="first-password", clock=clock)
    own = person(session, "cz.handler")
    own.password_hash = "changed by its owner"
    session.flush()
    seed(session, production=False, demo_password="later-password", clock=clock)
    session.expire_all()
    assert not may_sign_in(session, clock, "jr.handler", "first-password")
    assert may_sign_in(session, clock, "jr.handler", "later-password")
    assert person(session, "cz.handler").password_hash == "changed by its owner"


def test_same_password_again_changes_nothing(session: Session, clock: FixedClock) -> None:
    seed(session, production=False, demo_password="given-password", clock=clock)
    before = person(session, "jr.handler").password_hash
    assert seed(session, production=False, demo_password="given-password", clock=clock) == Seeded(0, 0, 0, None)
    session.expire_all()
    assert person(session, "jr.handler").password_hash == before


def test_database_with_real_people_gets_no_demo_accounts(session: Session, clock: FixedClock) -> None:
    make_person(session, clock, "somebody.real")
    done = seed(session, production=False, demo_password="given-password", clock=clock)
    assert (done.accounts, agency(session, "JR").code) == (0, "JR")
    assert not may_sign_in(session, clock, "jr.handler", "given-password")
