"""The declarative base and column types that every table shares."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import orjson
import zstandard
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData, Table, Text, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one declarative base; its metadata is what the migrations describe."""

    metadata = MetaData(naming_convention=NAMING)


def table_of(model: type[Base]) -> Table:
    """Return the table of a mapped class, for statements on the busiest ways that need no mapped objects."""
    return cast(Table, model.__table__)


BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite numbers rows by itself only for a plain INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, `timestamptz` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON document kept as text, byte for byte: JSONB would reorder keys and break hashes over it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Compressed(TypeDecorator[bytes]):
    """Bytes, stored with zstd."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zstandard.compress(value, 3)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zstandard.decompress(value)


def canonical_json(value: object) -> bytes:
    """Return `value` as JSON with sorted keys and no blanks: the same value always gives the same bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


@event.listens_for(Session, "do_orm_execute")
def _read_rows_as_they_are(state: ORMExecuteState) -> None:
    """Have every query show what the database holds, not what this session saw before.

    The busiest ways write by plain statements, past the objects a session keeps; which of those are still alive is the
    garbage collector's affair, and no answer may hang on that.
    """
    if state.is_select and not state.is_column_load and not state.is_relationship_load:
        state.update_execution_options(populate_existing=True)


_ANSWERS = "lianban.answers"

_Answer = TypeVar("_Answer")


def keep_answers(session: Session) -> None:
    """Let `once` keep its answers from now on: the session only reads, for one page."""
    session.info.setdefault(_ANSWERS, {})


def forget_answers(session: Session) -> None:
    """Drop what `once` has kept, and keep no more: the session is going to write."""
    session.info.pop(_ANSWERS, None)


def once(session: Session, key: Hashable, look_up: Callable[[], _Answer]) -> _Answer:
    """Return what `look_up` returns, asking only once while a session only reads.

    The parts of a page are built one by one, and most of them begin by asking for the same case. A session that writes
    keeps nothing: there every answer is looked up.

    Args:
        session: the session.
        key: names the question, with all that the answer hangs on.
        look_up: asks it.
    """
    kept: dict[Hashable, Any] | None = session.info.get(_ANSWERS)
    if kept is None:
        return look_up()
    if key not in kept:
        kept[key] = look_up()
    answer: _Answer = kept[key]
    return answer
