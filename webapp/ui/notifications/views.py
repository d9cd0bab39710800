"""Routes of notifications: the list, following one, marking all as read."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.notifications.present import line, target
from workflows.cases.notifications import count_unread, get_notification, list_notifications, mark_read
from workflows.permissions import Permission

blueprint = Blueprint("notifications", __name__)

PAGE_SIZE = 50


@blueprint.get("/notifications")
@needs(Permission.NOTIFICATION_READ)
def index() -> str:
    """List what concerns the reader, newest first."""
    session, actor = reading(), get_actor()
    page = list_notifications(session, actor=actor, clock=clock(), cursor=request.args.get("cursor"), limit=PAGE_SIZE)
    more = url_for("pages.notifications.index", cursor=page.next) if page.next else None
    unread = count_unread(session, actor=actor)
    return render_template(
        "notifications/index.html", lines=[line(row) for row in page.items], unread=unread, more_address=more
    )


@blueprint.get("/notifications/<key:notification_id>")
@needs(Permission.NOTIFICATION_READ)
def follow(notification_id: int) -> Response:
    """Go where a notification leads; following it is reading it, so it counts as read from now on."""
    row = get_notification(reading(), notification_id, actor=get_actor())
    if row.read_at is None:
        with writing() as session:
            mark_read(session, [notification_id], actor=get_actor(), clock=clock())
    return redirect(target(row))


@blueprint.post("/notifications/read")
@needs(Permission.NOTIFICATION_READ)
def read_all() -> Response:
    """Mark one, or all, as read."""
    one = request.form.get("id", type=int)
    with writing() as session:
        mark_read(session, None if one is None else [one], actor=get_actor(), clock=clock())
    if one is None:
        flash(_("通知已全部标为已读"), "done")
    return redirect(url_for("pages.notifications.index"))
