"""Who may see a case: those it has reached, its applicant, who applied for them, the supervision office, and those
it was copied to, who may only read it.

Every query of case data goes through here; the grounds themselves stand in `grounds`. What is hidden is not found,
never forbidden.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from workflows.cases.grounds import copied_among, takes_part_in
from workflows.cases.models import Case, HumanTask
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import Actor, Permission
from workflows.persistence import once

_Scoped = aliased(Case)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose post is not granted `permission`.

    Raises:
        PermissionDeniedError: not granted.
    """
    if not actor.may(permission):
        raise PermissionDeniedError(permission)


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `HumanTask` that it is of the work the actor may do: a deputy may be limited to some."""
    measure_no = actor.measure_only
    if measure_no is None:
        return true()
    return exists().where(_Scoped.id == HumanTask.root_id, _Scoped.measure_no == measure_no)


def own_task(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `HumanTask` that the actor may open it: their agency's, and of the work they may do."""
    return and_(HumanTask.agency_id == actor.agency_id, in_scope(actor))


def visible_among(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Case`, asked of each row, that holds for the cases `actor` may see.

    A step in a child case shows that child and its parent, in part (`part_of`); a step of the whole shows all. What
    stands in a list is gathered by `listed`.
    """
    return or_(takes_part_in(actor), copied_among(actor))


def takes_part(session: Session, case: Case, actor: Actor) -> bool:
    """Tell whether a case the actor may see is theirs to work on, not only to read because it was copied to them."""
    found = select(Case.id).where(Case.id == case.id, takes_part_in(actor))
    return once(session, ("takes part", case.id, actor), lambda: session.scalar(found) is not None)


def get_visible_case(session: Session, case_no: str, *, actor: Actor) -> Case:
    """Return a case the actor may see.

    Raises:
        NotFoundError: no such case, or another agency's.
    """
    case = once(session, ("visible case", case_no, actor), lambda: _visible(session, case_no, actor))
    if case is None:
        raise NotFoundError("case", case_no)
    return case


def _visible(session: Session, case_no: str, actor: Actor) -> Case | None:
    said = case_no if case_no.isprintable() else ""  # PostgreSQL would not even look for a text with a zero in it
    return session.scalar(select(Case).where(Case.no == said, visible_among(actor)))


def get_own_case(session: Session, case_no: str, permission: Permission, *, actor: Actor) -> Case:
    """Return a case the actor works on.

    Raises:
        NotFoundError: no such case, or another agency's.
        PermissionDeniedError: it was only copied to them, to be read (reason `copied-only`).
    """
    case = get_visible_case(session, case_no, actor=actor)
    if not takes_part(session, case, actor):
        raise PermissionDeniedError(permission, "copied-only")
    return case


def root_id_of(case: Case) -> int:
    """Return the key of the root of a case's family."""
    return case.parent_id or case.id


def may_withdraw(case: Case, actor: Actor) -> bool:
    """Tell whether a case is the actor's to withdraw: as its applicant, or as an officer who applied for them."""
    own = case.applicant_agency_id == actor.agency_id and actor.may(Permission.CASE_WITHDRAW)
    for_them = case.opened_by_agency_id == actor.agency_id and actor.may(Permission.CASE_OPEN)
    return case.parent_id is None and (own or for_them)
