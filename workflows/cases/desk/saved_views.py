"""我的视图: a queue with its filters, kept under a name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.desk.models import SavedView
from workflows.cases.desk.texts import short_text
from workflows.cases.desk.upsert import put
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Actor, Permission

MAX_VIEWS = 20
MAX_NAME = 40
MAX_ADDRESS = 500


@dataclass(frozen=True)
class SavedViewRow:
    """A view; `query` is what follows the question mark in the address of the task centre."""

    id: int
    name: str
    query: str


def save_view(session: Session, name: str, query: str, *, actor: Actor, clock: Clock) -> None:
    """Keep a view; one of the same name is replaced.

    Raises:
        InvalidInputError: the name is empty, too long, or one too many (`name`); the filters too long (`query`).
    """
    require(actor, Permission.TASK_READ)
    kept = short_text(name, "name", MAX_NAME)
    if len(query) > MAX_ADDRESS or not query.isascii() or not query.isprintable():
        raise InvalidInputError([FieldError("query", "too-long", {"maximum": MAX_ADDRESS})])
    others = select(func.count()).where(SavedView.person_id == actor.person_id, SavedView.name != kept)
    if (session.scalar(others) or 0) >= MAX_VIEWS:
        raise InvalidInputError([FieldError("name", "too-many", {"maximum": MAX_VIEWS})])
    key = {"person_id": actor.person_id, "name": kept}
    put(session, SavedView, key, {"query": query, "saved_at": clock.now()})


def list_views(session: Session, *, actor: Actor) -> tuple[SavedViewRow, ...]:
    """Return the actor's views by name."""
    require(actor, Permission.TASK_READ)
    rows = session.scalars(select(SavedView).where(SavedView.person_id == actor.person_id).order_by(SavedView.name))
    return tuple(SavedViewRow(row.id, row.name, row.query) for row in rows)


def remove_view(session: Session, view_id: int, *, actor: Actor) -> None:
    """Throw a view away.

    Raises:
        NotFoundError: no such view of the actor's.
    """
    require(actor, Permission.TASK_READ)
    gone = session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == actor.person_id))
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError("view", view_id)
