"""抄送: who was told of the case without having to act, and who has read it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.ui.cases.opened import OpenedCase
from workflows.cases.models import TaskRole
from workflows.cases.views import TaskRow


@dataclass(frozen=True)
class Copies:
    """What the tab shows."""

    tasks: tuple[TaskRow, ...]


def build(_session: Session, case: OpenedCase) -> Copies:
    """Gather what the tab shows."""
    return Copies(tuple(task for task in case.detail.open_tasks if task.role == TaskRole.CC))
