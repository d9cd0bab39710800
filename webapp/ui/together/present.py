"""From tasks and cases to the pieces of working together."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.ui.together.models import CaseCopies, TaskTogether
from workflows.agencies.directory import list_agencies
from workflows.agencies.posts import people_of
from workflows.cases.access import get_visible_case, root_id_of, takes_part
from workflows.cases.claiming import colleagues
from workflows.cases.collaboration.copies import copies_of
from workflows.cases.collaboration.urge import urgeable, urged_today
from workflows.cases.names import named_agency
from workflows.cases.views import Named, TaskDetail
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, Permission


def task_together(session: Session, detail: TaskDetail, *, actor: Actor, clock: Clock) -> TaskTogether:
    """Return what can be done with others about a task on its page."""
    row = detail.row
    others = colleagues(session, row.id, actor=actor, clock=clock) if "delegate" in row.verbs else ()
    urge = row.id in urgeable_of(session, row.case_no, actor=actor, clock=clock)
    urged = urged_today(session, (row.id,) if urge else (), actor=actor, clock=clock)
    return TaskTogether(row, detail.part, others, urge, urged.get(row.id))


def urgeable_of(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> frozenset[int]:
    """Return the open tasks of a case that the reader may remind somebody of."""
    if not actor.may(Permission.TASK_URGE):
        return frozenset()
    case = get_visible_case(session, case_no, actor=actor)
    return urgeable(session, root_id_of(case), case.measure_no, actor=actor, clock=clock)


def case_copies(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> CaseCopies:
    """Return the copies of a case and whom the reader could send one."""
    if not actor.may(Permission.CASE_COPY):
        return CaseCopies((), (), ())
    rows = copies_of(session, case_no, actor=actor)
    if not takes_part(session, get_visible_case(session, case_no, actor=actor), actor):
        return CaseCopies(rows, (), ())
    on = office_date(clock.now())
    have = {row.agency.code for row in rows if row.person is None and row.withdrawn_at is None}
    agencies = tuple(
        named_agency(agency)
        for agency in list_agencies(session, on)
        if not agency.outside and agency.code not in have and agency.code != actor.agency_code
    )
    return CaseCopies(rows, agencies, officers_of(session, actor, clock))


def officers_of(session: Session, actor: Actor, clock: Clock) -> tuple[Named, ...]:
    """Return the actor's colleagues in the agency; `code` is the user name."""
    found = people_of(session, actor.agency_id, office_date(clock.now()))
    others = [each for each in found if each.person_id != actor.person_id]
    return tuple(Named(each.username, each.name_zh, each.name_en) for each in others)
