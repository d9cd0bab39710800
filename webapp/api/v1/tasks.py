"""Work queues and what is done with a task."""

from __future__ import annotations

from datetime import datetime, time

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.completing import completing
from webapp.api.v1.content.base import Because, name_of
from webapp.api.v1.content.posts_at_work import PostAtWork, PostsAtWork
from webapp.api.v1.content.tasks import (
    AddSigner,
    Completion,
    HandBack,
    Handover,
    Movement,
    Return,
    ReturnTarget,
    ReturnTargetList,
    Seen,
    Task,
    TaskDelegation,
    TaskItem,
    TaskList,
    TaskListQuery,
    movement,
    task,
    task_item,
    task_list,
)
from webapp.transaction import writing
from webapp.viewings import case_opened, note_opened
from workflows import cases
from workflows.cases.collaboration.deputising import count_by_post
from workflows.cases.commands import ChangeSigner, ReturnTask
from workflows.cases.desk import mark_seen, unseen
from workflows.cases.views import TaskRow
from workflows.clock import OFFICE_ZONE
from workflows.deadlines import Light
from workflows.errors import ConcurrencyError
from workflows.permissions import Permission

routes = Routes(blueprint, "Tasks")


@routes.get("/tasks", Permission.TASK_READ, query=TaskListQuery, answer=TaskList)
def list_tasks(call: Call, query: TaskListQuery) -> TaskList:
    """List the tasks of a queue."""
    asked = cases.TaskQuery(
        queue=query.queue,
        light=Light(query.light) if query.light else None,
        measure=query.measure,
        role=cases.TaskRole(query.role) if query.role else None,
        q=query.q,
        due_by=datetime.combine(query.due_by, time.max, OFFICE_ZONE) if query.due_by else None,
        cursor=query.cursor,
        limit=query.limit,
    )
    page = cases.list_tasks(call.session, asked, actor=call.actor, clock=call.clock)
    if query.queue == "cc":  # a copy is read once somebody says so
        return task_list(page, [row.id for row in page.items if row.completed_at is None], call.language)
    return task_list(page, unseen(call.session, [row.id for row in page.items], actor=call.actor), call.language)


@routes.get("/tasks/posts", Permission.TASK_READ, answer=PostsAtWork)
def count_tasks_by_post(call: Call) -> PostsAtWork:
    """Count what waits in each post the caller can act in."""
    found = count_by_post(call.session, call.actor.person_id, clock=call.clock)
    return PostsAtWork(
        items=[
            PostAtWork(
                post_id=each.held.post_id,
                post=each.held.kind,
                agency=each.held.agency_code,
                on_behalf_of=name_of(each.principal, call.language) if each.principal else None,
                inbox=each.counts["inbox"],
                available=each.counts["available"],
                mine=each.counts["mine"],
            )
            for each in found
        ],
        next=None,
    )


@routes.get("/tasks/<key:task_id>", Permission.TASK_READ, answer=Task)
def get_task(call: Call, task_id: int) -> Task:
    """Get a task with its form, its decisions and where each leads; from now on the caller has opened it."""
    found = task(cases.get_task(call.session, task_id, actor=call.actor, clock=call.clock), call.language)
    if unseen(call.session, [task_id], actor=call.actor):
        with writing() as session:
            mark_seen(session, task_id, actor=call.actor, clock=call.clock)
    note_opened(case_opened(found.case_no), call.actor)
    return found


@routes.post("/tasks/<key:task_id>/receive", Permission.TASK_RECEIVE, body=Seen, answer=TaskItem)
def receive_task(call: Call, task_id: int, body: Seen) -> TaskItem:
    """Sign for a task in the name of the agency (签收)."""
    return _item(call, cases.receive_task(call.session, task_id, actor=call.actor, clock=call.clock), body)


@routes.post("/tasks/<key:task_id>/claim", Permission.TASK_CLAIM, body=Seen, answer=TaskItem)
def claim_task(call: Call, task_id: int, body: Seen) -> TaskItem:
    """Take a task of one's agency (认领); if somebody was faster, the answer names them."""
    return _item(call, cases.claim_task(call.session, task_id, actor=call.actor, clock=call.clock), body)


@routes.post("/tasks/<key:task_id>/release", Permission.TASK_CLAIM, body=Seen, answer=TaskItem)
def release_task(call: Call, task_id: int, body: Seen) -> TaskItem:
    """Give a claimed task back to the agency (取消认领)."""
    return _item(call, cases.release_task(call.session, task_id, actor=call.actor, clock=call.clock), body)


@routes.post("/tasks/<key:task_id>/assign", Permission.TASK_ASSIGN, body=Handover, answer=TaskItem)
def assign_task(call: Call, task_id: int, body: Handover) -> TaskItem:
    """Decide which colleague does it (指派)."""
    row = cases.assign_task(
        call.session, task_id, to_username=body.to, reason=body.reason, actor=call.actor, clock=call.clock
    )
    return _item(call, row, body)


@routes.post("/tasks/<key:task_id>/transfer", Permission.TASK_CLAIM, body=Handover, answer=TaskItem)
def transfer_task(call: Call, task_id: int, body: Handover) -> TaskItem:
    """Hand one's task over to a colleague for good (转办)."""
    row = cases.transfer_task(
        call.session, task_id, to_username=body.to, reason=body.reason, actor=call.actor, clock=call.clock
    )
    return _item(call, row, body)


@routes.post("/tasks/<key:task_id>/delegate", Permission.TASK_DELEGATE, body=TaskDelegation, answer=TaskItem)
def delegate_task(call: Call, task_id: int, body: TaskDelegation) -> TaskItem:
    """Have a colleague do one's task and hand it back (委派)."""
    row = cases.delegate_task(
        call.session, task_id, to_username=body.to, reason=body.reason, actor=call.actor, clock=call.clock
    )
    return _item(call, row, body)


@routes.post("/tasks/<key:task_id>/hand-back", Permission.TASK_DELEGATE, body=HandBack, answer=TaskItem)
def hand_back_task(call: Call, task_id: int, body: HandBack) -> TaskItem:
    """Give a task back to whoever delegated it, who decides and submits (交回)."""
    row = cases.hand_back_task(
        call.session, task_id, note=body.note, opinion=body.opinion, actor=call.actor, clock=call.clock
    )
    return _item(call, row, body)


@routes.post("/tasks/<key:task_id>/take-back", Permission.TASK_DELEGATE, body=Seen, answer=TaskItem)
def take_back_task(call: Call, task_id: int, body: Seen) -> TaskItem:
    """Take back a task one has delegated (收回委派)."""
    return _item(call, cases.take_back_task(call.session, task_id, actor=call.actor, clock=call.clock), body)


@routes.post("/tasks/<key:task_id>/complete", Permission.TASK_COMPLETE, body=Completion, answer=Movement)
def complete_task(call: Call, task_id: int, body: Completion) -> Movement:
    """Finish one's task with one of its decisions (提交); one delegated to the caller is handed back with them."""
    command = completing(task_id, body)
    return movement(cases.complete_task(call.session, command, actor=call.actor, clock=call.clock), call.language)


@routes.get("/tasks/<key:task_id>/return-targets", Permission.TASK_COMPLETE, answer=ReturnTargetList)
def list_return_targets(call: Call, task_id: int) -> ReturnTargetList:
    """List the earlier steps the case may go back to."""
    targets = cases.return_targets(call.session, task_id, actor=call.actor)
    items = [ReturnTarget(node_id=target.code, name=name_of(target, call.language)) for target in targets]
    return ReturnTargetList(items=items, next=None)


@routes.post("/tasks/<key:task_id>/return", Permission.TASK_COMPLETE, body=Return, answer=Movement)
def return_task(call: Call, task_id: int, body: Return) -> Movement:
    """Send the case back to an earlier step inside the administration (退回)."""
    command = ReturnTask(task_id, body.reason, body.to_node_id, body.row_version)
    return movement(cases.return_task(call.session, command, actor=call.actor, clock=call.clock), call.language)


@routes.post("/tasks/<key:task_id>/recall", Permission.TASK_COMPLETE, body=Because, answer=Movement)
def recall_task(call: Call, task_id: int, body: Because) -> Movement:
    """Take back what one has sent on, as long as nobody has received it (取回)."""
    moved = cases.recall_task(call.session, task_id, reason=body.reason, actor=call.actor, clock=call.clock)
    return movement(moved, call.language)


@routes.post("/tasks/<key:task_id>/add-signer", Permission.TASK_COMPLETE, body=AddSigner, answer=Movement)
def add_signer(call: Call, task_id: int, body: AddSigner) -> Movement:
    """Let one more agency sign (加签)."""
    command = ChangeSigner(task_id, body.reason, body.agency)
    return movement(cases.add_signer(call.session, command, actor=call.actor, clock=call.clock), call.language)


@routes.post("/tasks/<key:task_id>/remove-signer", Permission.TASK_COMPLETE, body=Because, answer=Movement)
def remove_signer(call: Call, task_id: int, body: Because) -> Movement:
    """Withdraw a signer's open task (减签)."""
    command = ChangeSigner(task_id, body.reason)
    return movement(cases.remove_signer(call.session, command, actor=call.actor, clock=call.clock), call.language)


def _item(call: Call, row: TaskRow, seen: Seen) -> TaskItem:
    """Render the changed task, unless the sender had seen another one: raising here undoes the change."""
    if seen.row_version is not None and seen.row_version != row.row_version - 1:
        raise ConcurrencyError("task", row.id)
    return task_item(row, call.language)
