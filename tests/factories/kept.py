"""What a database starts with, made once and put back for each test: filling takes a second, putting back a tenth."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from workflows.agencies.models import DirectoryStamp
from workflows.persistence import Base

_Rows = list[tuple[Table, list[dict[str, Any]]]]
_KEPT: dict[Hashable, _Rows] = {}


def fill_once(session: Session, key: Hashable, fill: Callable[[], object]) -> None:
    """Fill an empty database and commit: by `fill` the first time, afterwards with the rows that came of it.

    Args:
        session: in a writing transaction on an empty database.
        key: names what is filled in, the time included, since rows carry it.
        fill: writes through `session`.
    """
    if key in _KEPT:
        _put_back(session, _KEPT[key])
        session.commit()
        return
    fill()
    session.commit()
    _KEPT[key] = list(_read_all(session))
    session.commit()


def _read_all(session: Session) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    for table in Base.metadata.sorted_tables:
        if table.name == DirectoryStamp.__tablename__:  # triggers write it
            continue
        order = list(table.primary_key.columns)
        rows = [dict(row) for row in session.execute(select(table).order_by(*order)).mappings()]
        if rows:
            yield table, rows


def _put_back(session: Session, kept: _Rows) -> None:
    for table, rows in kept:
        session.execute(insert(table), rows)
        if session.get_bind().dialect.name == "postgresql" and "id" in table.columns:
            highest = max(row["id"] for row in rows)
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
            session.execute(select(func.setval(sequence, highest)))
