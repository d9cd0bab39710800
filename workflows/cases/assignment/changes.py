"""Changes of the deployment's rules that were asked for, as administrators and the auditor see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.agencies.models import Person
from workflows.cases.access import require
from workflows.cases.assignment.defaults import BUILT_IN
from workflows.cases.assignment.tables import AssignmentChange, AssignmentDefault, ChangeStatus
from workflows.cases.paging import check_limit, read_cursor, whole, write_cursor
from workflows.cases.views import Named, Page
from workflows.engine.assignment import CAUSES
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class Change:
    """A change that was asked for.

    Args:
        id: key.
        status: where it stands.
        replaces: the version whose place it was to take.
        before, after: cause → rule, in that version and as asked for.
        note: why it was asked for.
        requested_by, requested_at: who asked, and when.
        decided_by, decided_at: who approved or rejected it, and when; it was withdrawn by nobody's decision.
        reason: why it was rejected or withdrawn.
        number: the version it became.
        askers: keys of whoever asked and of whom they stood in for: neither decides.
    """

    id: int
    status: ChangeStatus
    replaces: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    note: str
    requested_by: Named
    requested_at: datetime
    decided_by: Named | None
    decided_at: datetime | None
    reason: str
    number: int | None
    askers: frozenset[int]

    def changed(self) -> tuple[str, ...]:
        """Return the causes whose rule it changes."""
        return tuple(cause for cause in CAUSES if self.before[cause] != self.after[cause])


def list_changes(
    session: Session,
    *,
    actor: Actor,
    status: ChangeStatus | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Change]:
    """List changes that were asked for, the newest first.

    Raises:
        PermissionDeniedError: the actor is none of the three administrators.
        InvalidInputError: cursor of another list, limit out of range.
    """
    require(actor, Permission.RULE_CHANGE_READ)
    check_limit(limit)
    conditions = [] if status is None else [AssignmentChange.status == status.value]
    after = read_cursor(cursor, "assignment-changes", whole)
    if after:
        conditions.append(AssignmentChange.id < after[0])
    found = _select(session, *conditions, limit=limit + 1)
    more = len(found) > limit
    return Page(found[:limit], write_cursor("assignment-changes", found[limit - 1].id) if more else None)


def get_change(session: Session, change_id: int, *, actor: Actor) -> Change:
    """Return one change.

    Raises:
        PermissionDeniedError: the actor is none of the three administrators.
        NotFoundError: no such change.
    """
    require(actor, Permission.RULE_CHANGE_READ)
    found = _select(session, AssignmentChange.id == change_id)
    if not found:
        raise NotFoundError("assignment-change", change_id)
    return found[0]


def _select(session: Session, *conditions: Any, limit: int | None = None) -> tuple[Change, ...]:
    requester, decider = aliased(Person), aliased(Person)
    rows = session.execute(
        select(AssignmentChange, AssignmentDefault, requester, decider)
        .outerjoin(AssignmentDefault, AssignmentDefault.number == AssignmentChange.replaces)
        .join(requester, requester.id == AssignmentChange.requested_by)
        .outerjoin(decider, decider.id == AssignmentChange.decided_by)
        .where(*conditions)
        .order_by(AssignmentChange.id.desc())
        .limit(limit)
    )
    return tuple(_change(*row) for row in rows)


def _change(
    row: AssignmentChange, before: AssignmentDefault | None, requester: Person, decider: Person | None
) -> Change:
    return Change(
        id=row.id,
        status=ChangeStatus(row.status),
        replaces=row.replaces,
        before=_rules(before) if before else BUILT_IN.rules,
        after=_rules(row),
        note=row.note,
        requested_by=_named(requester),
        requested_at=row.requested_at,
        decided_by=_named(decider) if decider else None,
        decided_at=row.decided_at,
        reason=row.reason,
        number=row.number,
        askers=frozenset({row.requested_by, *([row.requested_for] if row.requested_for else ())}),
    )


def _rules(row: AssignmentDefault | AssignmentChange) -> dict[str, str]:
    return {cause: getattr(row, cause) for cause in CAUSES}


def _named(person: Person) -> Named:
    return Named(person.username, person.name_zh, person.name_en)
