"""Tables of answers to opinions and of the figures signatures were given for; both are only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class OpinionAnswer(Base):
    """What the lead answered a supporting agency's objection or condition."""

    __tablename__ = "opinion_answer"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    opinion_task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"))
    given_in_task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"))
    """The lead's task whose decision the answer was given with."""
    answer: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignedFigures(Base):
    """The figures a joint lead's signature was given for: field of the application → value."""

    __tablename__ = "signed_figures"

    task_id: Mapped[int] = mapped_column(ForeignKey("human_task.id"), primary_key=True)
    figures: Mapped[Any] = mapped_column(JsonText)


APPEND_ONLY_DDL = {
    "sqlite": (
        "CREATE TRIGGER opinion_answer_no_update BEFORE UPDATE ON opinion_answer "
        "BEGIN SELECT RAISE(ABORT, 'opinion_answer is append-only'); END",
        "CREATE TRIGGER opinion_answer_no_delete BEFORE DELETE ON opinion_answer "
        "BEGIN SELECT RAISE(ABORT, 'opinion_answer is append-only'); END",
        "CREATE TRIGGER signed_figures_no_update BEFORE UPDATE ON signed_figures "
        "BEGIN SELECT RAISE(ABORT, 'signed_figures is append-only'); END",
        "CREATE TRIGGER signed_figures_no_delete BEFORE DELETE ON signed_figures "
        "BEGIN SELECT RAISE(ABORT, 'signed_figures is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION opinion_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'answers and signed figures are append-only'; END $$",
        "CREATE TRIGGER opinion_answer_append_only BEFORE UPDATE OR DELETE ON opinion_answer "
        "FOR EACH ROW EXECUTE FUNCTION opinion_append_only()",
        "CREATE TRIGGER signed_figures_append_only BEFORE UPDATE OR DELETE ON signed_figures "
        "FOR EACH ROW EXECUTE FUNCTION opinion_append_only()",
    ),
}
"""Executed by the migration, per dialect: the tables refuse these changes whoever asks."""
