"""What a database starts with, made once and put back for each test by the database itself: filling takes a second."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select, text
from sqlalchemy.orm import Session

from workflows.agencies.models import DirectoryStamp
from workflows.persistence import Base

_Rows = list[tuple[Table, list[dict[str, Any]]]]
_KEPT: dict[Hashable, _Rows] = {}
_COPIES: dict[tuple[str, Hashable], Callable[[Engine], None]] = {}
"""(database, key) → puts back what was kept in that very database."""


def fill_once(session: Session, key: Hashable, fill: Callable[[], object]) -> None:
    """Fill an empty database and commit: by `fill` the first time, afterwards with the rows that came of it.

    Args:
        session: in a writing transaction on an empty database.
        key: names what is filled in, the time included, since rows carry it.
        fill: writes through `session`.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    put_back = _COPIES.get((str(engine.url), key))
    if put_back is not None:
        session.rollback()
        put_back(engine)
        return
    if key in _KEPT:
        _insert(session, _KEPT[key])
    else:
        fill()
        session.flush()
        _KEPT[key] = list(_read_all(session))
    session.commit()
    copy = _copy_sqlite if engine.dialect.name == "sqlite" else _copy_postgresql
    _COPIES[str(engine.url), key] = copy(engine)


def _read_all(session: Session) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    for table in Base.metadata.sorted_tables:
        if table.name == DirectoryStamp.__tablename__:  # triggers write it
            continue
        order = list(table.primary_key.columns)
        rows = [dict(row) for row in session.execute(select(table).order_by(*order)).mappings()]
        if rows:
            yield table, rows


def _insert(session: Session, kept: _Rows) -> None:
    for table, rows in kept:
        session.execute(insert(table), rows)
        if session.get_bind().dialect.name == "postgresql" and "id" in table.columns:
            highest = max(row["id"] for row in rows)
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
            session.execute(select(func.setval(sequence, highest)))


def _copy_sqlite(engine: Engine) -> Callable[[Engine], None]:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    _sqlite_copy(engine, lambda file: file.backup(copy))
    return lambda engine: _sqlite_copy(engine, copy.backup)


def _sqlite_copy(engine: Engine, copy: Callable[[sqlite3.Connection], None]) -> None:
    connection = engine.raw_connection()
    try:
        file = connection.driver_connection
        assert isinstance(file, sqlite3.Connection)
        copy(file)
    finally:
        connection.close()


def _copy_postgresql(engine: Engine) -> Callable[[Engine], None]:
    """The copy lies in a schema of its own; no trigger runs while it is put back, all that they wrote is in it."""
    schema = f"kept_{len(_COPIES)}"
    statements = ["SET LOCAL session_replication_role = replica"]
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(1).select_from(table).limit(1)) is None:
                continue
            name = f'"{table.name}"'
            connection.execute(text(f"CREATE TABLE {schema}.{name} AS TABLE {name}"))
            statements.append(f"INSERT INTO {name} SELECT * FROM {schema}.{name}")
            if "id" in table.columns:
                statements.append(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")
    together = ";".join(statements)

    def put_back(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(together)

    return put_back
