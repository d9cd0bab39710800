"""Loading a case under its lock: the root case's row covers the whole family, children and tasks included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.orm import Session, aliased

from workflows.agencies.remembering import current_stamp, read_stamp
from workflows.cases.models import ENDED, Case, CaseForm, CaseStatus, HumanTask
from workflows.deadlines import LATEST_CALENDAR, CalendarStamp
from workflows.engine.model import Node
from workflows.errors import ConcurrencyError, NotFoundError, StateConflictError
from workflows.permissions import Actor
from workflows.persistence import once, table_of
from workflows.processes import PublishedProcess, get_published
from workflows.processes.models import ProcessVersion

Root = aliased(Case)

_ROOT_COLUMNS = (
    Root.id,
    Root.no,
    Root.status,
    Root.rev,
    Root.state,
    Root.title,
    Root.measure_no,
    Root.process_version_id,
    Root.applicant_name,
    Root.applicant_agency_id,
    Root.opened_by_agency_id,
    Root.opened_by_person_id,
    Root.accepted_at,
    Root.suspended_at,
    Root.waiting_since,
    Root.limit_days,
    Root.due_at,
    ProcessVersion.sha256,
    ProcessVersion.key,
    *LATEST_CALENDAR,
    current_stamp().label("directory"),
)


# Built once: these run with every act on a task.
_TASK = (
    select(HumanTask, *_ROOT_COLUMNS)
    .join(Root, Root.id == HumanTask.root_id)
    .join(ProcessVersion, ProcessVersion.id == Root.process_version_id)
    .where(HumanTask.id == bindparam("task_id"))
)
_LOCKED_TASK = _TASK.with_for_update(of=(Root, HumanTask))
"""The root case first, then the task: the order in which all acts on a case lock, or two would wait for each other."""


_ROOT = (
    select(*_ROOT_COLUMNS)
    .join(ProcessVersion, ProcessVersion.id == Root.process_version_id)
    .where(Root.id == bindparam("root_id"))
)


@dataclass
class Family:
    """A root case, locked for the rest of the transaction.

    Args:
        id: of the root case.
        rev: counts its moves; written back only if nobody else moved it.
        state: the engine's.
        stamp: of the directory, as it was when the lock was asked for; the case moves only if it still is.
        directory: the same, where the act may use what is remembered under it.
        applicants: keys of the persons who are the applicant or acted for them; None until somebody needs to know.
    """

    id: int
    no: str
    status: CaseStatus
    rev: int
    state: bytes
    title: str
    measure_no: str
    process_key: str
    applicant_name: str
    applicant_agency_id: int | None
    opened_by_agency_id: int
    opened_by_person_id: int
    accepted_at: datetime | None
    process: PublishedProcess
    process_version_id: int
    calendar: CalendarStamp | None = None
    suspended_at: datetime | None = None
    waiting_since: datetime | None = None
    limit_days: int | None = None
    due_at: datetime | None = None
    stamp: int | None = None
    directory: int | None = None
    applicants: frozenset[int] | None = None

    @property
    def was_accepted(self) -> bool:
        """Whether the application has been taken in."""
        return self.accepted_at is not None

    def node(self, node_id: str) -> Node:
        """Return a node of the diagram."""
        return self.process.model.nodes[node_id]

    @property
    def is_running(self) -> bool:
        """Whether it has neither ended nor been suspended: only then anything in it moves."""
        return self.status not in ENDED and self.status != CaseStatus.SUSPENDED

    def require_running(self, wanted: str) -> None:
        """Refuse what cannot be done to a case that stands still or has ended.

        Raises:
            StateConflictError: suspended, or ended.
        """
        if not self.is_running:
            raise StateConflictError("case", self.no, self.status, wanted)


def lock_family_of_task(
    session: Session, task_id: int, *, actor: Actor, for_update: bool = True
) -> tuple[Family, HumanTask]:
    """Load a task together with its case, locked unless it is only to be looked at.

    Both rows are locked by one statement, so that neither is an older version than the other.

    Raises:
        NotFoundError: no such task in the actor's agency.
    """
    row = session.execute(
        _LOCKED_TASK if for_update else _TASK, {"task_id": task_id}, execution_options={"populate_existing": True}
    ).one_or_none()
    out_of_scope = row is not None and actor.measure_only not in (None, row.measure_no)
    if row is None or row.HumanTask.agency_id != actor.agency_id or out_of_scope:
        raise NotFoundError("task", task_id)
    family = _family(session, row)
    family.directory = row.directory
    return family, row.HumanTask


def lock_family(session: Session, root_id: int) -> Family:
    """Lock a root case by its key.

    Raises:
        NotFoundError: no such case.
    """
    row = session.execute(_ROOT.with_for_update(of=Root), {"root_id": root_id}).one_or_none()
    if row is None:
        raise NotFoundError("case", root_id)
    family = _family(session, row)
    family.stamp = read_stamp(session)  # it may have waited for the lock, and nothing is remembered here
    return family


def lock_free_family(session: Session, root_id: int) -> Family | None:
    """Lock a root case that nobody else has locked; None where somebody has, or where there is no such case."""
    row = session.execute(_ROOT.with_for_update(of=Root, skip_locked=True), {"root_id": root_id}).one_or_none()
    return None if row is None else _family(session, row)


def _family(session: Session, row: Any) -> Family:
    return Family(
        id=row.id,
        no=row.no,
        status=CaseStatus(row.status),
        rev=row.rev,
        state=row.state,
        title=row.title,
        measure_no=row.measure_no,
        process_key=row.key,
        applicant_name=row.applicant_name,
        applicant_agency_id=row.applicant_agency_id,
        opened_by_agency_id=row.opened_by_agency_id,
        opened_by_person_id=row.opened_by_person_id,
        accepted_at=row.accepted_at,
        suspended_at=row.suspended_at,
        waiting_since=row.waiting_since,
        limit_days=row.limit_days,
        due_at=row.due_at,
        process=get_published(session, row.process_version_id, row.sha256),
        process_version_id=row.process_version_id,
        stamp=row.directory,
        calendar=(row.calendar_number, row.calendar_loaded_at) if row.calendar_number is not None else None,
    )


def write_back(session: Session, family: Family, values: Mapping[str, Any]) -> None:
    """Store the root case's new values and count its revision, after the steps that the move has opened.

    What work is routed by may have changed while the case was waited for, or while a new step waited for an agency that
    was just being merged into another: then nothing of the move is kept.

    Raises:
        ConcurrencyError: the directory has changed since the lock, or somebody moved the case although it was locked.
    """
    parameters = {"case": family.id, "read": family.rev, "stamp": family.stamp, "rev": family.rev + 1, **values}
    written = session.connection().execute(_write_back(tuple(values)), parameters)
    if written.rowcount != 1:
        raise ConcurrencyError("case", family.no)
    family.rev += 1


@cache
def _write_back(names: tuple[str, ...]) -> Any:
    table = table_of(Case)
    return (
        update(table)
        .where(
            table.c.id == bindparam("case"),
            table.c.rev == bindparam("read"),
            current_stamp().is_not_distinct_from(bindparam("stamp", type_=BigInteger)),
        )
        .values({name: bindparam(name) for name in ("rev", *names)})
    )


def current_form(session: Session, root_id: int) -> Mapping[str, Any]:
    """Return the application as it stands."""
    newest = select(CaseForm.data).where(CaseForm.case_id == root_id).order_by(CaseForm.number.desc()).limit(1)
    return once(session, ("application", root_id), lambda: session.scalar(newest)) or {}
