"""What submitting would bring, found out by doing it and undoing it: no second copy of the rules to go wrong."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.cases.commands import CompleteTask
from workflows.cases.complete_task import complete_task
from workflows.cases.views import Moved
from workflows.clock import Clock
from workflows.permissions import Actor


def foresee_completion(session: Session, command: CompleteTask, *, actor: Actor, clock: Clock) -> Moved:
    """Return what completing the task would bring; nothing is changed, numbered or recorded.

    An incident it names would be opened by submitting; as yet there is none.

    Raises:
        LianbanError: as `complete_task` refuses it.
    """
    with session.begin_nested() as attempt:
        moved = complete_task(session, command, actor=actor, clock=clock)
        attempt.rollback()
    session.expire_all()
    return moved
