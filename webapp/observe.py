"""Logs and figures about the running program."""

from __future__ import annotations

import logging
import sys

import structlog

from config import Config


def set_up_logging(config: Config) -> None:
    """Write one line per event to the error stream: JSON in production, plain text otherwise."""
    level = logging.getLevelNamesMapping()[config.log_level]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if config.production else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.INFO), format="%(asctime)s %(levelname)s %(name)s %(message)s")
