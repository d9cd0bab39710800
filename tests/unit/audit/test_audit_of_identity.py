"""Each change to accounts, passwords, tokens and posts writes its entry in its own transaction, or neither is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.org import PASSWORD, actor, person, seed_organisation
from webapp.identity.logins import Login, load_login, revoke
from webapp.identity.models import SessionKind
from webapp.identity.own_logins import end_other_logins
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.passwords import PasswordRules
from webapp.identity.personal_tokens import make_token, revoke_token
from webapp.identity.second_factor import (
    SecretBox,
    begin_enrolment,
    confirm_enrolment,
    remove_second_factor,
    renew_codes,
    reset_second_factor,
)
from webapp.identity.sign_in import SignedIn, sign_in
from workflows import audit
from workflows.agencies.accounts import NewAccount
from workflows.agencies.decide_grant import approve_grant, refuse_grant, withdraw_grant
from workflows.agencies.end_appointment import close_account, end_appointment
from workflows.agencies.models import Appointment
from workflows.agencies.request_grant import Term, request_account
from workflows.audit import AuditEntry
from workflows.clock import FixedClock
from workflows.permissions import Actor, PostKind
from workflows.persistence import Base

BOX = SecretBox("only-for-tests-" + "0" * 32)
TABLES = ("person", "appointment", "grant_request", "login_session", "second_factor", "recovery_code")

Act = Callable[[], object]


@dataclass
class Desk:
    """Everything an act needs."""

    session: Session
    clock: FixedClock

    def who(self, username: str) -> Actor:
        return actor(self.session, username, self.clock)

    def login(self) -> tuple[str, Login]:
        begun = sign_in(self.session, "jr.handler", PASSWORD, clock=self.clock, kind=SessionKind.WEB)
        assert isinstance(begun, SignedIn)
        return begun.token, load_login(self.session, begun.token, clock=self.clock)

    def begun(self) -> str:
        return begin_enrolment(
            self.session, actor=self.who("jr.handler"), username="jr.handler", box=BOX, clock=self.clock
        ).secret

    def confirm(self, secret: str) -> object:
        code = pyotp.TOTP(secret).at(self.clock.now())
        return confirm_enrolment(self.session, code, actor=self.who("jr.handler"), box=BOX, clock=self.clock)

    def ask(self) -> int:
        account = NewAccount("new.handler", "JR", PostKind.HANDLER, "新人", "New Hand", "a-hash")
        return request_account(self.session, account, Term(), actor=self.who("admin.system"), clock=self.clock).id


def changing(desk: Desk) -> Act:
    rules = PasswordRules()
    key = person(desk.session, "jr.handler").id
    compared = compare_change(desk.session, key, PASSWORD, "a wholly new one", clock=desk.clock, rules=rules)
    return lambda: change_password(desk.session, compared, clock=desk.clock, rules=rules)


def leaving(desk: Desk) -> Act:
    token, _ = desk.login()
    return lambda: revoke(desk.session, token, clock=desk.clock)


def ending_others(desk: Desk) -> Act:
    desk.login()
    _, login = desk.login()
    return lambda: end_other_logins(desk.session, login.id, actor=login.actor, clock=desk.clock)


def making(desk: Desk) -> Callable[[], Any]:
    _, login = desk.login()
    ends, most = desk.clock.now() + timedelta(days=1), timedelta(days=2)
    return lambda: make_token(
        desk.session, login, name="export", scopes=["read"], expires_at=ends, lifetime=most, clock=desk.clock
    )


def revoking(desk: Desk) -> Act:
    made = making(desk)()
    return lambda: revoke_token(desk.session, made.view.id, actor=desk.who("jr.handler"), clock=desk.clock)


def enrolling(desk: Desk) -> Act:
    secret = desk.begun()
    return lambda: desk.confirm(secret)


def renewing(desk: Desk) -> Act:
    desk.confirm(desk.begun())
    return lambda: renew_codes(desk.session, actor=desk.who("jr.handler"), clock=desk.clock)


def removing(desk: Desk) -> Act:
    desk.confirm(desk.begun())
    return lambda: remove_second_factor(desk.session, actor=desk.who("jr.handler"), clock=desk.clock)


def resetting(desk: Desk) -> Act:
    desk.confirm(desk.begun())
    who, key = desk.who("admin.security"), person(desk.session, "jr.handler").id
    return lambda: reset_second_factor(desk.session, key, "jr.handler", actor=who, clock=desk.clock)


def approving(desk: Desk) -> Act:
    key, who = desk.ask(), desk.who("admin.security")
    return lambda: approve_grant(desk.session, key, 1, actor=who, clock=desk.clock)


def refusing(desk: Desk) -> Act:
    key, who = desk.ask(), desk.who("admin.security")
    return lambda: refuse_grant(desk.session, key, 1, "编制已满", actor=who, clock=desk.clock)


def withdrawing(desk: Desk) -> Act:
    key, who = desk.ask(), desk.who("admin.system")
    return lambda: withdraw_grant(desk.session, key, 1, "写错了", actor=who, clock=desk.clock)


def ending(desk: Desk) -> Act:
    holder = person(desk.session, "jr.handler").id
    key = desk.session.scalars(select(Appointment.id).where(Appointment.person_id == holder)).one()
    return lambda: end_appointment(desk.session, key, actor=desk.who("admin.system"), clock=desk.clock)


def closing(desk: Desk) -> Act:
    key = person(desk.session, "jr.handler").id
    return lambda: close_account(desk.session, key, actor=desk.who("admin.system"), clock=desk.clock)


ACTS: dict[str, Callable[[Desk], Act]] = {
    "password.changed": changing,
    "login.succeeded": lambda desk: desk.login,
    "login.ended": leaving,
    "login.ended by its owner": ending_others,
    "token.made": making,
    "token.revoked": revoking,
    "second-factor.enrolled": enrolling,
    "second-factor.renewed": renewing,
    "second-factor.removed": removing,
    "second-factor.reset": resetting,
    "grant.requested": lambda desk: desk.ask,
    "grant.approved": approving,
    "grant.refused": refusing,
    "grant.withdrawn": withdrawing,
    "appointment.ended": ending,
    "account.closed": closing,
}


def state(session: Session) -> list[Any]:
    """What an act could have changed."""
    tables = [Base.metadata.tables[name] for name in TABLES]
    return [session.execute(select(table).order_by(*table.primary_key.columns)).all() for table in tables]


@pytest.mark.parametrize("name", ACTS)
def test_an_act_and_its_entry_stand_or_fall_together(session: Session, clock: FixedClock, name: str) -> None:
    event = name.partition(" ")[0]
    seed_organisation(session, clock)
    desk = Desk(session, clock)
    act = ACTS[name](desk)
    session.commit()
    entries = select(AuditEntry.event).where(AuditEntry.event == event)
    before, told = state(session), len(session.scalars(entries).all())
    act()
    session.rollback()
    assert (state(session), len(session.scalars(entries).all())) == (before, told)
    act()
    session.commit()
    assert state(session) != before
    newest = session.scalars(select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.id.desc())).first()
    assert newest is not None
    assert len(session.scalars(entries).all()) == told + 1
    assert newest.person_id is not None
    assert audit.verify(session).ok
