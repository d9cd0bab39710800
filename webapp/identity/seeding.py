"""Demo accounts and their one password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.identity.passwords import hash_password, make_password, verify_password
from workflows.agencies.models import Person
from workflows.agencies.seeding import list_demo_accounts, load_demo_accounts
from workflows.clock import Clock


@dataclass(frozen=True)
class DemoAccounts:
    """What was done.

    Args:
        added: how many accounts were new; none at a second start.
        password: what opens the accounts from now on, if it was given or made here; None when it stays as it was.
    """

    added: int
    password: str | None


def seed_demo_accounts(session: Session, *, password: str | None, clock: Clock) -> DemoAccounts:
    """Add the demo accounts that are missing. Never call this in production.

    A database in which other people have accounts, and no demo account is, gets none. A password given at a later
    start takes the place of the first one, except where somebody has set a password of their own.

    Args:
        session: a writing transaction; agencies and demo parties must have been loaded.
        password: for all of them; None makes one up when the first accounts are made.
        clock: tells when the accounts were made.
    """
    shared = _shared_hash(session)
    if shared is None and session.scalar(select(func.count()).select_from(Person)):
        return DemoAccounts(0, None)
    if shared is None:
        password = password or make_password()
        return DemoAccounts(_add(session, hash_password(password), clock), password)
    if password is None or verify_password(shared, password):
        return DemoAccounts(_add(session, shared, clock), password)
    fresh = hash_password(password)
    session.execute(update(Person).where(Person.password_hash == shared).values(password_hash=fresh))
    return DemoAccounts(_add(session, fresh, clock), password)


def _add(session: Session, password_hash: str, clock: Clock) -> int:
    return load_demo_accounts(session, password_hash=password_hash, clock=clock)


def _shared_hash(session: Session) -> str | None:
    """Return the hash of the demo accounts whose password nobody has changed: the one that several of them share."""
    names = [account.username for account in list_demo_accounts()]
    return session.scalars(
        select(Person.password_hash)
        .where(Person.username.in_(names))
        .group_by(Person.password_hash)
        .having(func.count() > 1)
        .order_by(func.count().desc())
        .limit(1)
    ).one_or_none()
