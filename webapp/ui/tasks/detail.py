"""From a task to the task page: the facts of the case, why it is due then, who has signed, the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from webapp.ui.cases.history import Names, filled_in
from webapp.ui.cases.materials import materials_of_task
from webapp.ui.cases.payments import payment_lines
from webapp.ui.cases.process import process_of
from webapp.ui.clocks import due_strip
from webapp.ui.formats import named
from webapp.ui.forms import Answer, Options, answers, fields
from webapp.ui.forms.places import with_places
from webapp.ui.groups import group_options
from webapp.ui.opinions import opinion_line
from webapp.ui.problems import Problem
from webapp.ui.tasks.models import ReturnTarget, Signature, TaskPage
from webapp.ui.tasks.opinions import answer_boxes, askable_agencies, said_in, without_answers
from webapp.ui.tasks.phrases import phrases_for
from webapp.ui.tasks.supplying import papers_with_asked, supply_list, with_asked
from webapp.ui.together.present import task_together
from workflows.cases.claiming import colleagues
from workflows.cases.desk import TaskDraftView
from workflows.cases.opinions.views import OpinionRow
from workflows.cases.queues import QueueName, next_task
from workflows.cases.reading import get_case, list_events
from workflows.cases.return_task import return_targets
from workflows.cases.task_detail import get_task
from workflows.cases.views import Named, TaskDetail, TaskRow
from workflows.cases.why_due import why_task_is_due
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, Permission, PostKind


@dataclass(frozen=True)
class Draft:
    """What the reader has entered so far, when a submission came back.

    Args:
        data: the task's form; None takes what the task starts with.
    """

    chosen: str | None = None
    opinion: str = ""
    data: Mapping[str, Any] | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    reason: str = ""
    return_to: str | None = None
    to: str | None = None
    returning: bool = False
    ask_of: int | None = None
    asking: bool = False
    handing_over: bool = False
    problems: tuple[Problem, ...] = ()
    stale: bool = False
    spare_rows: int = 1
    saved: TaskDraftView | None = None


def restored(saved: TaskDraftView) -> Draft:
    """Return a kept draft as what the reader has entered so far."""
    data, typed = without_answers(saved.data)
    return Draft(chosen=saved.decision or None, opinion=saved.opinion, data=data, answers=typed, saved=saved)


def task_page(
    session: Session, task_id: int, queue: QueueName, draft: Draft, *, actor: Actor, clock: Clock
) -> TaskPage:
    """Build the task page.

    Raises:
        NotFoundError: no such task for the actor.
    """
    detail = get_task(session, task_id, actor=actor, clock=clock)
    row = detail.row
    groups = group_options(session, office_date(clock.now()))
    options = with_places(groups, detail.application_schema, detail.case_data)
    errors = {problem.path: problem.text for problem in draft.problems}
    schema = detail.form_schema or {}
    values = detail.form_draft if draft.data is None else draft.data
    supplies = supply_list(session, detail, actor)
    said = said_in(session, row.case_no, actor=actor, clock=clock)
    can_return = "return" in row.verbs and actor.post_kind is not PostKind.APPLICANT
    return TaskPage(
        detail=detail,
        facts=answers(detail.application_schema, detail.case_data, options=options),
        item_facts=_item_facts(detail, options),
        materials=papers_with_asked(materials_of_task(session, row, actor), supplies),
        strip=due_strip(why_task_is_due(session, task_id, actor=actor, clock=clock), office_date(clock.now())),
        payments=payment_lines(session, row.case_no, actor=actor),
        signatures=_signatures(detail, _filled(session, detail, actor, clock, options), said, options, actor),
        fields=with_asked(
            fields(schema, values, options=options, errors=errors, spare_rows=draft.spare_rows), supplies
        ),
        supplies=supplies,
        return_targets=_targets(session, row, actor) if can_return else (),
        colleagues=_colleagues(session, row, actor, clock),
        together=task_together(session, detail, actor=actor, clock=clock),
        phrases=phrases_for(session, detail.decisions, actor=actor),
        queue=queue,
        chosen=draft.chosen,
        opinion=draft.opinion or detail.opinions.get(row.id, ""),
        reason=draft.reason,
        return_to=draft.return_to,
        to=draft.to,
        returning=draft.returning,
        handing_over=draft.handing_over,
        problems=draft.problems,
        stale=draft.stale,
        saved=draft.saved,
        following=_following(session, row, queue, actor, clock),
        askable=askable_agencies(session, row, draft.ask_of, actor=actor),
        asking=draft.asking,
        answer_boxes=answer_boxes(session, row, said, draft.answers, actor=actor),
    )


def _item_facts(detail: TaskDetail, options: Options) -> tuple[Answer, ...]:
    """The facts of the one part this task is about: the item of a list of the application, such as one issuer."""
    if detail.item is None:
        return ()
    for part in detail.application_schema.get("properties", {}).values():
        items = part.get("items", {}) if part.get("type") == "array" else {}
        if set(detail.item) & set(items.get("properties", {})):
            return answers(items, detail.item, options=options)
    return ()


Filled = Mapping[tuple[str | None, str], tuple[str, ...]]


def _filled(session: Session, detail: TaskDetail, actor: Actor, clock: Clock, options: Options) -> Filled:
    """Return what earlier steps filled in, by step and case: whoever pays must see what was recognised."""
    if not actor.may(Permission.CASE_READ):
        return {}
    case = get_case(session, detail.row.case_no, actor=actor, clock=clock)
    process = process_of(session, case)
    names = Names(process.model, {}, process.form, options)
    events = list_events(session, detail.row.case_no, actor=actor).items
    return {
        (event.node_id, event.case_no): tuple(filled_in(event, names)) for event in events if "data" in event.payload
    }


def _signatures(
    detail: TaskDetail, filled: Filled, said: Mapping[int, OpinionRow], options: Options, actor: Actor
) -> tuple[Signature, ...]:
    found = [
        Signature(
            row,
            detail.opinions.get(row.id),
            _signature_light(row),
            filled.get((row.node_id, row.case_no), ()),
            opinion_line(said[row.id], detail.application_schema, options) if row.id in said else None,
        )
        for row in detail.signatures
    ]
    if actor.post_kind is PostKind.APPLICANT:  # the latest answer last: it is what they are asked about
        return tuple(sorted(found, key=lambda signature: signature.row.completed_at or signature.row.created_at))
    # objections and silences first, agreements last
    return tuple(sorted(found, key=lambda signature: _WEIGHT.get(signature.light, 1)))


_WEIGHT = {"amber": 0, "red": 0, "blue": 1, "green": 2, "minus": 3}
_OPEN = frozenset({"created", "ready", "reserved"})
_OBJECTING = frozenset({"object", "disagree", "refused", "supplement", "not_accept"})


def _signature_light(row: TaskRow) -> str:
    if row.voided or row.status == "exited":
        return "minus"
    if row.status in _OPEN:
        return "red" if row.light == "red" else "blue"
    if row.decision is None or row.decision.code == "deemed_no_opinion":  # the mark stays with the agency
        return "red"
    return "amber" if row.decision.code in _OBJECTING else "green"


def _targets(session: Session, row: TaskRow, actor: Actor) -> tuple[ReturnTarget, ...]:
    return tuple(ReturnTarget(t.code, named(t)) for t in return_targets(session, row.id, actor=actor))


def _colleagues(session: Session, row: TaskRow, actor: Actor, clock: Clock) -> tuple[Named, ...]:
    if actor.post_kind is PostKind.APPLICANT or not {"assign", "transfer"} & set(row.verbs):
        return ()
    return colleagues(session, row.id, actor=actor, clock=clock)


def _following(session: Session, row: TaskRow, queue: QueueName, actor: Actor, clock: Clock) -> int | None:
    """The task behind this one in the queue the reader came from."""
    if queue not in ("inbox", "available", "mine") or row.completed_at is not None:
        return None
    return next_task(session, row, queue, actor=actor, clock=clock)
