"""退补: an officer sends a line of the checklist back, with what is wrong and what is needed.

The applicant is told nothing yet: that happens once, for all lines, with the decision 一次性告知补正.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.access import get_visible_case, require, root_id_of
from workflows.cases.aggregate import lock_family
from workflows.cases.materials.folder import Folder, open_folder
from workflows.cases.materials.lines import latest_reviews
from workflows.cases.materials.models import MaterialReview, Verdict
from workflows.cases.materials.placing import find_subject
from workflows.cases.materials.reading import find_asking_task, list_materials
from workflows.cases.models import HumanTask
from workflows.cases.paper_views import MaterialList
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.processes import MaterialItem

MAX_REASON = 300


@dataclass(frozen=True)
class SendBack:
    """A line of a checklist, and why it is sent back.

    Args:
        subject: whose, where the line is asked for each row of the application; the only one needs no telling.
        problem: what is wrong, up to 300 characters.
        requirement: what is needed, up to 300 characters.
    """

    case_no: str
    item: str
    problem: str
    requirement: str | None = None
    subject: str | None = None


def send_back(session: Session, command: SendBack, *, actor: Actor, clock: Clock) -> MaterialList:
    """Send a line back; the applicant is told with the decision.

    Raises:
        NotFoundError: no such case for the actor, or no such line in it.
        StateConflictError: the actor does not hold the step at which papers are sent back.
        InvalidInputError: no problem stated, texts too long, no such row.
    """
    _check(command)
    folder, item, subject, task = _find(session, command.case_no, command.item, command.subject, actor)
    requirement = (command.requirement or "").strip() or None
    _add(session, folder, item, subject, task, Verdict.SENT_BACK, actor, clock, command.problem.strip(), requirement)
    payload = {"item": item.id, "node": task.node_id}
    _record(session, folder, EventType.MATERIAL_SENT_BACK, payload, actor, clock)
    return list_materials(session, command.case_no, actor=actor)


def undo_send_back(
    session: Session, case_no: str, item_id: str, *, subject: str | None = None, actor: Actor, clock: Clock
) -> MaterialList:
    """Take back a sending back: of what nobody has been told, or of what turned out to be right as it is.

    Raises:
        NotFoundError: no such case for the actor, or no such line in it.
        StateConflictError: the actor does not hold the step, or there is nothing to take back.
        InvalidInputError: no such row.
    """
    folder, item, subject, task = _find(session, case_no, item_id, subject, actor)
    last = latest_reviews(session, folder.part.root_id).get((item.id, subject))
    if last is None or last.verdict != Verdict.SENT_BACK:
        raise StateConflictError("material", item.id, last.verdict if last else "open", "undo-send-back")
    _add(session, folder, item, subject, task, Verdict.UNDONE, actor, clock)
    payload = {"item": item.id, "node": task.node_id}
    _record(session, folder, EventType.MATERIAL_SEND_BACK_UNDONE, payload, actor, clock)
    return list_materials(session, case_no, actor=actor)


def _find(
    session: Session, case_no: str, item_id: str, subject: str | None, actor: Actor
) -> tuple[Folder, MaterialItem, str | None, HumanTask]:
    require(actor, Permission.MATERIAL_REVIEW)
    case = get_visible_case(session, case_no, actor=actor)
    lock_family(session, root_id_of(case))
    session.refresh(case)
    folder = open_folder(session, case, actor=actor)
    item = folder.checklist.find(item_id)
    if item is None:
        raise NotFoundError("material", item_id)
    task = find_asking_task(session, case, folder, actor)
    if task is None:
        raise StateConflictError("case", case.no, case.status, "send-back")
    return folder, item, find_subject(folder, item, subject), task


def _add(
    session: Session,
    folder: Folder,
    item: MaterialItem,
    subject: str | None,
    task: HumanTask,
    verdict: Verdict,
    actor: Actor,
    clock: Clock,
    problem: str | None = None,
    requirement: str | None = None,
) -> None:
    seen = max((row.id for row in folder.of_line(item.id, subject)), default=0)
    session.add(
        MaterialReview(
            root_id=folder.part.root_id,
            item=item.id,
            subject=subject,
            verdict=verdict,
            problem=problem,
            requirement=requirement,
            seen_document_id=seen,
            task_id=task.id,
            at=clock.now(),
            by_person_id=actor.person_id,
            by_post_id=actor.post_id,
        )
    )
    session.flush()


def _record(
    session: Session, folder: Folder, event: EventType, payload: dict[str, str], actor: Actor, clock: Clock
) -> None:
    audit.append(session, actor=actor, event=event, case_id=folder.part.root_id, payload=payload, clock=clock)


def _check(command: SendBack) -> None:
    errors = []
    for field, value, needed in (("problem", command.problem, True), ("requirement", command.requirement, False)):
        text = (value or "").strip()
        if needed and not text:
            errors.append(FieldError(field, "reason-required"))
        elif len(text) > MAX_REASON:
            errors.append(FieldError(field, "too-long", {"maximum": MAX_REASON}))
        elif any((ord(c) < 32 and c not in "\n\r\t") or 0xD800 <= ord(c) < 0xE000 for c in text):
            errors.append(FieldError(field, "characters"))
    if errors:
        raise InvalidInputError(errors)
