"""The second factor: each code opens once, failures count, the secret is stored locked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, appoint, make_agency, make_person, make_post
from webapp.database import begin_write
from webapp.identity.errors import SessionExpiredError
from webapp.identity.logins import Login, LoginTerms, load_login
from webapp.identity.models import LoginLimit, RecoveryCode, SecondFactor, SessionKind
from webapp.identity.rules import AccountRules
from webapp.identity.second_factor import (
    SecretBox,
    begin_enrolment,
    confirm_enrolment,
    find_standing,
    remove_second_factor,
    renew_codes,
    reset_second_factor,
    take_code,
)
from webapp.identity.second_step import finish_login, show_code
from webapp.identity.sign_in import Refusal, SignedIn, SignInRefused, sign_in
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.errors import NotFoundError, StateConflictError
from workflows.permissions import Actor, PostKind

BOX = SecretBox("only-for-tests-" + "0" * 32)
RULES = AccountRules(box=BOX)


@dataclass
class Holder:
    """Somebody with an authenticator."""

    session: Session
    clock: FixedClock
    person_id: int
    actor: Actor
    secret: str = ""
    codes: tuple[str, ...] = ()

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.now())

    def enrol(self) -> None:
        begun = begin_enrolment(self.session, actor=self.actor, username="owner", box=BOX, clock=self.clock)
        self.secret = begun.secret
        codes = confirm_enrolment(self.session, self.code(), actor=self.actor, box=BOX, clock=self.clock)
        assert codes is not None
        self.codes = codes
        self.clock.advance(timedelta(seconds=30))

    def take(self, code: str, box: SecretBox | None = BOX) -> bool:
        return take_code(self.session, self.person_id, code, box=box, now=self.clock.now())

    def sign_in(self, rules: AccountRules = RULES, kind: SessionKind = SessionKind.WEB) -> SignedIn | SignInRefused:
        return sign_in(self.session, "owner", PASSWORD, clock=self.clock, kind=kind, rules=rules)

    def waiting(self) -> Login:
        signed_in = self.sign_in()
        assert isinstance(signed_in, SignedIn)
        assert signed_in.limit is LoginLimit.CODE
        return load_login(self.session, signed_in.token, clock=self.clock, unfinished=True)

    def finish(self, login: Login, code: str) -> SignedIn | SignInRefused:
        return finish_login(self.session, login, code, clock=self.clock, rules=RULES, terms=LoginTerms())


@pytest.fixture
def holder(session: Session, clock: FixedClock) -> Holder:
    person = make_person(session, clock, "owner")
    appoint(session, person, make_post(session, make_agency(session, "JR"), PostKind.LEADER))
    signed_in = sign_in(session, "owner", PASSWORD, clock=clock, kind=SessionKind.WEB)
    assert isinstance(signed_in, SignedIn)
    return Holder(session, clock, person.id, signed_in.actor)


def test_nothing_is_asked_for_before_a_first_code_was_shown(holder: Holder) -> None:
    begin_enrolment(holder.session, actor=holder.actor, username="owner", box=BOX, clock=holder.clock)
    assert find_standing(holder.session, holder.person_id) is None
    signed_in = holder.sign_in()
    assert isinstance(signed_in, SignedIn)
    assert signed_in.limit is None


def test_wrong_first_code_does_not_set_it_up(holder: Holder) -> None:
    begun = begin_enrolment(holder.session, actor=holder.actor, username="owner", box=BOX, clock=holder.clock)
    wrong = pyotp.TOTP(begun.secret).at(holder.clock.now() + timedelta(hours=1))
    assert confirm_enrolment(holder.session, wrong, actor=holder.actor, box=BOX, clock=holder.clock) is None
    assert find_standing(holder.session, holder.person_id) is None


def test_secret_is_stored_locked_and_codes_hashed(holder: Holder) -> None:
    holder.enrol()
    stored = holder.session.scalars(select(SecondFactor.secret)).one()
    assert holder.secret not in stored
    assert BOX.find(stored) == holder.secret
    hashes = set(holder.session.scalars(select(RecoveryCode.code_hash)))
    assert len(hashes) == len(holder.codes) == 10
    assert not hashes & {code.replace("-", "") for code in holder.codes}


def test_code_opens_once(holder: Holder) -> None:
    holder.enrol()
    code = holder.code()
    assert holder.take(code)
    assert not holder.take(code)
    holder.clock.advance(timedelta(seconds=30))
    assert not holder.take(code)
    assert holder.take(holder.code())


def test_code_of_the_enrolment_does_not_open_again(holder: Holder) -> None:
    holder.enrol()
    holder.clock.advance(timedelta(seconds=-30))
    assert not holder.take(holder.code())


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_clock_may_be_half_a_minute_out(holder: Holder, seconds: int, taken: bool) -> None:
    holder.enrol()
    holder.clock.advance(timedelta(minutes=5))
    code = pyotp.TOTP(holder.secret).at(holder.clock.now() + timedelta(seconds=seconds))
    assert holder.take(code) is taken


def test_code_before_one_that_was_taken_is_refused(holder: Holder) -> None:
    holder.enrol()
    holder.clock.advance(timedelta(minutes=5))
    earlier = pyotp.TOTP(holder.secret).at(holder.clock.now() - timedelta(seconds=30))
    assert holder.take(holder.code())
    assert not holder.take(earlier)


def test_blanks_and_full_width_figures_do_not_matter(holder: Holder) -> None:
    holder.enrol()
    code = holder.code()
    wide = "".join(chr(ord(figure) + 0xFEE0) for figure in code)
    assert holder.take(f" {wide[:3]} {wide[3:]} ")


@pytest.mark.parametrize("code", ["", "000000", "x" * 100_000, "\x00", "\ud800", "１２３４５６", "-"])
def test_made_up_code_is_refused(holder: Holder, code: str) -> None:
    holder.enrol()
    assert not holder.take(code)


def test_recovery_code_opens_once_each(holder: Holder) -> None:
    holder.enrol()
    assert holder.take(holder.codes[0].upper())
    assert not holder.take(holder.codes[0])
    assert holder.take(holder.codes[1].replace("-", ""))
    standing = find_standing(holder.session, holder.person_id)
    assert standing is not None
    assert standing.codes_left == 8


def test_new_recovery_codes_take_the_place_of_the_old(holder: Holder) -> None:
    holder.enrol()
    fresh = renew_codes(holder.session, actor=holder.actor, clock=holder.clock)
    assert not holder.take(holder.codes[0])
    assert holder.take(fresh[0])


def test_another_secret_key_leaves_the_recovery_codes(holder: Holder) -> None:
    holder.enrol()
    other = SecretBox("another-key-" + "1" * 32)
    assert not holder.take(holder.code(), other)
    assert holder.take(holder.codes[0], other)


def test_of_ten_equal_codes_at_once_one_opens(engine: Engine, holder: Holder) -> None:
    holder.enrol()
    code, now = holder.code(), holder.clock.now()
    holder.session.commit()

    def take(_: int) -> bool:
        with Session(engine) as own:
            begin_write(own)
            taken = take_code(own, holder.person_id, code, box=BOX, now=now)
            own.commit()
            return taken

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(take, range(10)))[-2:] == [False, True]


def test_password_alone_opens_nothing_but_the_second_step(holder: Holder) -> None:
    holder.enrol()
    signed_in = holder.sign_in()
    assert isinstance(signed_in, SignedIn)
    with pytest.raises(SessionExpiredError):
        load_login(holder.session, signed_in.token, clock=holder.clock)
    holder.clock.advance(timedelta(minutes=10))
    with pytest.raises(SessionExpiredError):
        load_login(holder.session, signed_in.token, clock=holder.clock, unfinished=True)


def test_right_code_gives_the_login_a_new_secret_and_a_full_life(holder: Holder) -> None:
    holder.enrol()
    waiting = holder.sign_in()
    assert isinstance(waiting, SignedIn)
    login = load_login(holder.session, waiting.token, clock=holder.clock, unfinished=True)
    finished = holder.finish(login, holder.code())
    assert isinstance(finished, SignedIn)
    assert finished.expires_at == holder.clock.now() + timedelta(hours=12)
    assert load_login(holder.session, finished.token, clock=holder.clock).person.username == "owner"
    with pytest.raises(SessionExpiredError):
        load_login(holder.session, waiting.token, clock=holder.clock, unfinished=True)


def test_wrong_codes_lock_the_name_like_wrong_passwords(holder: Holder) -> None:
    holder.enrol()
    login = holder.waiting()
    answers = [holder.finish(login, "000000") for _ in range(5)]
    assert [answer.tries_left for answer in answers if isinstance(answer, SignInRefused)] == [3, 2, 1, 0, 0]
    assert [answer.reason for answer in answers if isinstance(answer, SignInRefused)][-1] is Refusal.LOCKED
    assert isinstance(holder.finish(login, holder.code()), SignInRefused)
    locked = holder.sign_in()
    assert isinstance(locked, SignInRefused)
    assert locked.reason is Refusal.LOCKED


def test_knowing_the_password_gives_no_fresh_tries_at_the_code(holder: Holder) -> None:
    holder.enrol()
    tried = 0
    for _ in range(10):
        signed_in = holder.sign_in()
        if isinstance(signed_in, SignInRefused):
            break
        login = load_login(holder.session, signed_in.token, clock=holder.clock, unfinished=True)
        tried += not isinstance(holder.finish(login, "000000"), SignedIn)
    assert tried <= 3


def test_right_code_clears_the_failures(holder: Holder) -> None:
    holder.enrol()
    login = holder.waiting()
    for _ in range(3):
        holder.finish(login, "000000")
    assert isinstance(holder.finish(login, holder.code()), SignedIn)
    refused = show_code(holder.session, login, "000000", clock=holder.clock, rules=RULES)
    assert refused is not None
    assert refused.tries_left == 4


def test_post_that_needs_a_second_factor_opens_nothing_but_setting_it_up(holder: Holder) -> None:
    rules = AccountRules(second_factor_posts=frozenset({PostKind.LEADER}), box=BOX)
    signed_in = holder.sign_in(rules)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.limit is LoginLimit.ENROL
    holder.enrol()
    waiting = holder.sign_in(rules)
    assert isinstance(waiting, SignedIn)
    assert waiting.limit is LoginLimit.CODE


def test_program_sends_its_code_with_the_password(holder: Holder) -> None:
    holder.enrol()
    without = holder.sign_in(kind=SessionKind.API)
    assert isinstance(without, SignInRefused)
    assert without.reason is Refusal.CODE_NEEDED


def test_second_factor_in_use_is_not_set_up_over(holder: Holder) -> None:
    holder.enrol()
    with pytest.raises(StateConflictError):
        begin_enrolment(holder.session, actor=holder.actor, username="owner", box=BOX, clock=holder.clock)
    with pytest.raises(StateConflictError):
        confirm_enrolment(holder.session, holder.code(), actor=holder.actor, box=BOX, clock=holder.clock)


def test_removed_or_reset_it_is_asked_for_no_more(holder: Holder) -> None:
    for take_away in ("remove", "reset"):
        holder.enrol()
        if take_away == "remove":
            remove_second_factor(holder.session, actor=holder.actor, clock=holder.clock)
        else:
            reset_second_factor(holder.session, holder.person_id, "owner", actor=holder.actor, clock=holder.clock)
        signed_in = holder.sign_in()
        assert isinstance(signed_in, SignedIn)
        assert signed_in.limit is None
        assert holder.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    with pytest.raises(NotFoundError):
        reset_second_factor(holder.session, holder.person_id, "owner", actor=holder.actor, clock=holder.clock)


def test_every_step_is_in_the_trace_without_secrets(holder: Holder) -> None:
    holder.enrol()
    holder.finish(holder.waiting(), "000000")
    renew_codes(holder.session, actor=holder.actor, clock=holder.clock)
    remove_second_factor(holder.session, actor=holder.actor, clock=holder.clock)
    holder.session.commit()
    entries = holder.session.scalars(select(AuditEntry)).all()
    names = {entry.event for entry in entries}
    assert {"second-factor.enrolled", "second-factor.renewed", "second-factor.removed", "login.failed"} <= names
    written = str([entry.payload for entry in entries])
    assert holder.secret not in written
    assert not any(code in written for code in holder.codes)
