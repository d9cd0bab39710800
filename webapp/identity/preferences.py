"""What a person has chosen for themselves."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflows.agencies.models import Person


def keep_locale(session: Session, person_id: int, locale: str) -> None:
    """Keep the language a person reads, for the next browser they sign in from.

    Args:
        session: a writing transaction.
        person_id: who.
        locale: `zh` or `en`.
    """
    session.execute(update(Person).where(Person.id == person_id).values(locale=locale))
