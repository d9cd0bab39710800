"""The deployment's own rules, in versions: they hold where neither a step nor its process says what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Person
from workflows.cases.access import require
from workflows.cases.assignment.tables import AssignmentDefault
from workflows.cases.views import Named
from workflows.clock import Clock
from workflows.engine.assignment import CAUSES, REFUSE, RULES
from workflows.errors import ConcurrencyError, FieldError, InvalidInputError
from workflows.events import EventType
from workflows.permissions import Actor, Permission

MAX_NOTE = 200


@dataclass(frozen=True)
class Defaults:
    """One version of the deployment's rules.

    Args:
        number: counts the versions; 0 is what the program comes with.
        rules: cause → rule, for `nobody`, `same_person` and `applicant`.
        note: why they were set so.
        set_at, set_by: when and by whom; None for version 0.
    """

    number: int
    rules: Mapping[str, str]
    note: str = ""
    set_at: datetime | None = None
    set_by: Named | None = None


BUILT_IN = Defaults(0, dict.fromkeys(CAUSES, REFUSE))


def current_defaults(session: Session) -> Defaults:
    """Return the deployment's rules as they stand."""
    return _newest(session, true())


def defaults_at(session: Session, at: datetime) -> Defaults:
    """Return the deployment's rules as they stood at an instant: a step keeps those it began under."""
    return _newest(session, AssignmentDefault.set_at <= at)


def _newest(session: Session, condition: ColumnElement[bool]) -> Defaults:
    row = session.execute(
        select(AssignmentDefault, Person)
        .join(Person, Person.id == AssignmentDefault.set_by_person_id)
        .where(condition)
        .order_by(AssignmentDefault.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return BUILT_IN
    stored, person = row
    return Defaults(
        number=stored.number,
        rules={cause: getattr(stored, cause) for cause in CAUSES},
        note=stored.note,
        set_at=stored.set_at,
        set_by=Named(person.username, person.name_zh, person.name_en),
    )


def read_defaults(session: Session, *, actor: Actor) -> Defaults:
    """Return the deployment's rules to whoever may read processes."""
    require(actor, Permission.PROCESS_READ)
    return current_defaults(session)


def set_defaults(
    session: Session, rules: Mapping[str, str], *, note: str, number: int, actor: Actor, clock: Clock
) -> Defaults:
    """Set the deployment's rules, for steps that begin from now on.

    Args:
        session: a writing transaction.
        rules: cause → rule, all three.
        note: why, up to 200 characters.
        number: of the version they replace, as it was read.
        actor: a security administrator.
        clock: tells when.

    Raises:
        PermissionDeniedError: another post.
        InvalidInputError: a cause is missing or no rule (the cause's name), no note or too long a one (`note`).
        ConcurrencyError: somebody has set them since.
    """
    require(actor, Permission.PROCESS_APPROVE)
    errors = [FieldError(cause, "not-in-list") for cause in CAUSES if rules.get(cause) not in RULES]
    text = note.strip()
    if not text:
        errors.append(FieldError("note", "required"))
    elif len(text) > MAX_NOTE:
        errors.append(FieldError("note", "too-long", {"maximum": MAX_NOTE}))
    elif not text.isprintable():
        errors.append(FieldError("note", "characters"))
    if errors:
        raise InvalidInputError(errors)
    if current_defaults(session).number != number:
        raise ConcurrencyError("assignment-rules", number)
    row = AssignmentDefault(
        number=number + 1,
        **{cause: rules[cause] for cause in CAUSES},
        note=text,
        set_at=clock.now(),
        set_by_person_id=actor.person_id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # two at once: the other was a moment faster
        raise ConcurrencyError("assignment-rules", number) from None
    payload = {"number": row.number, "note": text, **{cause: rules[cause] for cause in CAUSES}}
    audit.append(session, actor=actor, event=EventType.ASSIGNMENT_RULES_SET, payload=payload, clock=clock)
    return current_defaults(session)
