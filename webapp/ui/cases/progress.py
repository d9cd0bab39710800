"""How far a case is: the status line, the table of steps, and the marks on the diagram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from webapp import wording
from webapp.translation import _
from webapp.ui.cases.models import NodeLine, StatusStep
from webapp.ui.formats import day, moment, named, short_day
from webapp.ui.language import pick
from workflows.cases.views import CaseDetail, NodeState
from workflows.clock import office_date
from workflows.engine import ProcessModel

_SUSPENDED = "suspended"
_LIGHTS = {"done": "green", "current": "blue", "late": "red", "paused": "grey", "future": "none"}
_SYMBOLS = {"done": "✓", "current": "▶", "late": "!", "paused": "‖"}


def node_lines(case: CaseDetail, model: ProcessModel) -> tuple[NodeLine, ...]:
    """Return the steps of the diagram in words, in its order, without the ends that were not reached."""
    reached = _reached_scopes(case, model)
    lines = [(node, _state(node, case, model, reached)) for node in case.nodes if node.kind != "subProcess"]
    return tuple(_line(node, state) for node, state in lines if node.kind != "endEvent" or state != "future")


def status_line(case: CaseDetail, model: ProcessModel) -> tuple[StatusStep, ...]:
    """Return the tasks of the main way as a line of steps; side ways that were not taken are left out."""
    steps = [node for node in case.nodes if node.kind in ("startEvent", "userTask") and _on_the_way(node, model)]
    ends = [node for node in case.nodes if node.kind == "endEvent" and node.state == "done"]
    shown = [_status_step(node) for node in _as_it_went(_first_start_only(steps))]
    return (*shown, _end_step(case, ends))


def _as_it_went(steps: Sequence[NodeState]) -> list[NodeState]:
    """What is done in the order it was done in, so that 补正 stands where it was asked for; then what is to come."""
    done = [node for node in steps if node.state == "done" and node.at is not None]
    return [*sorted(done, key=lambda node: (node.at, steps.index(node))), *(node for node in steps if node not in done)]


def marks(lines: Iterable[NodeLine], model: ProcessModel) -> dict[str, object]:
    """Return what the diagram shows: state and word of each step, and the flows that were walked."""
    steps = [
        {
            "node": line.node_id,
            "state": line.state,
            "light": line.light,
            "word": line.word,
            "symbol": _SYMBOLS[line.state],
        }
        for line in lines
        if line.state != "future"
    ]
    reached = {line.node_id for line in lines if line.state != "future"}
    return {"steps": steps, "flows": sorted(_walked(model, reached))}


def _walked(model: ProcessModel, reached: set[str]) -> set[str]:
    """Flows between two reached steps, straight or through gateways that join nothing else."""
    through = {
        node.id
        for node in model.nodes.values()
        if node.kind.endswith("Gateway")
        and any(model.flows[flow].source in reached for flow in node.incoming)
        and any(model.flows[flow].target in reached for flow in node.outgoing)
    }
    known = reached | through
    return {flow.id for flow in model.flows.values() if flow.source in known and flow.target in known}


def _reached_scopes(case: CaseDetail, model: ProcessModel) -> set[str]:
    """The parts of the diagram in which something has begun: the start of any other part is still to come."""
    begun = {model.nodes[node.node_id].scope_id for node in case.nodes if node.state != "future" and _begins(node)}
    return begun | {model.process_id}


def _begins(node: NodeState) -> bool:
    return node.kind not in ("startEvent", "endEvent")


def _state(node: NodeState, case: CaseDetail, model: ProcessModel, reached: set[str]) -> str:
    if node.kind == "startEvent" and model.nodes[node.node_id].scope_id not in reached:
        return "future"
    if node.state == "overdue":
        return "late"
    if node.state == "current":
        known = model.nodes.get(node.node_id)
        waits = known is not None and known.attributes.get("clock") == "pause"
        return "paused" if waits or case.row.status == _SUSPENDED else "current"
    return node.state


def _line(node: NodeState, state: str) -> NodeLine:
    words = {
        "done": _("已办"),
        "current": _("办理中"),
        "late": _("逾期"),
        "paused": _("暂停计时"),
        "future": _("未到"),
    }
    return NodeLine(
        node_id=node.node_id,
        name=named(node.name),
        state=state,
        light=_LIGHTS[state],
        word=words[state],
        agency=named(node.agency) if node.agency else "",
        person=pick(node.person or "", node.person_en),
        when="" if state == "future" else _when(node),
    )


def _when(node: NodeState) -> str:
    if node.at is not None:
        return moment(node.at)
    return _("限%(day)s", day=day(office_date(node.due_at))) if node.due_at else ""


def _on_the_way(node: NodeState, model: ProcessModel) -> bool:
    # what the applicant may be asked for, such as 补正, has its place on the line only once it was asked
    known = model.nodes.get(node.node_id)
    asked_of_applicant = known is not None and known.attributes.get("role") == "applicant"
    return node.state != "future" or not asked_of_applicant


def _first_start_only(steps: Sequence[NodeState]) -> list[NodeState]:
    starts = [node for node in steps if node.kind == "startEvent"]
    return [node for node in steps if node.kind != "startEvent" or node is starts[0]]


def _status_step(node: NodeState) -> StatusStep:
    late = node.state == "overdue"
    current = node.state in ("current", "overdue")
    done = node.state == "done"
    return StatusStep(
        name=named(node.name),
        css="done" if done else "cur" if current else "",
        icon="l-green" if done else "l-red" if late else "l-blue" if current else "l-none",
        word=_("已办") if done else _("逾期") if late else _("办理中") if current else _("未到"),
        note=_note(node),
        current=current,
    )


def _note(node: NodeState) -> str:
    if node.at is not None:
        return short_day(office_date(node.at))
    return _("限%(day)s", day=short_day(office_date(node.due_at))) if node.due_at else "—"


def _end_step(case: CaseDetail, ends: Sequence[NodeState]) -> StatusStep:
    closed = case.row.closed_at
    outcome = case.row.outcome
    name = wording.outcome(outcome) if outcome else _("办结")
    if closed is None and not ends:
        return StatusStep(_("办结"), "", "l-none", _("未到"), "—", current=False)
    note = short_day(office_date(closed)) if closed else "—"
    return StatusStep(name, "done", "l-green", _("已办"), note, current=False)
