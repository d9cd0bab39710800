"""The searchable text of cases, and on SQLite the full-text index that follows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import Dialect, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from workflows.persistence import Base, BigKey, Compressed, UtcDateTime


class Audience(IntEnum):
    """For whom a text is, of those who see the case."""

    ALL = 0
    OFFICERS = 1


class Grams(TypeDecorator[Any]):
    """Grams of a text: a `tsvector` on PostgreSQL, tokens of plain letters for FTS5 on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Iterable[str] | str | None, dialect: Dialect) -> str | None:
        if value is None or isinstance(value, str):
            return value
        return " ".join(map(lexeme if dialect.name == "postgresql" else token, value))


def lexeme(gram: str) -> str:
    """Return a gram as PostgreSQL reads it; there is no quote in one, being letters and digits."""
    return f"'{gram}'"


def token(gram: str) -> str:
    """Return a gram as a token of ASCII letters: SQLite's own idea of letters ends with an old Unicode."""
    return f"w{gram}" if gram.isascii() else "x" + "".join(f"{ord(char):05x}" for char in gram)


class CaseSearch(Base):
    """What is written in one case, for one audience.

    The row of a root case holds the text of its whole family, and that of a child only what is seen with the child: who
    has a part in one child alone finds the case by that part and by nothing else.
    """

    __tablename__ = "case_search"
    __table_args__ = (
        UniqueConstraint("case_id", "audience"),
        Index("ix_case_search_root_id", "root_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    root_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    audience: Mapped[int] = mapped_column(SmallInteger)
    plain: Mapped[str] = mapped_column(Text)
    """The folded text, a line for each piece."""
    grams: Mapped[Any] = mapped_column(Grams)


class ContentStatus(StrEnum):
    """How far the text of some bytes is."""

    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"


class ContentText(Base):
    """What stands in the bytes of an uploaded paper, whatever cases it was laid to."""

    __tablename__ = "content_text"
    __table_args__ = (
        Index(
            "ix_content_text_due_at",
            "due_at",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Readings that were begun; a file that the workers do not survive is left unread."""
    outages: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Times in a row that it could not be fetched, which says nothing of the file."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it is to be read; later than that if a worker is at it."""
    text: Mapped[bytes | None] = mapped_column(Compressed)
    """UTF-8."""


INDEX = "case_search_index"
"""The full-text index: on SQLite a table, which triggers keep to the one that holds its content."""

INDEX_DDL = {
    # The list is short, because every look reads what still waits there to be sorted in.
    "postgresql": (
        "CREATE INDEX case_search_index ON case_search USING gin (grams) WITH (gin_pending_list_limit = 512)",
    ),
    "sqlite": (
        "CREATE VIRTUAL TABLE case_search_index USING fts5"
        "(grams, content='case_search', content_rowid='id', detail=none, tokenize='ascii')",
        """
        CREATE TRIGGER case_search_added AFTER INSERT ON case_search BEGIN
            INSERT INTO case_search_index (rowid, grams) VALUES (new.id, new.grams);
        END
        """,
        """
        CREATE TRIGGER case_search_removed AFTER DELETE ON case_search BEGIN
            INSERT INTO case_search_index (case_search_index, rowid, grams) VALUES ('delete', old.id, old.grams);
        END
        """,
        """
        CREATE TRIGGER case_search_changed AFTER UPDATE ON case_search BEGIN
            INSERT INTO case_search_index (case_search_index, rowid, grams) VALUES ('delete', old.id, old.grams);
            INSERT INTO case_search_index (rowid, grams) VALUES (new.id, new.grams);
        END
        """,
    ),
}
"""What the metadata cannot say: dialect → statements."""
