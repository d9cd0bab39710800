"""The deployment's own rules, in versions: they hold where neither a step nor its process says what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Person
from workflows.cases.access import require
from workflows.cases.assignment.tables import AssignmentChange, AssignmentDefault
from workflows.cases.views import Named
from workflows.engine.assignment import CAUSES, REFUSE
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class Defaults:
    """One version of the deployment's rules.

    Args:
        number: counts the versions; 0 is what the program comes with.
        rules: cause → rule, for `nobody`, `same_person` and `applicant`.
        note: why they were set so.
        set_at, set_by: when and by whom they were put in force; None for version 0.
        requested_by: who asked for them; None for version 0, and for those set before it took two persons.
    """

    number: int
    rules: Mapping[str, str]
    note: str = ""
    set_at: datetime | None = None
    set_by: Named | None = None
    requested_by: Named | None = None


BUILT_IN = Defaults(0, dict.fromkeys(CAUSES, REFUSE))


def current_defaults(session: Session) -> Defaults:
    """Return the deployment's rules as they stand."""
    return _newest(session, true())


def defaults_at(session: Session, at: datetime) -> Defaults:
    """Return the deployment's rules as they stood at an instant: a step keeps those it began under."""
    return _newest(session, AssignmentDefault.set_at <= at)


def _newest(session: Session, condition: ColumnElement[bool]) -> Defaults:
    requester = aliased(Person)
    row = session.execute(
        select(AssignmentDefault, Person, requester)
        .join(Person, Person.id == AssignmentDefault.set_by_person_id)
        .outerjoin(AssignmentChange, AssignmentChange.number == AssignmentDefault.number)
        .outerjoin(requester, requester.id == AssignmentChange.requested_by)
        .where(condition)
        .order_by(AssignmentDefault.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return BUILT_IN
    stored, person, asked = row
    return Defaults(
        number=stored.number,
        rules={cause: getattr(stored, cause) for cause in CAUSES},
        note=stored.note,
        set_at=stored.set_at,
        set_by=Named(person.username, person.name_zh, person.name_en),
        requested_by=Named(asked.username, asked.name_zh, asked.name_en) if asked else None,
    )


def read_defaults(session: Session, *, actor: Actor) -> Defaults:
    """Return the deployment's rules to whoever may read processes."""
    require(actor, Permission.PROCESS_READ)
    return current_defaults(session)
