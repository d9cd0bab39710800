"""The caller: who they are, what they are signed in with, their password."""

from __future__ import annotations

from webapp.api.access import Open
from webapp.api.endpoint import Call, Routes
from webapp.api.refusals import SignInRefusedError
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.account import NewPassword, OwnLogins, Preferences, own_login
from webapp.api.v1.content.base import PageQuery
from webapp.api.v1.content.people import Me, me_of
from webapp.api.v1.paging import page_of
from webapp.identity.errors import SessionExpiredError
from webapp.identity.flask import account_rules, login_terms
from webapp.identity.limits import next_limit
from webapp.identity.logins import Login, rest_anew
from webapp.identity.models import LoginLimit
from webapp.identity.own_logins import end_login, end_other_logins, list_logins
from webapp.identity.password_change import change_password, compare_change
from webapp.identity.preferences import keep_locale
from webapp.identity.sign_in import Refusal
from webapp.transaction import writing
from workflows.agencies.deputies import stand_ins
from workflows.clock import office_date
from workflows.errors import FieldError, InvalidInputError

routes = Routes(blueprint, "Me")


@routes.get("/me", Open.SIGNED_IN, answer=Me, while_waiting=(LoginLimit.PASSWORD, LoginLimit.ENROL))
def get_me(call: Call) -> Me:
    """Tell who the caller is, which posts they hold and in which one they act."""
    login = own_login_of(call)
    others = stand_ins(call.session, login.person.id, office_date(call.clock.now()))
    return me_of(login, others, call.language)


@routes.post(
    "/me/password",
    Open.ACCOUNT,
    body=NewPassword,
    status=204,
    own_transaction=True,
    while_waiting=(LoginLimit.PASSWORD,),
)
def change_own_password(call: Call, body: NewPassword) -> None:
    """Change the password. This token lives on; every other login and token of the caller is dead at once.

    Guessing the old password counts as guessing at sign-in: after five failures nothing is compared any more.
    """
    login, rules = own_login_of(call), account_rules()
    compared = compare_change(
        call.session, login.person.id, body.old_password, body.new_password, clock=call.clock, rules=rules.passwords
    )
    with writing() as session:
        refused = change_password(session, compared, clock=call.clock, rules=rules.passwords, keep=login.id)
        if refused is None:
            limit = next_limit(session, login, rules=rules, now=call.clock.now())
            rest_anew(session, login.id, clock=call.clock, limit=limit)
    if refused is not None and refused.reason is Refusal.LOCKED:
        raise SignInRefusedError(refused)
    if refused is not None:
        raise InvalidInputError([FieldError("old_password", "password-wrong", {"tries": refused.tries_left})])


@routes.post("/me/preferences", Open.ACCOUNT, body=Preferences, status=204)
def set_preferences(call: Call, body: Preferences) -> None:
    """Choose the language of the pages, for the next browser the caller signs in from."""
    keep_locale(call.session, call.actor.person_id, body.language)


@routes.get("/me/logins", Open.ACCOUNT, query=PageQuery, answer=OwnLogins)
def list_own_logins(call: Call, query: PageQuery) -> OwnLogins:
    """List the browsers and programs the caller is signed in with."""
    login = own_login_of(call)
    rows = list_logins(call.session, login.person.id, clock=call.clock, terms=login_terms(), current=login.id)
    shown, following = page_of(rows, lambda row: str(row.id), query)
    return OwnLogins(items=[own_login(row) for row in shown], next=following)


@routes.delete("/me/logins/<key:login_id>", Open.ACCOUNT, status=204)
def end_own_login(call: Call, login_id: int) -> None:
    """End one of the caller's logins."""
    end_login(call.session, login_id, actor=call.actor, clock=call.clock)


@routes.delete("/me/logins", Open.ACCOUNT, status=204)
def end_own_other_logins(call: Call) -> None:
    """End all of the caller's logins but this one."""
    end_other_logins(call.session, own_login_of(call).id, actor=call.actor, clock=call.clock)


def own_login_of(call: Call) -> Login:
    """Return the caller's login; somebody is signed in where a route asks for it."""
    if call.login is None:
        raise SessionExpiredError
    return call.login
