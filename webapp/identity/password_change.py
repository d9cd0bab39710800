"""Changing one's own password; it ends every other login and token.

In two steps, like signing in: the slow comparing while nothing is locked, then the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.identity.attempts import WINDOW, forget, locked_until, take_try
from webapp.identity.devices import counted_under, forget_devices
from webapp.identity.logins import revoke_all_for
from webapp.identity.models import FormerPassword
from webapp.identity.passwords import PasswordRules, hash_password, require_password, verify_password
from webapp.identity.sign_in import Refusal, SignInRefused
from workflows import audit
from workflows.agencies.models import Person
from workflows.agencies.posts import HeldPost, act_in, posts_of
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.events import EventType

FIELD = "new_password"


@dataclass(frozen=True)
class ComparedChange:
    """A wish for a new password that has been looked at, with nothing counted or changed yet.

    Args:
        person_id: whose.
        key: under which failures are counted.
        old_hash: the hash the old password was compared with; None when it was wrong.
        new_hash: of the new one.
        locked_until: set when no more tries were left, so that nothing was compared.
    """

    person_id: int
    key: str
    old_hash: str | None = None
    new_hash: str = ""
    locked_until: datetime | None = None


def compare_change(
    session: Session,
    person_id: int,
    old: str,
    new: str,
    *,
    clock: Clock,
    rules: PasswordRules,
    device: str | None = None,
) -> ComparedChange:
    """Compare the old password and look whether the new one will do. Only reads.

    Args:
        session: nothing should be locked in it: comparing takes some 20 ms for each earlier password.
        person_id: whose password.
        old, new: as typed.
        clock: tells the time.
        rules: what the new one must be like.
        device: what the browser's cookie holds, see `devices`.

    Raises:
        NotFoundError: no such person, or an inactive one.
        InvalidInputError: the new password breaks the rules (see `require_password`), is the old one
            (`password-unchanged`) or one of those before (`password-used-before`), in field `new_password`.
    """
    person = session.get(Person, person_id)
    if person is None or not person.is_active:
        raise NotFoundError("person", person_id)
    now = clock.now()
    agencies = _names_of(posts_of(session, person.id, office_date(now)))
    require_password(new, username=person.username, field=FIELD, rules=rules, agencies=agencies)
    if new == old:
        raise InvalidInputError([FieldError(FIELD, "password-unchanged")])
    key = counted_under(session, person.username, person.id, device, now)
    locked = locked_until(session, key, now)
    if locked is not None:
        return ComparedChange(person.id, key, locked_until=locked)
    if not verify_password(person.password_hash, old):
        return ComparedChange(person.id, key)
    if any(verify_password(former, new) for former in _former(session, person.id, rules.history)):
        raise InvalidInputError([FieldError(FIELD, "password-used-before", {"history": rules.history})])
    return ComparedChange(person.id, key, person.password_hash, hash_password(new))


def change_password(
    session: Session, compared: ComparedChange, *, clock: Clock, rules: PasswordRules, keep: int | None = None
) -> SignInRefused | None:
    """Count the try, and replace the password if the old one was right.

    Guessing the old one counts as guessing at sign-in, so a refusal is an answer that the caller must commit.

    Args:
        session: a writing transaction.
        compared: what `compare_change` found, a moment ago.
        clock: tells the time.
        rules: how many earlier passwords are kept.
        keep: key of the login in which it is changed: every other one ends. The caller lets it rest on the new
            password (`logins.rest_anew`).

    Returns:
        None when it was changed; otherwise why the old password was not taken.
    """
    now = clock.now()
    if compared.locked_until is not None:
        return SignInRefused(Refusal.LOCKED, 0, max(compared.locked_until - now, timedelta(0)))
    tries_left = take_try(session, compared.key, now)
    if tries_left is None:
        return SignInRefused(Refusal.LOCKED, 0, WINDOW)
    person = session.get(Person, compared.person_id, with_for_update=True, populate_existing=True)
    if person is None or compared.old_hash is None or compared.old_hash != person.password_hash:
        return SignInRefused(Refusal.WRONG, tries_left, timedelta(0) if tries_left else WINDOW)
    forget(session, compared.key)
    _keep_former(session, person, now, rules.history)
    person.password_hash = compared.new_hash
    person.password_set_at, person.must_change_password = now, False
    session.flush()
    revoke_all_for(session, person.id, clock=clock, keep=keep)
    forget_devices(session, person.id)
    posts = posts_of(session, person.id, office_date(now))
    actor = act_in(person, posts[0]) if posts else None
    payload = {"username": person.username}
    audit.append(session, actor=actor, event=EventType.PASSWORD_CHANGED, clock=clock, payload=payload)
    return None


def _former(session: Session, person_id: int, number: int) -> tuple[str, ...]:
    newest = select(FormerPassword.password_hash).where(FormerPassword.person_id == person_id)
    return tuple(session.scalars(newest.order_by(FormerPassword.id.desc()).limit(number)))


def _keep_former(session: Session, person: Person, now: datetime, number: int) -> None:
    session.add(FormerPassword(person_id=person.id, password_hash=person.password_hash, replaced_at=now))
    session.flush()
    kept = select(FormerPassword.id).where(FormerPassword.person_id == person.id)
    newest = session.scalars(kept.order_by(FormerPassword.id.desc()).limit(number)).all()
    older = (FormerPassword.person_id == person.id, FormerPassword.id.not_in(newest))
    session.execute(delete(FormerPassword).where(*older))


def _names_of(posts: tuple[HeldPost, ...]) -> set[str]:
    return {name for post in posts for name in (post.agency_code, post.agency_zh, post.agency_en)}
