"""Why somebody may see one task, one paper, one official document, from the rules that decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import get_visible_case, own_task, require
from workflows.cases.documents import get_document
from workflows.cases.grounds import Ground
from workflows.cases.materials.folder import open_folder
from workflows.cases.materials.grounds import PaperGround
from workflows.cases.models import Case, CaseDocument, HumanTask, Notice
from workflows.cases.official.reading import get_notice
from workflows.cases.paper_views import DocumentRow
from workflows.cases.views import Named, NoticeRow
from workflows.cases.why_seen import Reason, Seen, explain_step, why_seen
from workflows.clock import Clock
from workflows.errors import NotFoundError
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class SeenTask:
    """A task and why somebody opens it: the step is their agency's, and of the work they may do."""

    name: Named
    seen: Seen


@dataclass(frozen=True)
class SeenPaper:
    """A paper, why its case is seen, and why the paper is seen with it.

    Args:
        grounds: every one that holds; empty for nobody who sees the paper.
    """

    paper: DocumentRow
    grounds: tuple[PaperGround, ...]
    seen: Seen


@dataclass(frozen=True)
class SeenNotice:
    """An official document and why its case is seen; with the case goes the document.

    Args:
        addressed: it was issued to the reader's agency.
    """

    notice: NoticeRow
    addressed: bool
    seen: Seen


def why_task_seen(session: Session, task_id: int, *, actor: Actor, clock: Clock) -> SeenTask:
    """Return why the actor may open a task.

    Raises:
        NotFoundError: no such task for the actor.
    """
    require(actor, Permission.TASK_READ)
    row = session.execute(
        select(HumanTask, Case).join(Case, Case.id == HumanTask.case_id).where(HumanTask.id == task_id, own_task(actor))
    ).one_or_none()
    if row is None:
        raise NotFoundError("task", task_id)
    seen = why_seen(session, row.Case.no, actor=actor, clock=clock)
    step = explain_step(session, row.Case, row.HumanTask, actor=actor)
    return SeenTask(step.name, replace(seen, reasons=(Reason(Ground.STEP, steps=(step,)),)))


def why_paper_seen(session: Session, case_no: str, document_id: int, *, actor: Actor, clock: Clock) -> SeenPaper:
    """Return why the actor sees a paper with a case.

    Raises:
        NotFoundError: no such case for the actor, or no such paper in it.
    """
    paper = get_document(session, case_no, document_id, actor=actor)
    folder = open_folder(session, get_visible_case(session, case_no, actor=actor), actor=actor)
    labelled = (holds.label(ground.value) for ground, holds in folder.grounds().items())
    row = session.execute(select(*labelled).where(CaseDocument.id == document_id)).one()
    grounds = tuple(ground for ground in PaperGround if row._mapping[ground.value])
    return SeenPaper(paper, grounds, why_seen(session, case_no, actor=actor, clock=clock))


def why_notice_seen(session: Session, case_no: str, notice_id: int, *, actor: Actor, clock: Clock) -> SeenNotice:
    """Return why the actor sees an official document of a case.

    Raises:
        NotFoundError: no such document for the actor in that case.
    """
    notice = get_notice(session, notice_id, actor=actor, case_no=case_no)
    to = session.scalar(select(Notice.to_agency_id).where(Notice.id == notice_id))
    seen = why_seen(session, notice.case_no, actor=actor, clock=clock)
    return SeenNotice(notice, to == actor.agency_id, seen)
