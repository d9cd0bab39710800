"""The page of a task as it is handed out: first opened, and again with what was wrong; each time it is noted."""

from __future__ import annotations

from flask import render_template, request

from webapp.context import clock
from webapp.transaction import reading
from webapp.ui.acting import get_actor
from webapp.ui.tasks.asked import as_queue
from webapp.ui.tasks.detail import Draft, task_page
from webapp.viewings import case_opened, note_opened


def show_task(task_id: int, draft: Draft) -> str:
    """Return the page of a task with what was filled in, and note that the reader has seen its case."""
    actor = get_actor()
    queue = as_queue(request.values.get("queue"), actor)
    page = task_page(reading(), task_id, queue, draft, actor=actor, clock=clock())
    shown = render_template("tasks/detail.html", page=page)
    note_opened(case_opened(page.detail.row.case_no), actor)
    return shown
