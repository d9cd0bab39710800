"""What the caller should know of their cases."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import PageQuery
from webapp.api.v1.content.notifications import NotificationList, ReadNotifications, UnreadCount, notification_list
from workflows.cases import notifications
from workflows.permissions import Permission

routes = Routes(blueprint, "Notifications")


@routes.get("/notifications", Permission.NOTIFICATION_READ, query=PageQuery, answer=NotificationList)
def list_notifications(call: Call, query: PageQuery) -> NotificationList:
    """List the caller's own notifications, newest first."""
    page = notifications.list_notifications(
        call.session, actor=call.actor, cursor=query.cursor, limit=query.limit, clock=call.clock
    )
    unread = notifications.count_unread(call.session, actor=call.actor)
    return notification_list(page, unread, call.language)


@routes.post("/notifications/read", Permission.NOTIFICATION_READ, body=ReadNotifications, answer=UnreadCount)
def read_notifications(call: Call, body: ReadNotifications) -> UnreadCount:
    """Mark the caller's own notifications as read."""
    notifications.mark_read(call.session, body.ids, actor=call.actor, clock=call.clock)
    return UnreadCount(unread=notifications.count_unread(call.session, actor=call.actor))
