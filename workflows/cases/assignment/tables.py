"""Tables of what holds in this deployment where a diagram does not say what follows, and of changes asked for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, UtcDateTime

_RULES = "('refuse', 'pass_with_record', 'next_superior')"
_WAITING = text("status = 'requested'")


class AssignmentDefault(Base):
    """One version of the deployment's own rules; only ever added to, the highest number holds.

    It comes of an `AssignmentChange` that two persons agreed on; whoever writes, a trigger asks for it.
    """

    __tablename__ = "assignment_default"
    __table_args__ = (
        CheckConstraint(f"nobody IN {_RULES}", name="nobody_known"),
        CheckConstraint(f"same_person IN {_RULES}", name="same_person_known"),
        CheckConstraint(f"applicant IN {_RULES}", name="applicant_known"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nobody: Mapped[str] = mapped_column(String(20))
    same_person: Mapped[str] = mapped_column(String(20))
    applicant: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ChangeStatus(StrEnum):
    """Where a change asked for stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AssignmentChange(Base):
    """A change of the deployment's rules, asked for by one person and decided by another.

    `*_for` is whose post it was done in, where somebody stood in for them. What was asked for never changes, a decision
    is final, and one change waits at a time: the next is asked for over the rules that then hold.
    """

    __tablename__ = "assignment_change"
    __table_args__ = (
        CheckConstraint(f"nobody IN {_RULES}", name="nobody_known"),
        CheckConstraint(f"same_person IN {_RULES}", name="same_person_known"),
        CheckConstraint(f"applicant IN {_RULES}", name="applicant_known"),
        CheckConstraint("status IN ('requested', 'approved', 'rejected', 'withdrawn')", name="status_known"),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_persons"),
        CheckConstraint(
            "decided_by IS NULL OR requested_for IS NULL OR decided_by <> requested_for", name="not_for_them"
        ),
        CheckConstraint("decided_for IS NULL OR decided_for <> requested_by", name="not_in_their_stead"),
        CheckConstraint(
            "decided_for IS NULL OR requested_for IS NULL OR decided_for <> requested_for", name="two_principals"
        ),
        CheckConstraint("(status IN ('approved', 'rejected')) = (decided_by IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("(status = 'approved') = (number IS NOT NULL)", name="approved_has_its_number"),
        CheckConstraint("status <> 'rejected' OR reason <> ''", name="rejected_with_a_reason"),
        Index("ix_assignment_change_number", "number", unique=True),
        Index("ix_assignment_change_waiting", "status", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    replaces: Mapped[int]
    """The version they were to follow; 0 is what the program comes with."""
    nobody: Mapped[str] = mapped_column(String(20))
    same_person: Mapped[str] = mapped_column(String(20))
    applicant: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12), default=ChangeStatus.REQUESTED.value)
    requested_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_for: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_for: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was rejected or withdrawn."""
    number: Mapped[int | None]
    """The version it became."""


_TERMS = ("id", "replaces", "nobody", "same_person", "applicant", "note", "requested_by", "requested_at")
_ALTERED = (
    "OLD.status <> 'requested' OR "
    + " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _TERMS)
    + " OR COALESCE(NEW.requested_for, 0) <> COALESCE(OLD.requested_for, 0)"
)
_UNAGREED = (
    "NOT EXISTS (SELECT 1 FROM assignment_change AS agreed WHERE agreed.number = NEW.number "
    "AND agreed.replaces = NEW.number - 1 AND agreed.status = 'approved' AND agreed.nobody = NEW.nobody "
    "AND agreed.same_person = NEW.same_person AND agreed.applicant = NEW.applicant "
    "AND agreed.decided_by = NEW.set_by_person_id)"
)
_FIRST = "a change of the assignment rules is first asked for"
_FINAL = "a change of the assignment rules stays as it was asked for, and its decision is final"
_TWO = "assignment rules are set by a change that two persons agreed on"
_GROWS = "assignment rules are only added to"

TWO_PERSONS_DDL = {
    "sqlite": (
        "CREATE TRIGGER assignment_change_first BEFORE INSERT ON assignment_change WHEN NEW.status <> 'requested' "
        f"BEGIN SELECT RAISE(ABORT, '{_FIRST}'); END",
        f"CREATE TRIGGER assignment_change_final BEFORE UPDATE ON assignment_change WHEN {_ALTERED} "
        f"BEGIN SELECT RAISE(ABORT, '{_FINAL}'); END",
        "CREATE TRIGGER assignment_change_no_delete BEFORE DELETE ON assignment_change "
        f"BEGIN SELECT RAISE(ABORT, '{_FINAL}'); END",
        f"CREATE TRIGGER assignment_default_agreed BEFORE INSERT ON assignment_default WHEN {_UNAGREED} "
        f"BEGIN SELECT RAISE(ABORT, '{_TWO}'); END",
        "CREATE TRIGGER assignment_default_no_update BEFORE UPDATE ON assignment_default "
        f"BEGIN SELECT RAISE(ABORT, '{_GROWS}'); END",
        "CREATE TRIGGER assignment_default_no_delete BEFORE DELETE ON assignment_default "
        f"BEGIN SELECT RAISE(ABORT, '{_GROWS}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION assignment_change_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.status <> 'requested' THEN RAISE EXCEPTION '{_FIRST}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER assignment_change_first BEFORE INSERT ON assignment_change "
        "FOR EACH ROW EXECUTE FUNCTION assignment_change_first()",
        "CREATE FUNCTION assignment_change_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF NOT ({_ALTERED}) THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{_FINAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER assignment_change_final BEFORE UPDATE OR DELETE ON assignment_change "
        "FOR EACH ROW EXECUTE FUNCTION assignment_change_final()",
        "CREATE TRIGGER assignment_change_no_truncate BEFORE TRUNCATE ON assignment_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION assignment_change_final()",
        "CREATE FUNCTION assignment_default_agreed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_UNAGREED} THEN RAISE EXCEPTION '{_TWO}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER assignment_default_agreed BEFORE INSERT ON assignment_default "
        "FOR EACH ROW EXECUTE FUNCTION assignment_default_agreed()",
        "CREATE FUNCTION assignment_default_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_GROWS}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER assignment_default_grows BEFORE UPDATE OR DELETE ON assignment_default "
        "FOR EACH ROW EXECUTE FUNCTION assignment_default_grows()",
        "CREATE TRIGGER assignment_default_no_truncate BEFORE TRUNCATE ON assignment_default "
        "FOR EACH STATEMENT EXECUTE FUNCTION assignment_default_grows()",
    ),
}
"""Executed by the migration, per dialect: no rule is in force that one person has set."""
