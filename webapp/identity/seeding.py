"""Fills an empty database: the organisation, the policy and, outside production, demo accounts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.identity.passwords import hash_password, make_password, verify_password
from workflows.agencies.models import Person
from workflows.agencies.seeding import list_demo_accounts, load_agencies, load_demo_accounts, load_demo_parties
from workflows.clock import Clock
from workflows.policies.seeding import load_policies


@dataclass(frozen=True)
class Seeded:
    """What was added.

    Args:
        agencies, policies, accounts: how many were new; nothing is new at a second start.
        made_password: the demo accounts' password if it was made up here; it is stored nowhere and must be shown now.
    """

    agencies: int
    policies: int
    accounts: int
    made_password: str | None


def seed(session: Session, *, production: bool, demo_password: str | None, clock: Clock) -> Seeded:
    """Add what is missing; the caller commits.

    Args:
        session: a writing transaction.
        production: no demo parties, no demo accounts.
        demo_password: password of the demo accounts; None makes one up when the first accounts are made.
        clock: tells when accounts were made.
    """
    agencies, policies = load_agencies(session), load_policies(session)
    if production:
        return Seeded(agencies, policies, 0, None)
    agencies += load_demo_parties(session)
    accounts, made = _add_demo_accounts(session, demo_password, clock)
    return Seeded(agencies, policies, accounts, made)


def _add_demo_accounts(session: Session, password: str | None, clock: Clock) -> tuple[int, str | None]:
    shared = _shared_hash(session)
    if shared is None and session.scalar(select(func.count()).select_from(Person)):
        return 0, None  # a development copy of real people's accounts gets no open doors
    if shared is None:
        made = None if password else make_password()
        shared = hash_password(password or made or "")
        return load_demo_accounts(session, password_hash=shared, clock=clock), made
    if password is not None and not verify_password(shared, password):
        fresh = hash_password(password)
        session.execute(update(Person).where(Person.password_hash == shared).values(password_hash=fresh))
        shared = fresh
    return load_demo_accounts(session, password_hash=shared, clock=clock), None


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
