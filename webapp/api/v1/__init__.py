"""The routes of version 1, one module for each area; importing this package registers them all."""

from __future__ import annotations

from webapp.api.v1 import (
    audit,
    calendar,
    cases,
    clocks,
    copies,
    deputies,
    documents,
    incidents,
    me,
    measures,
    messages,
    notices,
    notifications,
    opinions,
    payments,
    personal_tokens,
    processes,
    second_factor,
    tasks,
    tokens,
)

__all__ = [
    "audit",
    "calendar",
    "cases",
    "clocks",
    "copies",
    "deputies",
    "documents",
    "incidents",
    "me",
    "measures",
    "messages",
    "notices",
    "notifications",
    "opinions",
    "payments",
    "personal_tokens",
    "processes",
    "second_factor",
    "tasks",
    "tokens",
]
