"""The worker process."""

from __future__ import annotations

import os
import warnings
from typing import Any, cast

from celery.platforms import SecurityWarning
from celery.signals import worker_process_init

from config import Config
from webapp import create_app
from webapp.database import db
from webapp.jobs import QUEUES, celery
from webapp.supervisor.lifeline import die_with_parent


def build_worker(config: Config, *, queues: str | None = None) -> int:
    """Do jobs until told to stop; return the exit status.

    Args:
        config: the settings.
        queues: names separated by commas; all unless given.
    """
    app = create_app(config)
    with app.app_context():
        # The forked job processes must not share a connection with their parent.
        db.engine.dispose()
    worker_process_init.connect(_start_job_process)
    # The warning is about pickled messages; this worker accepts JSON only.
    warnings.simplefilter("ignore", SecurityWarning)
    os.environ.setdefault("C_FORCE_ROOT", "1")
    worker = celery.Worker(
        queues=queues or ",".join(QUEUES),
        concurrency=config.worker_processes,
        pool="prefork",
        loglevel=config.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=config.embedded_broker,
        quiet=True,
    )
    worker.start()
    return cast(int, worker.exitcode or 0)


def _start_job_process(**_: Any) -> None:
    die_with_parent()
