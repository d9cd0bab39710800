"""The beat: sends the sweeps, as one of however many beats are running."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask

from webapp import context
from webapp.jobs import Job
from webapp.jobs.deadlines import sweep_timers
from webapp.jobs.housekeeping import (
    sweep_attachments,
    sweep_drafts,
    sweep_idempotency_keys,
    sweep_logins,
    sweep_posts,
)
from webapp.jobs.lease import give_up, hold
from webapp.jobs.outbox import sweep_outbox
from webapp.jobs.scans import sweep_scans
from webapp.jobs.texts import sweep_texts
from webapp.transaction import writing

log = structlog.get_logger(__name__)

LEASE = "beat"
LEASE_LASTS = timedelta(seconds=15)
STEP_S = 5.0
"""Time between two looks at the clock: a third of the lease, so that one late renewal does not lose it."""


@dataclass(frozen=True)
class Sweep:
    """A job sent again and again; it finds its own work and may run twice."""

    job: Job
    every: timedelta


SWEEPS = (
    Sweep(sweep_outbox, timedelta(seconds=30)),
    Sweep(sweep_timers, timedelta(seconds=30)),
    Sweep(sweep_scans, timedelta(seconds=30)),
    Sweep(sweep_texts, timedelta(seconds=30)),
    Sweep(sweep_idempotency_keys, timedelta(hours=1)),
    Sweep(sweep_logins, timedelta(hours=1)),
    Sweep(sweep_posts, timedelta(hours=1)),
    Sweep(sweep_attachments, timedelta(hours=1)),
    Sweep(sweep_drafts, timedelta(hours=6)),
)


class Beat:
    """One beat process.

    Args:
        app: the application.
        holder: this process's name in the lease.
        sweeps: what to send.
    """

    def __init__(self, app: Flask, *, holder: str | None = None, sweeps: tuple[Sweep, ...] = SWEEPS) -> None:
        self._app = app
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}"
        self._sweeps = sweeps
        self._sent: dict[str, datetime] = {}

    def step(self) -> tuple[str, ...]:
        """Send the sweeps that are due, if this beat has the lease; return the names of those sent."""
        with self._app.app_context():
            now = context.clock().now()
            with writing() as session:
                leads = hold(session, LEASE, self._holder, now=now, lasts=LEASE_LASTS)
            return tuple(self._send(sweep, now) for sweep in self._sweeps if self._is_due(sweep, now)) if leads else ()

    def run(self, stop: threading.Event) -> None:
        """Beat until `stop` is set; a step that fails is logged and the next one tried."""
        while not stop.is_set():
            try:
                self.step()
            except Exception as error:  # database or broker away for a while
                log.warning("beat-step-failed", error=f"{type(error).__name__}: {error}")
            stop.wait(STEP_S)
        with self._app.app_context(), writing() as session:
            give_up(session, LEASE, self._holder, now=context.clock().now())

    def _is_due(self, sweep: Sweep, now: datetime) -> bool:
        last = self._sent.get(sweep.job.name)
        return last is None or now - last >= sweep.every

    def _send(self, sweep: Sweep, now: datetime) -> str:
        # A message nobody has taken by the next one is worth nothing: without a worker they would pile up.
        sweep.job.apply_async(expires=sweep.every.total_seconds())
        self._sent[sweep.job.name] = now
        return str(sweep.job.name)
