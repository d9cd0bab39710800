"""What a copy consists of, and its database: SQLite's online backup, PostgreSQL's `pg_dump` and `pg_restore`.

A copy is one packed file: the database, each paper under its address, and at the end a list with a hash for each part.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.database import build_engine, database_url
from webapp.models import load_models
from workflows.cases.documents import papers_in_use
from workflows.persistence import Base

MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
MATERIALS = "attachments"
PAPER = re.compile(rf"{MATERIALS}/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")
FORMAT = 1


class BackupError(Exception):
    """The copy cannot be written or brought back.

    Args:
        zh: why, in Chinese.
        en: the same in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")


def copy_database(url: str, target: Path) -> dict[str, str]:
    """Copy the database to a file; return the addresses that papers in the copy refer to, each with a name.

    Raises:
        BackupError: there is no database, it cannot be read, or its own tool is missing or fails.
    """
    address = database_url(url)
    load_models()
    try:
        if address.get_backend_name() == "sqlite":
            _copy_sqlite(Path(address.database or ""), target)
            engine = create_engine(f"sqlite:///{target}")
            with Session(engine) as session:
                papers = papers_in_use(session)
            engine.dispose()
            return papers
        return _dump_postgresql(url, target)
    except SQLAlchemyError as error:
        raise _unreadable(error) from error


def load_database(url: str, source: Path) -> None:
    """Replace the database by a copy, whole or not at all.

    Raises:
        BackupError: it cannot be written, or its own tool is missing or fails.
    """
    address = database_url(url)
    if address.get_backend_name() == "sqlite":
        _copy_sqlite(source, Path(address.database or ""))
        return
    ways = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    _run_tool("pg_restore", *ways, f"--dbname={_plain(address)}", str(source))


def has_rows(url: str) -> bool:
    """Tell whether anything is in the database.

    Raises:
        BackupError: it cannot be read.
    """
    load_models()
    engine = build_engine(url)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            tables = [table for table in Base.metadata.sorted_tables if table.name in there]
            return any(connection.execute(select(table).limit(1)).first() for table in tables)
    except SQLAlchemyError as error:
        raise _unreadable(error) from error
    finally:
        engine.dispose()


def _unreadable(error: SQLAlchemyError) -> BackupError:
    # The first line of what the driver says; the statement and its parameters are not shown.
    said = str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]
    return BackupError(f"数据库读不出：{said}", f"the database cannot be read: {said}")


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupError(f"{source}处没有数据库", f"there is no database at {source}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing)
    except sqlite3.Error as error:
        raise BackupError(f"数据库未能复制：{error}", f"the database cannot be copied: {error}") from error


def _dump_postgresql(url: str, target: Path) -> dict[str, str]:
    engine = build_engine(url, statement_timeout_s=0)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            # What is asked here and what is dumped are the same to the row.
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            papers = papers_in_use(Session(connection))
            ways = ("--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
            _run_tool("pg_dump", *ways, f"--dbname={_plain(database_url(url))}")
            return papers
    finally:
        engine.dispose()


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run_tool(name: str, *arguments: str) -> None:
    path = shutil.which(name)
    if path is None:
        raise BackupError(
            f"本机没有{name}，它随PostgreSQL客户端程序安装",
            f"{name} is not on this machine; it comes with PostgreSQL's client programs",
        )
    done = subprocess.run((path, *arguments), capture_output=True, text=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        # The last line says what is wrong; the arguments may carry a password and are not shown.
        said = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise BackupError(f"{name}未能完成", f"{name}: {said}")
