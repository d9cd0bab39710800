"""The checklist of a case, as pages and API show it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import get_visible_case, require
from workflows.cases.materials.folder import Folder, open_folder
from workflows.cases.materials.lines import lines_of
from workflows.cases.models import ENDED, Case, HumanTask, TaskStatus
from workflows.cases.paper_views import MaterialList
from workflows.engine import ProcessModel
from workflows.permissions import Actor, Permission

ASKS = "supplement"
"""The notice of a decision that asks the applicant for papers (一次性告知补正)."""
ACCEPTS = "acceptance"
"""The notice of a decision that takes the application in (受理)."""


def list_materials(session: Session, case_no: str, *, actor: Actor) -> MaterialList:
    """Return the checklist of a case with what stands on each line.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    folder = open_folder(session, case, actor=actor)
    lines = lines_of(session, folder)
    task = find_asking_task(session, case, folder, actor)
    decisions = folder.process.model.nodes[task.node_id].decisions if task else ()
    on_lines = {file.id for line in lines for file in (*line.files, *line.earlier)}
    return MaterialList(
        case_no=case.no,
        lines=lines,
        others=tuple(row for row in folder.documents if row.id not in on_lines),
        may_send_back=task is not None,
        accepting=tuple(decision.id for decision in decisions if decision.notice == ACCEPTS),
    )


def find_asking_task(session: Session, case: Case, folder: Folder, actor: Actor) -> HumanTask | None:
    """Return the step the actor holds at which papers are sent back, if they hold one."""
    nodes = asking_nodes(folder.process.model)
    if not nodes or case.status in ENDED or not actor.may(Permission.MATERIAL_REVIEW):
        return None
    return session.scalars(
        select(HumanTask)
        .where(
            HumanTask.root_id == folder.part.root_id,
            HumanTask.node_id.in_(nodes),
            HumanTask.status == TaskStatus.RESERVED,
            HumanTask.assignee_person_id == actor.person_id,
            HumanTask.agency_id == actor.agency_id,
        )
        .limit(1)
    ).first()


def asking_nodes(model: ProcessModel) -> frozenset[str]:
    """Return the steps at which the applicant can be asked for papers."""
    return frozenset(
        node.id for node in model.nodes.values() if any(decision.notice == ASKS for decision in node.decisions)
    )
