"""The caller's second factor. Answers that hold secrets are kept nowhere, so `Idempotency-Key` does nothing here."""

from __future__ import annotations

from webapp.api.access import Open
from webapp.api.endpoint import Call, Routes
from webapp.api.refusals import SignInRefusedError
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.account import CodeShown, RecoveryCodes, SecondFactorSecret, SecondFactorState
from webapp.api.v1.me import own_login_of
from webapp.identity.flask import account_rules
from webapp.identity.limits import next_limit
from webapp.identity.logins import rest_anew
from webapp.identity.models import LoginLimit
from webapp.identity.second_factor import (
    SecretBox,
    begin_enrolment,
    confirm_enrolment,
    find_standing,
    remove_second_factor,
    renew_codes,
)
from webapp.identity.second_step import show_code
from webapp.identity.sign_in import Refusal
from webapp.transaction import writing
from workflows.errors import FieldError, InvalidInputError, PermissionDeniedError

routes = Routes(blueprint, "Second factor")

WHILE = (LoginLimit.ENROL,)


@routes.get("/me/second-factor", Open.ACCOUNT, answer=SecondFactorState, while_waiting=WHILE)
def get_second_factor(call: Call) -> SecondFactorState:
    """Tell whether the caller signs in with a second factor."""
    login = own_login_of(call)
    standing = find_standing(call.session, login.person.id)
    return SecondFactorState(
        enrolled=standing is not None,
        since=None if standing is None else standing.since,
        recovery_codes_left=0 if standing is None else standing.codes_left,
        required=account_rules().asks_second_factor(login.posts),
    )


@routes.post(
    "/me/second-factor",
    Open.ACCOUNT,
    answer=SecondFactorSecret,
    status=201,
    own_transaction=True,
    while_waiting=WHILE,
)
def begin_second_factor(call: Call) -> SecondFactorSecret:
    """Get a secret for an authenticator; asked again, a new one takes its place."""
    login = own_login_of(call)
    with writing() as session:
        made = begin_enrolment(session, actor=login.actor, username=login.person.username, box=_box(), clock=call.clock)
    return SecondFactorSecret(secret=made.secret, uri=made.uri)


@routes.post(
    "/me/second-factor/confirm",
    Open.ACCOUNT,
    body=CodeShown,
    answer=RecoveryCodes,
    own_transaction=True,
    while_waiting=WHILE,
)
def confirm_second_factor(call: Call, body: CodeShown) -> RecoveryCodes:
    """Show a first code: from now on the second factor is asked for at sign-in."""
    login = own_login_of(call)
    with writing() as session:
        codes = confirm_enrolment(session, body.code, actor=login.actor, box=_box(), clock=call.clock)
        if codes is not None:
            limit = next_limit(session, login, rules=account_rules(), now=call.clock.now())
            rest_anew(session, login.id, clock=call.clock, limit=limit)
    if codes is None:
        raise InvalidInputError([FieldError("code", "wrong-code")])
    return RecoveryCodes(recovery_codes=list(codes))


@routes.post(
    "/me/second-factor/recovery-codes", Open.ACCOUNT, body=CodeShown, answer=RecoveryCodes, own_transaction=True
)
def renew_recovery_codes(call: Call, body: CodeShown) -> RecoveryCodes:
    """Get new recovery codes in place of the old ones, given a code."""
    _show(call, body.code)
    with writing() as session:
        return RecoveryCodes(recovery_codes=list(renew_codes(session, actor=call.actor, clock=call.clock)))


@routes.post("/me/second-factor/remove", Open.ACCOUNT, body=CodeShown, status=204, own_transaction=True)
def remove_own_second_factor(call: Call, body: CodeShown) -> None:
    """Do without the second factor again, given a code; not where a post asks for one."""
    if account_rules().asks_second_factor(own_login_of(call).posts):
        raise PermissionDeniedError(Open.ACCOUNT.value, "second-factor-required")
    _show(call, body.code)
    with writing() as session:
        remove_second_factor(session, actor=call.actor, clock=call.clock)


def _show(call: Call, code: str) -> None:
    """Use up a code; a wrong one counts like a wrong password."""
    with writing() as session:
        refused = show_code(session, own_login_of(call), code, clock=call.clock, rules=account_rules())
    if refused is not None and refused.reason is Refusal.LOCKED:
        raise SignInRefusedError(refused)
    if refused is not None:
        raise InvalidInputError([FieldError("code", "wrong-code")])


def _box() -> SecretBox:
    box = account_rules().box
    if box is None:
        raise RuntimeError("the application has no secret key")
    return box
