"""A stranger may lock a name, never its owner in a browser the owner has signed in from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post, person
from webapp.identity.devices import REMEMBERED_FOR, forget_devices, forget_old_devices, remember
from webapp.identity.models import SessionKind
from webapp.identity.sign_in import Refusal, SignedIn, SignInRefused, check_password, open_login
from workflows.clock import FixedClock

WRONG = "wrong"


@pytest.fixture(autouse=True)
def _people(session: Session, clock: FixedClock) -> None:
    agency = make_agency(session, "JR")
    for seat, name in enumerate(("owner", "other"), start=1):
        appoint(session, make_person(session, clock, name), make_post(session, agency, seat=seat))


def attempt(
    session: Session, clock: FixedClock, username: str, password: str = WRONG, device: str | None = None
) -> SignedIn | SignInRefused:
    check = check_password(session, username, password, clock=clock, device=device)
    return open_login(session, check, clock=clock, kind=SessionKind.WEB)


def reasons(answers: list[SignedIn | SignInRefused]) -> list[Refusal]:
    return [answer.reason for answer in answers if isinstance(answer, SignInRefused)]


def test_owner_signs_in_from_a_known_browser_while_a_stranger_keeps_the_name_locked(
    session: Session, clock: FixedClock
) -> None:
    device = remember(session, None, person(session, "owner").id, clock.now())
    answers = [attempt(session, clock, "owner") for _ in range(8)]
    assert reasons(answers) == [Refusal.WRONG] * 5 + [Refusal.LOCKED] * 3
    assert isinstance(attempt(session, clock, "owner", PASSWORD, device), SignedIn)
    assert reasons([attempt(session, clock, "owner", PASSWORD)]) == [Refusal.LOCKED]


def test_known_browser_has_five_tries_of_its_own(session: Session, clock: FixedClock) -> None:
    device = remember(session, None, person(session, "owner").id, clock.now())
    answers = [attempt(session, clock, "owner", device=device) for _ in range(7)]
    assert reasons(answers) == [Refusal.WRONG] * 5 + [Refusal.LOCKED] * 2
    assert isinstance(attempt(session, clock, "owner", PASSWORD), SignedIn)


def test_browser_of_one_person_is_a_stranger_to_every_other_name(session: Session, clock: FixedClock) -> None:
    device = remember(session, None, person(session, "owner").id, clock.now())
    for _ in range(5):
        attempt(session, clock, "other")
    assert reasons([attempt(session, clock, "other", PASSWORD, device)]) == [Refusal.LOCKED]


def test_two_people_may_share_a_browser(session: Session, clock: FixedClock) -> None:
    first = remember(session, None, person(session, "owner").id, clock.now())
    second = remember(session, first, person(session, "other").id, clock.now())
    for name in ("owner", "other"):
        for _ in range(5):
            attempt(session, clock, name)
        assert isinstance(attempt(session, clock, name, PASSWORD, second), SignedIn)


def test_key_from_before_the_last_login_is_worth_nothing(session: Session, clock: FixedClock) -> None:
    """Or one that somebody planted in a browser, or copied from it, would bring tries of its own."""
    planted = remember(session, None, person(session, "other").id, clock.now())
    remember(session, planted, person(session, "owner").id, clock.now())
    for _ in range(5):
        attempt(session, clock, "owner", device=planted)
    assert reasons([attempt(session, clock, "owner", device=planted)]) == [Refusal.LOCKED]
    assert reasons([attempt(session, clock, "owner")]) == [Refusal.LOCKED]


@pytest.mark.parametrize("device", ["", "made up", "x" * 100_000, "\ud800"])
def test_made_up_key_changes_nothing(session: Session, clock: FixedClock, device: str) -> None:
    answers = [attempt(session, clock, "owner", device=device) for _ in range(3)]
    answers += [attempt(session, clock, "owner") for _ in range(3)]
    assert reasons(answers) == [Refusal.WRONG] * 5 + [Refusal.LOCKED]


def test_browser_not_used_for_long_is_a_stranger_again(session: Session, clock: FixedClock) -> None:
    device = remember(session, None, person(session, "owner").id, clock.now())
    clock.advance(REMEMBERED_FOR)
    for _ in range(5):
        attempt(session, clock, "owner")
    assert reasons([attempt(session, clock, "owner", PASSWORD, device)]) == [Refusal.LOCKED]
    assert forget_old_devices(session, clock.now()) == 1


def test_forgotten_browsers_are_strangers(session: Session, clock: FixedClock) -> None:
    device = remember(session, None, person(session, "owner").id, clock.now())
    forget_devices(session, person(session, "owner").id)
    clock.advance(timedelta(minutes=1))
    for _ in range(5):
        attempt(session, clock, "owner")
    assert reasons([attempt(session, clock, "owner", PASSWORD, device)]) == [Refusal.LOCKED]
