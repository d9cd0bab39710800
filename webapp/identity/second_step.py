"""The second step of signing in, and whatever else a code has to be shown for.

A wrong code counts like a wrong password: five failures of either kind, and nothing is compared any more.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.identity.attempts import WINDOW, forget, locked_until, take_try
from webapp.identity.devices import counted_under
from webapp.identity.limits import next_limit
from webapp.identity.logins import Login, LoginTerms, renew
from webapp.identity.models import LoginLimit
from webapp.identity.rules import AccountRules
from webapp.identity.second_factor import take_code
from webapp.identity.sign_in import Refusal, SignedIn, SignInRefused, note_failure, note_success
from workflows.clock import Clock


def show_code(
    session: Session, login: Login, code: str, *, clock: Clock, rules: AccountRules, device: str | None = None
) -> SignInRefused | None:
    """Use up a code, and count the try.

    Args:
        session: a writing transaction, which the caller commits whatever the answer.
        login: whose code.
        code: as typed.
        clock: tells the time.
        rules: hold the key to the secrets.
        device: what the browser's cookie holds, see `devices`.

    Returns:
        None if the code was right; otherwise why not.
    """
    now = clock.now()
    key = counted_under(session, login.person.username, login.person.id, device, now)
    tries_left = take_try(session, key, now)
    if tries_left is None:
        until = locked_until(session, key, now)
        return SignInRefused(Refusal.LOCKED, 0, timedelta(0) if until is None else until - now)
    if not take_code(session, login.person.id, code, box=rules.box, now=now):
        note_failure(session, key, tries_left, clock=clock, step="code")
        return SignInRefused(Refusal.CODE, tries_left, timedelta(0) if tries_left else WINDOW)
    forget(session, key)
    return None


def finish_login(
    session: Session,
    login: Login,
    code: str,
    *,
    clock: Clock,
    rules: AccountRules,
    terms: LoginTerms,
    device: str | None = None,
) -> SignedIn | SignInRefused:
    """Take the code that a login waits for; it gets a new secret and a full life. Arguments as `show_code`."""
    if login.limit is not LoginLimit.CODE:
        raise ValueError("this login waits for no code")
    refused = show_code(session, login, code, clock=clock, rules=rules, device=device)
    if refused is not None:
        return refused
    limit = next_limit(session, login, rules=rules, now=clock.now())
    token = renew(session, login.id, clock=clock, terms=terms, limit=limit)
    note_success(session, login.actor, login.id, login.kind, clock=clock)
    return SignedIn(token, clock.now() + terms.lifetime(login.kind), login.person, login.actor, limit)
