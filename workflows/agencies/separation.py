"""三员 kept apart: who is system, security or audit administrator holds no post of any other kind, and acts in none.

Two of the three in one hand could grant and approve, or act and clear the trace; one of them in an officer's hand would
see cases. Standing in for somebody is holding their post as far as this goes: an administrator is nobody's deputy, and
nobody is an administrator's. Held here for a clear answer, and by triggers whoever writes.
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


def administers(session: Session, person_id: int, *, from_on: date, to_on: date | None) -> bool:
    """Tell whether the person is one of the three administrators on any of those days."""
    days = [Appointment.from_on <= to_on] if to_on is not None else []
    held = select(Appointment.id).join(Post, Post.id == Appointment.post_id)
    held = held.where(
        Appointment.person_id == person_id,
        Post.kind.in_(ADMINISTRATORS),
        or_(Appointment.to_on.is_(None), Appointment.to_on >= from_on),
        not_ended_early(from_on),
        *days,
    )
    return session.scalar(held.limit(1)) is not None


_THREE = "({})".format(", ".join(f"'{kind.value}'" for kind in sorted(ADMINISTRATORS)))
_CLASH = (  # nothing but our own words goes into these statements
    "EXISTS (SELECT 1 FROM appointment AS held JOIN post AS was ON was.id = held.post_id "
    "JOIN post AS becomes ON becomes.id = NEW.post_id "
    "WHERE held.person_id = NEW.person_id AND {other} was.kind <> becomes.kind "
    "AND (was.kind IN {three} OR becomes.kind IN {three}) "
    "AND held.ended_at IS NULL AND NEW.ended_at IS NULL "
    "AND (held.to_on IS NULL OR held.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= held.from_on))"
)
_OVERLAP = "({0}.to_on IS NULL OR {0}.to_on >= NEW.from_on) AND (NEW.to_on IS NULL OR NEW.to_on >= {0}.from_on)"
_DEPUTISES = (  # of an appointment: it makes somebody an administrator who stands in for another on one of its days
    "NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN {three}) AND ("
    "EXISTS (SELECT 1 FROM delegation AS given WHERE given.deputy_id = NEW.person_id AND given.ended_at IS NULL "
    "AND {given}) OR EXISTS (SELECT 1 FROM post_backup AS named WHERE named.person_id = NEW.person_id AND {named}))"
)
_ADMINISTERS = (  # of a deputy: they are an administrator on one of the days, or the post they would act in is one's
    "{live} AND (EXISTS (SELECT 1 FROM post WHERE post.id = NEW.post_id AND post.kind IN {three}) "
    "OR EXISTS (SELECT 1 FROM appointment AS held JOIN post ON post.id = held.post_id "
    "WHERE held.person_id = NEW.{deputy} AND post.kind IN {three} AND held.ended_at IS NULL AND {held}))"
)
_PLACES = {"three": _THREE, **{name: _OVERLAP.format(name) for name in ("given", "named", "held")}}
_SAID_OF_DEPUTIES = "an administrator stands in for nobody, and nobody for one"
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

_TABLES = (
    ("appointment", "person_id", _DEPUTISES.format(**_PLACES)),
    ("delegation", "deputy_id", _ADMINISTERS.format(live="NEW.ended_at IS NULL", deputy="deputy_id", **_PLACES)),
    ("post_backup", "person_id", _ADMINISTERS.format(live="NEW.person_id IS NOT NULL", deputy="person_id", **_PLACES)),
)

DEPUTIES_DDL = {
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_deputies_{when.lower()} BEFORE {when} ON {table} WHEN {clash} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID_OF_DEPUTIES}'); END"
        for table, _person, clash in _TABLES
        for when in ("INSERT", "UPDATE")
    ),
    "postgresql": tuple(
        statement
        for table, person, clash in _TABLES
        for statement in (
            # The person's row is locked first: of an appointment and a delegation at once the second sees the first.
            f"CREATE FUNCTION {table}_deputies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM 1 FROM person WHERE id = NEW.{person} FOR NO KEY UPDATE; "
            f"IF {clash} THEN RAISE EXCEPTION '{_SAID_OF_DEPUTIES}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {table}_deputies BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_deputies()",
        )
    ),
}
"""Executed by the migration, per dialect: 三员 and deputies."""
