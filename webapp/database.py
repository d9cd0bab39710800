"""How the program talks to its database: engine options, and what a transaction means on each of the two."""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from workflows.persistence import Base

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
"""`db.session` is the request's or the job's session; only `webapp.transaction` commits it."""

BUSY_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30
IDLE_IN_TRANSACTION_S = 60
POOL_SIZE = 16

WRITE = "write"
"""Execution option of a connection whose transaction will write: SQLite then takes its write lock at the start."""

PATIENCE = "patience"
"""Execution option beside it: the milliseconds after which it gives up waiting for that lock."""


def database_url(url: str) -> URL:
    """Return `url` with the driver this program ships: plain `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def engine_options(url: str, *, statement_timeout_s: int = STATEMENT_TIMEOUT_S) -> dict[str, Any]:
    """Return the arguments of `create_engine` for `url`.

    Args:
        url: a SQLite or PostgreSQL address.
        statement_timeout_s: seconds after which PostgreSQL gives up on one statement; 0 for migrations and bulk loads.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, "pool_size": POOL_SIZE}
    settings = {
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        "statement_timeout": f"{statement_timeout_s}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
        "timezone": "UTC",
        "jit": "off",  # compiling takes longer than any of our statements, and is begun on guesses of their cost
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {
        "connect_args": {"options": options},
        "isolation_level": "READ COMMITTED",
        "pool_size": POOL_SIZE,
    }


def build_engine(url: str, *, statement_timeout_s: int = STATEMENT_TIMEOUT_S) -> Engine:
    """Return an engine for `url`, ready to use outside the web application (migrations, bench, tests)."""
    engine = create_engine(database_url(url), **engine_options(url, statement_timeout_s=statement_timeout_s))
    prepare_engine(engine)
    return engine


def prepare_engine(engine: Engine) -> None:
    """Give SQLite connections of `engine` their pragmas and honest transactions; ask idle PostgreSQL ones to answer."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    else:
        event.listen(engine, "checkin", _note_return)
        event.listen(engine, "checkout", _ask_if_idle)


def begin_write(session: Session, *, patience_ms: int | None = None) -> None:
    """Start the session's transaction as a writing one.

    On SQLite this waits for the write lock now: a reading transaction that turns into a writing one fails at once
    with "database is locked" as soon as anybody else has written in between, however long the timeout.

    Args:
        session: in no transaction.
        patience_ms: how long to wait for locks, where that is less than usual.

    Raises:
        RuntimeError: the session is already in a transaction.
        sqlalchemy.exc.OperationalError: SQLite's write lock was not to be had in that time.
    """
    if session.in_transaction():
        raise RuntimeError("a transaction has begun already; start the writing one before the first query")
    connection = session.connection(execution_options={WRITE: True, PATIENCE: patience_ms})
    if patience_ms is not None and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience_ms:d}")


def _prepare_sqlite_connection(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them late, and never IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-16384",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience = options.get(PATIENCE)
    if patience is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITE, False) else "BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={patience:d}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


IDLE_S = 5.0
"""A connection that rested longer is asked whether it lives; asking every time would cost each act a round trip."""


def _note_return(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["returned"] = monotonic()


def _ask_if_idle(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
    if monotonic() - record.info.get("returned", monotonic()) < IDLE_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error  # the pool then makes a new one
