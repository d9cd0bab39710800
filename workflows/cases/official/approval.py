"""呈批: who has written what on a case, in the columns of the approval sheet, from its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import get_visible_case, require
from workflows.cases.models import HumanTask, TaskRole, TaskStatus
from workflows.cases.part_of_family import part_of
from workflows.cases.queues import task_rows_of
from workflows.cases.views import TaskRow
from workflows.clock import Clock, office_date
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission, PostKind

SECTIONS = ("draft", "countersign", "review", "instruction", "result")
"""拟办意见, 会签意见, 复核意见, 领导批示, 办理结果."""

_LEAD_SECTIONS = {PostKind.HANDLER: "draft", PostKind.REVIEWER: "review", PostKind.LEADER: "instruction"}


@dataclass(frozen=True)
class Note:
    """What somebody wrote: the decision and the opinion, who, when (office date)."""

    text: str
    by: str
    on: date


def approval_notes(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> Mapping[str, tuple[Note, ...]]:
    """Return the notes of each section, oldest first, of the part of the case that the actor sees.

    What was returned or recalled counts no more and is left out. The sheet is the administration's own: for applicants
    there is none.

    Raises:
        NotFoundError: no such case for the actor, or an applicant.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    if actor.post_kind is PostKind.APPLICANT:
        raise NotFoundError("approval sheet", case_no)
    part = part_of(session, case, actor=actor)
    rows = task_rows_of(session, part.root_id, actor=actor, clock=clock)
    done = [
        row
        for row in rows
        if row.case_id in part.case_ids and row.status == TaskStatus.COMPLETED and not row.voided and row.completed_at
    ]
    written = {
        row.id: row
        for row in session.execute(
            select(HumanTask.id, HumanTask.opinion, HumanTask.post_kind, HumanTask.added_signer).where(
                HumanTask.id.in_([row.id for row in done])
            )
        )
    }
    notes: dict[str, list[Note]] = {section: [] for section in SECTIONS}
    for row in done:
        more = written[row.id]
        section = _section(row, more.post_kind, added=more.added_signer)
        if section is not None and row.completed_at is not None:
            by = "　".join(name for name in (row.agency.zh, row.assignee) if name)
            notes[section].append(Note(_text(row, more.opinion), by, office_date(row.completed_at)))
    return {section: tuple(found) for section, found in notes.items()}


def _section(row: TaskRow, post_kind: str, *, added: bool) -> str | None:
    if row.role in (TaskRole.APPLICANT, TaskRole.CC):
        return None
    if row.role == TaskRole.PARTICIPANT:
        return "result"
    if added or row.role != TaskRole.LEAD:
        return "countersign"
    return _LEAD_SECTIONS.get(PostKind(post_kind))


def _text(row: TaskRow, opinion: str | None) -> str:
    decision = row.decision.zh if row.decision else ""
    said = f"{row.name.zh}：{decision}" if decision else row.name.zh
    return f"{said}。{opinion}" if opinion else said
