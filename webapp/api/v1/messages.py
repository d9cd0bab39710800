"""Answers from outside systems."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Code, FormData, Incoming, Opinion, Outgoing
from workflows import cases
from workflows.cases.commands import OutsideMessage
from workflows.permissions import Permission

routes = Routes(blueprint, "Messages")


class Message(Incoming):
    """An answer to a case that waits for it."""

    message_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """The sender's own; a repeat is answered like the first."""
    name: Code
    case_no: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    decision: Code
    data: FormData = Field(default_factory=dict)
    opinion: Opinion | None = None


class Receipt(Outgoing):
    """What became of a message."""

    message_id: str
    applied: bool
    """False: kept until the case waits for it."""


@routes.post("/messages", Permission.MESSAGE_DELIVER, body=Message, answer=Receipt)
def deliver_message(call: Call, body: Message) -> Receipt:
    """Hand in an answer of an outside system."""
    message = OutsideMessage(
        message_id=body.message_id,
        name=body.name,
        case_no=body.case_no,
        decision=body.decision,
        data=body.data,
        opinion=body.opinion,
    )
    applied = cases.receive_message(call.session, message, actor=call.actor, clock=call.clock)
    return Receipt(message_id=body.message_id, applied=applied)
