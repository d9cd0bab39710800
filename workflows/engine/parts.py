"""The parts a diagram is made of, as frozen values (BPMN 2.0.2, clause 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TASKS = frozenset(
    ["task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask"]
)
SUBPROCESSES = frozenset(["subProcess", "transaction", "adHocSubProcess"])
GATEWAYS = frozenset(["exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"])
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
FLOW_NODES = TASKS | SUBPROCESSES | GATEWAYS | EVENTS | {"callActivity"}

OnExpiry = Literal["escalate", "deem_no_opinion", "deem_withdrawn"]


@dataclass(frozen=True)
class Decision:
    """One answer a task can be completed with.

    Args:
        id: what the API's `decision` takes, and what the routing variable of the node becomes.
        label: Chinese wording of the button.
        label_en: English wording.
        opinion_required: a written opinion must come with it.
        notice: kind of the official document that goes out with it, if one does.
    """

    id: str
    label: str
    label_en: str
    opinion_required: bool
    notice: str | None = None


@dataclass(frozen=True)
class MultiInstance:
    """How an activity is repeated (BPMN 2.0.2, 10.3.8).

    Args:
        sequential: one after another instead of at once.
        input_name: the list variable there is one instance for each element of.
        item_name: the variable that holds the instance's element.
        output_name: the list variable the results are collected in.
        result_name: the variable whose value is collected.
        cardinality: FEEL, a number of instances in place of a list.
        completion_condition: FEEL over nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances and the variables.
    """

    sequential: bool
    input_name: str | None = None
    item_name: str | None = None
    output_name: str | None = None
    result_name: str | None = None
    cardinality: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True)
class Timer:
    """The time of a timer event.

    Args:
        kind: `timeDate`, `timeDuration` or `timeCycle`.
        text: as written.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Node:
    """One flow node.

    Args:
        id: its id, unique in the definition.
        kind: the BPMN element, such as `userTask`.
        name: as drawn, blanks tidied; empty if it has none.
        name_en: `lianban:nameEn`, else the name.
        attributes: those of our namespace, without prefix.
        decisions: in the order of the diagram.
        scope_id: the process or sub-process it lies in.
        lane: name of the innermost lane, if it lies in one.
        incoming: ids of flows, in the order of the diagram.
        outgoing: ids of flows, in the order of the diagram.
        default: id of the default flow.
        attached_to: the activity a boundary event sits on.
        interrupting: a boundary or start event ends what it interrupts.
        multi_instance: if it is repeated.
        called_element: the process a call activity calls.
        event_kind: for events: `none`, `message`, `timer`, `signal`, …; `multiple` for several definitions.
        timer: for timer events.
        triggered_by_event: an event sub-process.
        line: in its file, for messages.
    """

    id: str
    kind: str
    name: str
    name_en: str
    attributes: Mapping[str, str]
    decisions: tuple[Decision, ...]
    scope_id: str
    lane: str | None
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    default: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    multi_instance: MultiInstance | None = None
    called_element: str | None = None
    event_kind: str | None = None
    timer: Timer | None = None
    triggered_by_event: bool = False
    line: int = 0


@dataclass(frozen=True)
class Flow:
    """One sequence flow.

    Args:
        condition: FEEL text, if it has one.
        is_default: its source takes it when no other condition holds.
    """

    id: str
    source: str
    target: str
    name: str
    name_en: str
    condition: str | None
    is_default: bool
    scope_id: str


@dataclass(frozen=True)
class Lane:
    """One lane: its name and the nodes directly in it."""

    id: str
    name: str
    name_en: str
    node_ids: tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """A routing variable declared by the process (`lianban:variable`).

    Args:
        name: of the form field and of the variable.
        type: such as `list`.
        fields: for a list of rows: the members that conditions and routing may see.
    """

    name: str
    type: str
    fields: tuple[str, ...] = ()
