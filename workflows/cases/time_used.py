"""各单位用时: how long each agency held the case, in working time, and where its limit ran out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.directory import agency_ref
from workflows.agencies.models import Agency
from workflows.cases.access import get_visible_case, require, root_id_of
from workflows.cases.limits import CALENDARS
from workflows.cases.models import HumanTask
from workflows.cases.names import named_agency, node_name
from workflows.cases.part_of_family import part_of
from workflows.cases.recount import stops_tasks
from workflows.cases.views import Named
from workflows.clock import Clock
from workflows.deadlines import OFFICE_HOURS, StoredPause, WorkingCalendar, WorkingTime, pauses_of, working_seconds
from workflows.engine import ProcessModel
from workflows.permissions import Actor, Permission, PostKind
from workflows.processes import load_version

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class AgencyTime:
    """What one agency did with the time.

    Args:
        used: working time from 签收 (or arrival) to the end of each of its tasks; hours it had several count once.
        tasks: how many tasks it had.
        overdue: the steps at which its limit ran out: the red mark stays, whatever came after.
        holds: it has a task now.
        counts: its time counts; not that of the applicant's additions or of an outside decision.
    """

    agency: Named
    used: WorkingTime
    tasks: int
    overdue: tuple[Named, ...]
    holds: bool
    counts: bool


def time_used(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> tuple[AgencyTime, ...]:
    """Return who held the case how long, in the order in which they first had it; applicants are not told.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    if actor.post_kind is PostKind.APPLICANT:
        return ()
    part = part_of(session, case, actor=actor)
    version = load_version(session, case.process_version_id)
    model = version.process.model
    rows = session.execute(
        select(HumanTask, Agency)
        .join(Agency, Agency.id == HumanTask.agency_id)
        .where(HumanTask.root_id == root_id_of(case), HumanTask.case_id.in_(part.case_ids))
        .order_by(HumanTask.id)
    ).all()
    agencies: dict[int, Agency] = {row.Agency.id: row.Agency for row in rows}
    suspensions = [pause for pause in pauses_of(session, root_id_of(case)) if stops_tasks(pause)]
    calendar, now = CALENDARS.current(session), clock.now()
    return tuple(
        _agency_time(agency, [row.HumanTask for row in rows if row.Agency.id == key], model, suspensions, calendar, now)
        for key, agency in agencies.items()
    )


def _agency_time(
    agency: Agency,
    tasks: Sequence[HumanTask],
    model: ProcessModel,
    suspensions: Sequence[StoredPause],
    calendar: WorkingCalendar,
    now: datetime,
) -> AgencyTime:
    held = [(task.received_at, task.completed_at or now) for task in tasks if task.received_at is not None]
    still = [(pause.began_at, pause.ended_at or now) for pause in suspensions]
    seconds = sum(working_seconds(calendar, *span) for span in _without(_united(held), still))
    late = [node_name(model.nodes[task.node_id]) for task in tasks if task.overdue_at is not None]
    return AgencyTime(
        agency=named_agency(agency_ref(agency)),
        used=WorkingTime.of(seconds, OFFICE_HOURS),
        tasks=len(tasks),
        overdue=tuple(dict.fromkeys(late)),
        holds=any(task.completed_at is None for task in tasks),
        counts=any(model.nodes[task.node_id].attributes.get("clock") != "pause" for task in tasks),
    )


def _united(spans: Iterable[Span]) -> list[Span]:
    """Return the same stretches without overlaps, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _without(spans: Iterable[Span], gaps: Iterable[Span]) -> list[Span]:
    """Return what is left of stretches when gaps are cut out."""
    left = list(spans)
    for gap_begin, gap_end in gaps:
        cut: list[Span] = []
        for begin, end in left:
            cut += [(begin, min(end, gap_begin)), (max(begin, gap_end), end)]
        left = [(begin, end) for begin, end in cut if begin < end]
    return left
