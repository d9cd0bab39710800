"""Several tasks at once, and everything a leaver holds: one that fails undoes no other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.bulk import BulkActs, BulkResults, HandOver, HandOverResults, HandOverRow, RowResult, outcome
from workflows import cases
from workflows.cases.collaboration.copies import acknowledge_copy
from workflows.cases.collaboration.hand_over import hand_over
from workflows.cases.collaboration.urge import urge_task
from workflows.cases.models import HumanTask
from workflows.errors import FieldError, InvalidInputError, LianbanError
from workflows.permissions import Permission

routes = Routes(blueprint, "Tasks")

Act = Callable[[Call, int, BulkActs], Any]


def _plain(act: Callable[..., Any]) -> Act:
    return lambda call, key, _body: act(call.session, key, actor=call.actor, clock=call.clock)


def _to_somebody(act: Callable[..., Any]) -> Act:
    return lambda call, key, body: act(
        call.session, key, to_username=body.to, reason=body.reason or "", actor=call.actor, clock=call.clock
    )


_ACTS: Mapping[str, Act] = {
    "receive": _plain(cases.receive_task),
    "claim": _plain(cases.claim_task),
    "release": _plain(cases.release_task),
    "take_back": _plain(cases.take_back_task),
    "acknowledge": _plain(acknowledge_copy),
    "assign": _to_somebody(cases.assign_task),
    "transfer": _to_somebody(cases.transfer_task),
    "delegate": _to_somebody(cases.delegate_task),
    "urge": lambda call, key, body: urge_task(
        call.session, key, reason=body.reason or "", actor=call.actor, clock=call.clock
    ),
}
_NEED_RECEIVER = frozenset({"assign", "transfer", "delegate"})


@routes.post("/tasks/bulk", Permission.TASK_READ, body=BulkActs, answer=BulkResults)
def act_on_tasks(call: Call, body: BulkActs) -> BulkResults:
    """Do the same with up to 200 tasks; each succeeds or fails by itself, and the answer keeps their order."""
    if body.action in _NEED_RECEIVER and body.to is None:
        raise InvalidInputError([FieldError("to", "required")])
    with force_locale(call.language):
        found = {key: _row(call, key, body) for key in _in_order(call.session, body.ids)}
    return BulkResults(done=sum(1 for row in found.values() if row.ok), items=[found[key] for key in body.ids])


@routes.post("/people/<code:username>/hand-over", Permission.WORK_HAND_OVER, body=HandOver, answer=HandOverResults)
def hand_over_work(call: Call, username: str, body: HandOver) -> HandOverResults:
    """Give everything a leaver holds to a colleague (工作交接)."""
    rows = hand_over(
        call.session, username, to_username=body.to, reason=body.reason, actor=call.actor, clock=call.clock
    )
    with force_locale(call.language):
        items = [HandOverRow(kind=row.kind, **outcome(row.key, row.refused).model_dump()) for row in rows]
    return HandOverResults(done=sum(1 for row in items if row.ok), items=items)


def _in_order(session: Session, task_ids: Collection[int]) -> list[int]:
    """Return the keys by case, which is what an act locks: two of these never wait for each other in a ring."""
    roots = dict(session.execute(select(HumanTask.id, HumanTask.root_id).where(HumanTask.id.in_(task_ids))).all())
    return sorted(set(task_ids), key=lambda key: (roots.get(key, 0), key))


def _row(call: Call, key: int, body: BulkActs) -> RowResult:
    try:
        with call.session.begin_nested():
            _ACTS[body.action](call, key, body)
    except LianbanError as error:
        return outcome(key, error)
    return outcome(key, None)
