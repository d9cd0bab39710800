"""Changing one's own password; it ends every login, this one included."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.identity.attempts import WINDOW, forget, take_try, username_key
from webapp.identity.logins import revoke_all_for
from webapp.identity.passwords import PasswordRules, hash_password, require_password, verify_password
from webapp.identity.sign_in import Refusal, SignInRefused
from workflows.agencies.models import Person
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError


def change_password(
    session: Session, person_id: int, old: str, new: str, *, clock: Clock, rules: PasswordRules | None = None
) -> SignInRefused | None:
    """Replace the password, given the old one.

    Guessing the old one counts as guessing at sign-in, so a refusal is an answer that the caller must commit.

    Args:
        session: a writing transaction.
        person_id: whose password.
        old, new: as typed.
        clock: tells the time.
        rules: what the new one must be like.

    Returns:
        None when it was changed; otherwise why the old password was not taken.

    Raises:
        NotFoundError: no such person, or an inactive one.
        InvalidInputError: the new password breaks the rules (see `require_password`) or is the old one
            (`password-unchanged`), in field `new_password`.
    """
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or not person.is_active:
        raise NotFoundError("person", person_id)
    require_password(new, username=person.username, field="new_password", rules=rules or PasswordRules())
    if new == old:
        raise InvalidInputError([FieldError("new_password", "password-unchanged")])
    key = username_key(person.username)
    tries_left = take_try(session, key, clock.now())
    if tries_left is None:
        return SignInRefused(Refusal.LOCKED, 0, WINDOW)
    if not verify_password(person.password_hash, old):
        return SignInRefused(Refusal.WRONG, tries_left, timedelta(0) if tries_left else WINDOW)
    forget(session, key)
    person.password_hash = hash_password(new)
    revoke_all_for(session, person.id, clock=clock)
    session.flush()
    return None
