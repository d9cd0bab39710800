"""材料: from the checklist of a case to its tab, and to the papers of a task."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.context import config
from webapp.ui.cases.checklist import Line, Materials
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.language import pick
from webapp.ui.problems import Problem
from workflows.cases.materials.reading import list_materials
from workflows.cases.paper_views import MaterialLine, MaterialList
from workflows.cases.views import TaskRow
from workflows.permissions import Actor, Permission, PostKind

MEGABYTE = 2**20
PAPER = "materials."


def build(session: Session, case: OpenedCase) -> Materials:
    """Gather what the tab shows."""
    return materials(
        list_materials(session, case.no, actor=case.actor), case.actor, can_add="add_document" in case.detail.verbs
    )


def materials(given: MaterialList, actor: Actor, *, can_add: bool) -> Materials:
    """Return a checklist as the reader may use it."""
    return Materials(
        lines=tuple(_line(number, line, given, actor, can_add) for number, line in enumerate(given.lines, 1)),
        others=given.others,
        lacking=len(given.lacking),
        upload_max_mb=config().upload_max_bytes // MEGABYTE,
        accepting=given.accepting,
    )


def materials_of_task(session: Session, row: TaskRow, actor: Actor) -> Materials:
    """Return the checklist beside a task; files are added and sent back while it is the reader's."""
    given = list_materials(session, row.case_no, actor=actor)
    return materials(given, actor, can_add="complete" in row.verbs)


def name_papers(session: Session, case_no: str, found: tuple[Problem, ...], actor: Actor) -> tuple[Problem, ...]:
    """Name the papers in what is wrong by their titles, and link to their lines (paths `materials.<item>`)."""
    if not any(one.path.startswith(PAPER) for one in found):
        return found
    given = list_materials(session, case_no, actor=actor)
    return tuple(_named(one, given) if one.path.startswith(PAPER) else one for one in found)


def _named(problem: Problem, given: MaterialList) -> Problem:
    item, _, subject = problem.path.removeprefix(PAPER).partition(".")
    key = key_of(given, item, subject or None)
    line = next((line for line in given.lines if (line.item, line.subject) == (item, subject or None)), None)
    return replace(problem, anchor=key, label=pick(line.title.zh, line.title.en) if line else item)


def key_of(given: MaterialList, item: str | None, subject: str | None) -> str:
    """Return what a line's forms are called on the page; the form of papers beside the list is `other`."""
    for number, line in enumerate(given.lines, 1):
        if line.item == item and subject in (None, line.subject):
            return f"p{number}"
    return "other"


def _line(number: int, line: MaterialLine, given: MaterialList, actor: Actor, can_add: bool) -> Line:
    is_applicant = actor.post_kind is PostKind.APPLICANT
    return Line(
        key=f"p{number}",
        line=line,
        can_add=can_add and actor.may(Permission.DOCUMENT_ADD) and not (is_applicant and line.state == "accepted"),
        can_send_back=given.may_send_back and line.supplied_by == "applicant",
    )
