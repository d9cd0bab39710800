"""三员 kept apart: who is system, security or audit administrator holds no post of any other kind.

Two of the three in one hand could grant and approve, or act and clear the trace; one of them in an officer's hand would
see cases. Held here for a clear answer, and by triggers whoever writes.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import not_ended_early
from workflows.agencies.models import Appointment, Post
from workflows.permissions import PostKind

ADMINISTRATORS = frozenset({PostKind.SYSTEM_ADMIN, PostKind.SECURITY_ADMIN, PostKind.AUDIT_ADMIN})


def conflicting_kind(
    session: Session, person_id: int, kind: PostKind, *, from_on: date, to_on: date | None
) -> PostKind | None:
    """Return the kind of a post the person holds in those days that may not be held together with `kind`, if any."""
    overlaps = [or_(Appointment.to_on.is_(None), Appointment.to_on >= from_on), not_ended_early(from_on)]
    if to_on is not None:
        overlaps.append(Appointment.from_on <= to_on)
    held = session.scalars(
        select(Post.kind)
        .join(Appointment, Appointment.post_id == Post.id)
        .where(Appointment.person_id == person_id, *overlaps)
    )
    return next((other for other in held if other is not kind and {other, kind} & ADMINISTRATORS), None)


_THREE = "({})".format(", ".join(f"'{kind.value}'" for kind in sorted(ADMINISTRATORS)))
_CLASH = (  # nothing but our own words goes into these statements
    "EXISTS (SELECT 1 FROM appointment AS held JOIN post AS was ON was.id = held.post_id "
    "JOIN post AS becomes ON becomes.id = NEW.post_id "
    "WHERE held.person_id = NEW.person_id AND {other} was.kind <> becomes.kind "
    "AND (was.kind IN {three} OR becomes.kind IN {three}) "
    "AND held.ended_at IS NULL AND NEW.ended_at IS NULL "
    "AND (held.to_on IS NULL OR held.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))"
)
_SAID = "an administrator holds no post of another kind"
_KIND_SAID = "the kind of a post never changes"

SEPARATION_DDL = {
    "sqlite": (
        "CREATE TRIGGER appointment_apart_insert BEFORE INSERT ON appointment "
        f"WHEN {_CLASH.format(three=_THREE, other='')} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        "CREATE TRIGGER appointment_apart_update BEFORE UPDATE ON appointment "
        f"WHEN {_CLASH.format(three=_THREE, other='held.id <> OLD.id AND')} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        "CREATE TRIGGER post_kind_stays BEFORE UPDATE OF kind ON post WHEN OLD.kind <> NEW.kind "
        f"BEGIN SELECT RAISE(ABORT, '{_KIND_SAID}'); END",
    ),
    "postgresql": (
        # The person's row is locked first: of two appointments at once the second sees the first.
        "CREATE FUNCTION appointment_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM person WHERE id = NEW.person_id FOR NO KEY UPDATE; "
        f"IF {_CLASH.format(three=_THREE, other='held.id <> NEW.id AND')} THEN RAISE EXCEPTION '{_SAID}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER appointment_apart BEFORE INSERT OR UPDATE ON appointment "
        "FOR EACH ROW EXECUTE FUNCTION appointment_apart()",
        "CREATE FUNCTION post_kind_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.kind <> NEW.kind THEN RAISE EXCEPTION '{_KIND_SAID}'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER post_kind_stays BEFORE UPDATE OF kind ON post FOR EACH ROW EXECUTE FUNCTION post_kind_stays()",
    ),
}
"""Executed by the migration, per dialect."""
