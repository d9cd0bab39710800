"""The three kinds of process: web, worker, beat."""

from __future__ import annotations

import errno
import signal
import sys
import threading
from types import FrameType
from typing import cast

import click
import waitress

from config import Config
from webapp import create_app
from webapp.garbage import settle
from webapp.supervisor.lifeline import follow_parent


def serve_web(config: Config) -> None:
    """Serve pages and API with the embedded server until SIGINT or SIGTERM; requests at work are finished."""
    follow_parent()
    signal.signal(signal.SIGTERM, _leave)
    app = create_app(config)
    settle()
    try:
        waitress.serve(
            app,
            host=config.host,
            port=config.port,
            threads=config.web_threads,
            ident=None,
            max_request_body_size=cast(int, app.config["MAX_CONTENT_LENGTH"]),
            clear_untrusted_proxy_headers=not config.trusted_proxies,
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        click.echo(f"端口 {config.port} 已被占用 · Port {config.port} is in use", err=True)
        sys.exit(1)


def serve_jobs(config: Config, *, queues: str | None) -> None:
    """Do jobs until SIGINT or SIGTERM; the job at work is finished."""
    follow_parent()
    from webapp.worker import build_worker

    sys.exit(build_worker(config, queues=queues))


def serve_beat(config: Config) -> None:
    """Send sweeps until SIGINT or SIGTERM."""
    follow_parent()
    from webapp.jobs.beat import Beat

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    Beat(create_app(config)).run(stop)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
