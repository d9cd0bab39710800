"""Copies of cases with their receipts, and reminders of tasks."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Because, Nothing
from webapp.api.v1.content.copies import Copy, CopyList, NewCopies, Reminder, copy_content, copy_list
from workflows.cases.collaboration import copies, urge
from workflows.permissions import Permission

routes = Routes(blueprint, "Copies")


@routes.get("/cases/<case_no:no>/copies", Permission.CASE_COPY, answer=CopyList)
def list_copies(call: Call, no: str) -> CopyList:
    """List the copies of a case, and who has read them."""
    return copy_list(copies.copies_of(call.session, no, actor=call.actor), call.language)


@routes.post("/cases/<case_no:no>/copies", Permission.CASE_COPY, body=NewCopies, answer=CopyList)
def send_copies(call: Call, no: str, body: NewCopies) -> CopyList:
    """Copy a case to agencies and officers (抄送): they may read it and nothing else."""
    rows = copies.send_copies(call.session, no, to=body.to, note=body.note, actor=call.actor, clock=call.clock)
    return copy_list(rows, call.language)


@routes.post("/cases/<case_no:no>/copies/<key:copy_id>/withdraw", Permission.CASE_COPY, body=Nothing, answer=Copy)
def withdraw_copy(call: Call, no: str, copy_id: int, body: Nothing) -> Copy:
    """Take a copy back: its reader sees the case no more."""
    row = copies.withdraw_copy(call.session, no, copy_id, actor=call.actor, clock=call.clock)
    return copy_content(row, call.language)


@routes.post("/tasks/<key:copy_id>/acknowledge", Permission.CASE_COPY, body=Nothing, answer=Copy)
def acknowledge_task(call: Call, copy_id: int, body: Nothing) -> Copy:
    """Note that what was copied has been read (阅知); `copy_id` is as in `queue=cc`."""
    row = copies.acknowledge_copy(call.session, copy_id, actor=call.actor, clock=call.clock)
    return copy_content(row, call.language)


@routes.post("/tasks/<key:task_id>/urge", Permission.TASK_URGE, body=Because, answer=Reminder)
def urge_task(call: Call, task_id: int, body: Because) -> Reminder:
    """Remind whoever has a task (催办), once a day."""
    sent = urge.urge_task(call.session, task_id, reason=body.reason, actor=call.actor, clock=call.clock)
    return Reminder(task_id=sent.task_id, case_no=sent.case_no, urged_at=sent.urged_at, told=sent.told)
