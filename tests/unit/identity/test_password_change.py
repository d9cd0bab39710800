"""A new password: what it may not be, what it ends, and when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post, person
from webapp.identity.devices import remember
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import LoginTerms, load_login, renew, rest_anew
from webapp.identity.models import FormerPassword, KnownDevice, LoginLimit, SessionKind
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.passwords import PasswordRules
from webapp.identity.rules import AccountRules
from webapp.identity.sign_in import SignedIn, sign_in
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError
from workflows.permissions import PostKind

RULES = PasswordRules()
NEW = "a wholly new one"

Change = Callable[..., object]


@pytest.fixture
def owner(session: Session, clock: FixedClock) -> int:
    holder = make_person(session, clock, "owner")
    appoint(session, holder, make_post(session, make_agency(session, "FINANCE")))
    return holder.id


@pytest.fixture
def change(session: Session, clock: FixedClock, owner: int) -> Change:
    def carry_out(old: str, new: str, *, rules: PasswordRules = RULES, keep: int | None = None) -> object:
        compared = compare_change(session, owner, old, new, clock=clock, rules=rules)
        return change_password(session, compared, clock=clock, rules=rules, keep=keep)

    return carry_out


def begin(session: Session, clock: FixedClock, password: str = PASSWORD, rules: AccountRules | None = None) -> SignedIn:
    signed_in = sign_in(session, "owner", password, clock=clock, kind=SessionKind.WEB, rules=rules)
    assert isinstance(signed_in, SignedIn)
    return signed_in


def alive(session: Session, clock: FixedClock, token: str, *, unfinished: bool = False) -> bool:
    try:
        load_login(session, token, clock=clock, unfinished=unfinished)
    except SessionExpiredError:
        return False
    return True


def code_of(caught: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("FINANCE are we", "password-contains-agency"),
        ("Password2019!", "password-common"),
        ("the-owner-here", "password-contains-username"),
    ],
)
def test_what_whoever_knows_the_owner_would_try_is_refused(change: Change, new: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        change(PASSWORD, new)
    assert code_of(caught) == [("new_password", code)]


def test_the_last_five_passwords_are_not_chosen_again(session: Session, clock: FixedClock, change: Change) -> None:
    chosen = [PASSWORD, *(f"password no. {n} of many" for n in "abcdef")]
    for old, new in pairwise(chosen):
        assert change(old, new) is None
    for former in chosen[1:6]:
        with pytest.raises(InvalidInputError) as caught:
            change(chosen[-1], former)
        assert code_of(caught) == [("new_password", "password-used-before")]
    assert session.scalar(select(func.count()).select_from(FormerPassword)) == 5
    assert change(chosen[-1], PASSWORD) is None


def test_a_wrong_old_password_does_not_tell_what_was_used_before(change: Change) -> None:
    change(PASSWORD, NEW)
    refused = change("wrong", PASSWORD)
    assert refused is not None


def test_without_a_history_only_the_present_password_is_refused(session: Session, change: Change) -> None:
    without = replace(RULES, history=0)
    change(PASSWORD, NEW, rules=without)
    assert change(NEW, PASSWORD, rules=without) is None
    assert session.scalar(select(func.count()).select_from(FormerPassword)) == 0


def test_the_login_in_which_it_is_changed_lives_on_and_no_other(
    session: Session, clock: FixedClock, owner: int, change: Change
) -> None:
    mine, other = begin(session, clock), begin(session, clock)
    device = remember(session, None, owner, clock.now())
    login = load_login(session, mine.token, clock=clock)
    assert change(PASSWORD, NEW, keep=login.id) is None
    assert not alive(session, clock, mine.token)
    rest_anew(session, login.id, clock=clock, limit=None)
    assert alive(session, clock, mine.token)
    assert not alive(session, clock, other.token)
    assert session.scalar(select(func.count()).select_from(KnownDevice)) == 0, device


def test_renewed_login_answers_to_its_new_secret_only(session: Session, clock: FixedClock, owner: int) -> None:
    mine = begin(session, clock)
    login = load_login(session, mine.token, clock=clock)
    fresh = renew(session, login.id, clock=clock, terms=LoginTerms(), limit=None)
    assert alive(session, clock, fresh)
    assert not alive(session, clock, mine.token)


def test_password_set_by_an_administrator_opens_nothing_but_its_change(
    session: Session, clock: FixedClock, owner: int, change: Change
) -> None:
    person(session, "owner").must_change_password = True
    session.flush()
    signed_in = begin(session, clock)
    assert signed_in.limit is LoginLimit.PASSWORD
    assert not alive(session, clock, signed_in.token)
    assert alive(session, clock, signed_in.token, unfinished=True)
    change(PASSWORD, NEW)
    assert begin(session, clock, NEW).limit is None


def test_password_expires_after_its_days(session: Session, clock: FixedClock, owner: int, change: Change) -> None:
    rules = AccountRules(passwords=replace(RULES, max_age=timedelta(days=90)))
    clock.advance(timedelta(days=89))
    assert begin(session, clock, rules=rules).limit is None
    clock.advance(timedelta(days=1))
    assert begin(session, clock).limit is None, "never, unless the settings say so"
    assert begin(session, clock, rules=rules).limit is LoginLimit.PASSWORD
    change(PASSWORD, NEW)
    assert begin(session, clock, NEW, rules=rules).limit is None
    clock.advance(timedelta(days=90))
    assert begin(session, clock, NEW, rules=rules).limit is LoginLimit.PASSWORD


def test_connected_system_has_nobody_to_change_its_password(session: Session, clock: FixedClock) -> None:
    system = make_person(session, clock, "a.system")
    appoint(session, system, make_post(session, make_agency(session, "PJR"), PostKind.INTEGRATION))
    clock.advance(timedelta(days=400))
    rules = AccountRules(passwords=replace(RULES, max_age=timedelta(days=90)))
    signed_in = sign_in(session, "a.system", PASSWORD, clock=clock, kind=SessionKind.API, rules=rules)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.limit is None


def test_change_is_in_the_trace_without_secrets(session: Session, owner: int, change: Change) -> None:
    change(PASSWORD, NEW)
    session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "password.changed")).one()
    assert (entry.person_id, entry.payload) == (owner, {"username": "owner"})
