"""How Celery is set up, for each of the brokers."""

from __future__ import annotations

from typing import Any

from flask import Flask
from kombu.entity import Queue

from config import Config
from webapp.jobs import MODULES, QUEUES, ROUTES, celery

SOFT_LIMIT_S = 60
HARD_LIMIT_S = 90
POLL_S = 0.2
"""How often the embedded broker's folder is looked into."""


def celery_settings(config: Config) -> dict[str, Any]:
    """Return Celery's settings for the broker in `config`."""
    return {
        "broker_url": config.broker_url,
        "broker_transport_options": _transport_options(config),
        "broker_connection_retry_on_startup": True,
        "imports": MODULES,
        "task_queues": [Queue(name, durable=True) for name in QUEUES],  # type: ignore[no-untyped-call]  # kombu is untyped
        "task_routes": ROUTES,
        "task_default_queue": QUEUES[0],
        "task_create_missing_queues": False,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_soft_time_limit": SOFT_LIMIT_S,
        "task_time_limit": HARD_LIMIT_S,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "enable_utc": True,
    }


def configure(app: Flask, config: Config) -> None:
    """Bind the jobs to `app` and to the broker in `config`."""
    celery.flask_app = app
    celery.conf.update(celery_settings(config))


def _transport_options(config: Config) -> dict[str, Any]:
    if not config.embedded_broker:
        # A message not acknowledged comes back after this long: later than the hard limit, or jobs would double.
        return {"visibility_timeout": HARD_LIMIT_S * 4, "socket_connect_timeout": 2, "socket_timeout": 5}
    messages, control = config.queue_dir / "messages", config.queue_dir / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": POLL_S,
    }
