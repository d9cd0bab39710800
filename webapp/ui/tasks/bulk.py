"""Several tasks at once: each in a transaction of its own, so that one refusal holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import session as cookie
from sqlalchemy.orm import Session

from webapp import wording
from webapp.context import clock
from webapp.transaction import writing
from webapp.translation import _, ngettext
from webapp.ui.acting import get_actor
from webapp.ui.tasks.asked import PAGE_SIZE
from webapp.ui.tasks.models import BulkAct, BulkLine, BulkResult
from workflows.agencies.posts import candidates
from workflows.cases.claiming import assign_task, claim_task, receive_task, release_task, transfer_task
from workflows.cases.collaboration.copies import acknowledge_copy
from workflows.cases.collaboration.delegate import delegate_task
from workflows.cases.collaboration.urge import urge_task
from workflows.cases.holding import subordinate
from workflows.cases.paging import MAX_LIMIT
from workflows.cases.queues import QueueName, TaskQuery, list_tasks, task_rows_among
from workflows.cases.views import Named, TaskRow
from workflows.clock import Clock, office_date
from workflows.errors import InvalidInputError, LianbanError, TaskAlreadyClaimedError
from workflows.permissions import Actor, Permission

_KEPT = "bulk"


@dataclass(frozen=True)
class Given:
    """What the reader chose beside the tasks."""

    to: str = ""
    reason: str = ""


Run = Callable[[Session, int, Given, Actor, Clock], object]


def _given(act: Callable[..., object]) -> Run:
    return lambda session, task_id, given, actor, at: act(
        session, task_id, to_username=given.to, reason=given.reason, actor=actor, clock=at
    )


def _plain(act: Callable[..., object]) -> Run:
    return lambda session, task_id, _unused, actor, at: act(session, task_id, actor=actor, clock=at)


RUNS: Mapping[str, Run] = {
    "receive": _plain(receive_task),
    "claim": _plain(claim_task),
    "release": _plain(release_task),
    "assign": _given(assign_task),
    "transfer": _given(transfer_task),
    "delegate": _given(delegate_task),
    "urge": lambda session, task_id, given, actor, at: urge_task(
        session, task_id, reason=given.reason, actor=actor, clock=at
    ),
    "acknowledge": _plain(acknowledge_copy),
}
"""Verb → what is done with each task."""


def bulk_acts() -> tuple[BulkAct, ...]:
    """Return every act, in the order of the bar."""
    return (
        BulkAct("receive", "stamp", _("签收")),
        BulkAct("claim", "hand", _("认领")),
        BulkAct("release", "undo", _("取消认领")),
        BulkAct("assign", "user", _("指派"), to=True),
        BulkAct("transfer", "user", _("转办"), to=True, reason=True),
        BulkAct("delegate", "users", _("委派"), to=True, reason=True),
        BulkAct("urge", "mega", _("催办"), reason=True),
        BulkAct("acknowledge", "check", _("阅知")),
    )


def acts_of(queue: str, rows: Sequence[TaskRow], actor: Actor) -> tuple[BulkAct, ...]:
    """Return what can be done with at least one of the rows; who may be reminded is asked of each by itself."""
    offered = {verb for row in rows for verb in row.verbs}
    if queue == "started" and actor.may(Permission.TASK_URGE):
        offered.add("urge")
    return tuple(act for act in bulk_acts() if act.verb in offered)


def bulk_colleagues(session: Session, actor: Actor, at: Clock) -> tuple[Named, ...]:
    """Return who tasks of the actor's own kind of post, or a head's subordinates', can be given to; `code` is the
    username.
    """
    kinds = (actor.post_kind, *subordinate(actor))
    found = [each for kind in kinds for each in candidates(session, actor.agency_id, kind, office_date(at.now()))]
    others = {each.username: each for each in found if each.person_id != actor.person_id}
    return tuple(Named(each.username, each.name_zh, each.name_en) for each in others.values())


def do_all(verb: str, task_ids: Sequence[int], given: Given) -> None:
    """Act on each task by itself and keep what came of it for the next page of this reader."""
    actor, at = get_actor(), clock()
    outcomes: list[list[Any]] = []
    for task_id in list(dict.fromkeys(task_ids))[:PAGE_SIZE]:
        try:
            with writing() as session:
                RUNS[verb](session, task_id, given, actor, at)
            outcomes.append([task_id, ""])
        except LianbanError as error:
            outcomes.append([task_id, _refusal(error)])
    cookie[_KEPT] = [verb, outcomes]


def take_result(session: Session, *, actor: Actor, at: Clock) -> BulkResult | None:
    """Return what came of the bulk act just done, once."""
    kept = cookie.pop(_KEPT, None)
    if not kept:
        return None
    verb, outcomes = kept
    rows = _rows(session, verb, [task_id for task_id, _refused in outcomes], actor, at)
    lines = tuple(BulkLine(rows[task_id], refused or None) for task_id, refused in outcomes if task_id in rows)
    return BulkResult(_sentence(verb, lines, len(outcomes) - len(lines)), lines)


_ELSEWHERE: Mapping[str, QueueName] = {"urge": "started", "acknowledge": "cc"}
"""Verb → the queue whose rows are not tasks of the actor's agency."""


def _rows(session: Session, verb: str, keys: Sequence[int], actor: Actor, at: Clock) -> Mapping[int, TaskRow]:
    if verb not in _ELSEWHERE:
        return task_rows_among(session, keys, actor=actor, clock=at)
    page = list_tasks(session, TaskQuery(queue=_ELSEWHERE[verb], limit=MAX_LIMIT), actor=actor, clock=at)
    return {row.id: row for row in page.items if row.id in keys}


_DONE: Mapping[str, Callable[[int], str]] = {
    "receive": lambda num: ngettext("已签收%(num)s项", "已签收%(num)s项", num),
    "claim": lambda num: ngettext("已认领%(num)s项", "已认领%(num)s项", num),
    "release": lambda num: ngettext("已取消认领%(num)s项", "已取消认领%(num)s项", num),
    "assign": lambda num: ngettext("已指派%(num)s项", "已指派%(num)s项", num),
    "transfer": lambda num: ngettext("已转办%(num)s项", "已转办%(num)s项", num),
    "delegate": lambda num: ngettext("已委派%(num)s项", "已委派%(num)s项", num),
    "urge": lambda num: ngettext("已催办%(num)s项", "已催办%(num)s项", num),
    "acknowledge": lambda num: ngettext("已阅知%(num)s项", "已阅知%(num)s项", num),
}


def _sentence(verb: str, lines: Sequence[BulkLine], unknown: int) -> str:
    refused = sum(1 for line in lines if line.refusal) + unknown
    done = _DONE[verb](sum(1 for line in lines if not line.refusal))
    if not refused:
        return done
    rest = ngettext("%(num)s项没有办成，原因见下", "%(num)s项没有办成，原因见下", refused)
    return _("%(done)s；%(rest)s", done=done, rest=rest)


def _refusal(error: LianbanError) -> str:
    if isinstance(error, TaskAlreadyClaimedError):
        return wording.claimed_by(error.holder, None)
    if isinstance(error, InvalidInputError) and error.errors:
        return wording.field_sentence(error.errors[0])
    return wording.error_sentence(error)
