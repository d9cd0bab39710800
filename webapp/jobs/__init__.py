"""Jobs: work done after the commit, by the worker. The database is the queue of record; Celery only wakes.

A job takes ids, may run twice without harm, and is a few lines long: what it does lies in `workflows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from celery import Celery, Task
from flask import Flask

QUEUES = ("outbox", "deadlines", "scans")
"""Every job names one of these; a worker serves all of them unless told otherwise."""

MODULES = (
    "webapp.jobs.deadlines",
    "webapp.jobs.housekeeping",
    "webapp.jobs.outbox",
    "webapp.jobs.scans",
    "webapp.jobs.texts",
)


class Job(Task):  # type: ignore[misc]  # Celery is untyped
    """A task that runs within the application it was configured for."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with cast(Flask, self.app.flask_app).app_context():
            return super().__call__(*args, **kwargs)


celery = Celery("lianban", task_cls=Job, set_as_current=False)
ROUTES: dict[str, dict[str, str]] = {}
"""Job name → queue, filled by `job`, read into Celery's settings."""


def job(*, queue: str) -> Callable[[Callable[..., None]], Job]:
    """Declare a job served from `queue`.

    Raises:
        ValueError: no such queue.
    """
    if queue not in QUEUES:
        raise ValueError(f"no queue {queue!r}; there are {', '.join(QUEUES)}")

    def declare(function: Callable[..., None]) -> Job:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        ROUTES[name] = {"queue": queue}
        return cast(Job, celery.task(function, name=name, ignore_result=True, lazy=False))

    return declare
