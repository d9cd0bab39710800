"""What people ask of a case, as frozen values: parsed at the edge, carried out by the module named after the verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class OpenCase:
    """Apply.

    Args:
        process_key: the chain to start, in its newest published version.
        data: the application form, checked against the process's `applyForm`.
        measure_no: a responsibility line such as `2` or `5a`; None takes the process's own.
    """

    process_key: str
    data: Mapping[str, Any]
    measure_no: str | None = None


@dataclass(frozen=True)
class OpinionAnswer:
    """What the lead answers a supporting agency.

    Args:
        task_id: the task the objection or condition was given with.
        answer: 1 to 2,000 characters.
    """

    task_id: int
    answer: str


@dataclass(frozen=True)
class CompleteTask:
    """Finish one's task.

    Args:
        task_id: the task, claimed by the actor.
        decision: id of one of the task's decisions.
        opinion: up to 2,000 characters; some decisions require it.
        data: the task's own form, checked against it.
        row_version: as read; None skips the check (nobody else can hold the task).
        answers: to objections and conditions; every objection needs one before the lead decides.
        missing_confirmed: the officer has seen which papers are lacking; False refuses to take the application in
            without them, None leaves it to the record.
    """

    task_id: int
    decision: str
    opinion: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    row_version: int | None = None
    answers: tuple[OpinionAnswer, ...] = ()
    missing_confirmed: bool | None = None


@dataclass(frozen=True)
class ReturnTask:
    """Send the case back inside the administration (退回), not to be confused with 补正.

    Args:
        task_id: the task, claimed by the actor.
        to_node_id: one of `return_targets`; None takes the nearest earlier step.
        reason: required, up to 2,000 characters.
        row_version: as read.
    """

    task_id: int
    reason: str
    to_node_id: str | None = None
    row_version: int | None = None


@dataclass(frozen=True)
class AskAgain:
    """Ask one supporting agency for a new opinion; what the others said stands.

    Args:
        task_id: the lead's task, claimed by the actor.
        opinion_task_id: the task the opinion was given with.
        reason: required, up to 2,000 characters.
        row_version: as read.
    """

    task_id: int
    opinion_task_id: int
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class ChangeSigner:
    """加签 or 减签 at a step that several agencies sign.

    Args:
        task_id: for adding, any open task of the step; for removing, the task to be withdrawn.
        agency_code: the agency to add; None when removing.
        reason: required.
    """

    task_id: int
    reason: str
    agency_code: str | None = None


@dataclass(frozen=True)
class OutsideMessage:
    """An answer from an outside system.

    Args:
        message_id: chosen by the sender, unique for ever; a repeat is answered like the first.
        name: the message name in the diagram, such as `recognition`.
        case_no: the case (or child case) it answers.
        decision: id of one of the waiting task's decisions.
        data: the waiting task's form.
    """

    message_id: str
    name: str
    case_no: str
    decision: str
    data: Mapping[str, Any] = field(default_factory=dict)
    opinion: str | None = None
