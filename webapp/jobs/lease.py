"""A lease in the database: of several processes that could do a thing, one does it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.persistence import Base, UtcDateTime


class Lease(Base):
    """Who may do what until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


def hold(session: Session, name: str, holder: str, *, now: datetime, lasts: timedelta) -> bool:
    """Take or renew the lease `name`, and tell whether `holder` has it until `now + lasts`.

    Args:
        session: in a writing transaction.
        name: what is leased.
        holder: a name no other process has.
        now: the present instant, aware.
        lasts: how long the lease then runs.
    """
    until = now + lasts
    free = or_(Lease.holder == holder, Lease.expires_at <= now)
    taken = session.execute(
        update(Lease)
        .where(Lease.name == name, free)
        .values(holder=holder, expires_at=until)
        .returning(Lease.name)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is not None:
        return True
    if session.get(Lease, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, expires_at=until))
    except IntegrityError:
        return False
    return True


def give_up(session: Session, name: str, holder: str, *, now: datetime) -> None:
    """End `holder`'s lease, so that another takes over without waiting for it to run out."""
    session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
