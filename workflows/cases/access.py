"""Who may see a case: those it has reached, its applicant, who applied for them, and the supervision office.

One place for the rule; every query of case data goes through it. What it hides is not found, never forbidden.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from workflows.cases.models import Case, HumanTask
from workflows.errors import NotFoundError, PermissionDeniedError
from workflows.permissions import Actor, Permission


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose post is not granted `permission`.

    Raises:
        PermissionDeniedError: not granted.
    """
    if not actor.may(permission):
        raise PermissionDeniedError(permission)


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL condition on `Case` that holds for the cases `actor` may see.

    A step in a child case shows that child and its parent, in part (`part_of`); a step of the whole shows all.
    """
    if actor.may(Permission.CASE_SUPERVISE):
        return true()
    if not actor.may(Permission.CASE_READ):
        return false()
    of_agency = HumanTask.agency_id == actor.agency_id
    return or_(
        Case.applicant_agency_id == actor.agency_id,
        Case.opened_by_agency_id == actor.agency_id,
        Case.id.in_(select(HumanTask.root_id).where(of_agency)),
        Case.id.in_(select(HumanTask.case_id).where(of_agency)),
        Case.root_id.in_(select(HumanTask.root_id).where(of_agency, HumanTask.case_id == HumanTask.root_id)),
    )


def visible_among(actor: Actor) -> ColumnElement[bool]:
    """Return the same condition as `visible_cases`, put so that it is asked of each row: for a few cases looked up
    by key, where gathering all that the agency sees would cost more than the answer.
    """
    if actor.may(Permission.CASE_SUPERVISE):
        return true()
    if not actor.may(Permission.CASE_READ):
        return false()
    reached = exists().where(
        HumanTask.agency_id == actor.agency_id,
        HumanTask.root_id == func.coalesce(Case.root_id, Case.id),
        or_(Case.parent_id.is_(None), HumanTask.case_id == Case.id, HumanTask.case_id == HumanTask.root_id),
    )
    own = or_(Case.applicant_agency_id == actor.agency_id, Case.opened_by_agency_id == actor.agency_id)
    return or_(own, reached.correlate(Case))


def get_visible_case(session: Session, case_no: str, *, actor: Actor) -> Case:
    """Return a case the actor may see.

    Raises:
        NotFoundError: no such case, or another agency's.
    """
    said = case_no if case_no.isprintable() else ""  # PostgreSQL would not even look for a text with a zero in it
    case = session.scalar(select(Case).where(Case.no == said, visible_among(actor)))
    if case is None:
        raise NotFoundError("case", case_no)
    return case


def root_id_of(case: Case) -> int:
    """Return the key of the root of a case's family."""
    return case.parent_id or case.id


def may_withdraw(case: Case, actor: Actor) -> bool:
    """Tell whether a case is the actor's to withdraw: as its applicant, or as an officer who applied for them."""
    own = case.applicant_agency_id == actor.agency_id and actor.may(Permission.CASE_WITHDRAW)
    for_them = case.opened_by_agency_id == actor.agency_id and actor.may(Permission.CASE_OPEN)
    return case.parent_id is None and (own or for_them)
