"""What cases say was done must stand in the audit chain: so a chain that is gone as a whole is missed."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workflows.audit import AuditEntry
from workflows.cases.models import HumanTask, TaskStatus

SHOWN = 20


def untraced_tasks(session: Session) -> tuple[int, ...]:
    """Return the keys of steps that somebody has done and no audit entry knows of, at most `SHOWN`.

    Reads all steps that are done; meant for the command line.
    """
    traced = exists().where(AuditEntry.case_id == HumanTask.case_id, AuditEntry.task_id == HumanTask.id)
    done = (HumanTask.status == TaskStatus.COMPLETED, HumanTask.completed_by_person_id.is_not(None))
    return tuple(session.scalars(select(HumanTask.id).where(*done, ~traced).order_by(HumanTask.id).limit(SHOWN)))
