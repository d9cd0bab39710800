"""The table of openings: only added to, by trigger on both databases."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, UtcDateTime


class Viewed(StrEnum):
    """What was opened."""

    CASE = "case"
    """The case itself, with what was applied for: its page, a task of it, its slip."""
    PAPER = "paper"
    """One version of a paper."""
    NOTICE = "notice"
    """An official document."""
    APPROVAL = "approval"
    """The approval sheet as the case stood."""


class Way(StrEnum):
    """How it came to the reader."""

    SHOWN = "shown"
    DOWNLOADED = "downloaded"
    """As a file that stays with them."""


class Viewing(Base):
    """Somebody opened something.

    It has no hash and no chain, and refers to nothing by a foreign key: either would have a reader wait for whoever is
    just writing, at the head of the chain or at the row of the case, which every act on a case locks. A line outlives
    what it names.
    """

    __tablename__ = "viewing"
    __table_args__ = (
        Index("ix_viewing_at_id", "at", "id"),
        Index("ix_viewing_case_id_at_id", "case_id", "at", "id"),
        Index("ix_viewing_person_id_at_id", "person_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int] = mapped_column(BigKey)
    post_id: Mapped[int] = mapped_column(BigKey)
    """The post it was opened in."""
    on_behalf_of: Mapped[int | None] = mapped_column(BigKey)
    """Key of the person whose post that is, where the reader stood in for them."""
    case_id: Mapped[int] = mapped_column(BigKey)
    """The case through which it was opened."""
    kind: Mapped[str] = mapped_column(String(12))
    item_id: Mapped[int | None] = mapped_column(BigKey)
    """Key of the version of a paper, or of the official document."""
    version: Mapped[int | None] = mapped_column(Integer)
    """Of a paper: which of its versions that is."""
    way: Mapped[str] = mapped_column(String(12))


_SAID = "viewing is append-only"

APPEND_ONLY_DDL = {
    "sqlite": (
        f"CREATE TRIGGER viewing_no_update BEFORE UPDATE ON viewing BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        f"CREATE TRIGGER viewing_no_delete BEFORE DELETE ON viewing BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION viewing_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$",
        "CREATE TRIGGER viewing_append_only BEFORE UPDATE OR DELETE ON viewing "
        "FOR EACH ROW EXECUTE FUNCTION viewing_append_only()",
        "CREATE TRIGGER viewing_no_truncate BEFORE TRUNCATE ON viewing "
        "FOR EACH STATEMENT EXECUTE FUNCTION viewing_append_only()",
    ),
}
"""Executed by the migration, per dialect: the table refuses changes whoever asks."""
