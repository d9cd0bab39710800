"""Who sees a case today, and why: for those who watch over the watching."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.agencies.dating import held, in_force
from workflows.agencies.deputies import act_for, stand_ins
from workflows.agencies.deputies.tables import Delegation, PostBackup
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.agencies.posts import act_in, held_post
from workflows.cases.access import get_visible_case, require
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.models import Case, CaseSuccession, HumanTask
from workflows.cases.why_seen import Seen, seen_by
from workflows.clock import Clock, office_date
from workflows.errors import NotFoundError
from workflows.permissions import GRANTS, Actor, Permission, PostKind


def who_sees(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> tuple[Seen, ...]:
    """Return everybody who sees a case today and why, agency by agency; of the case itself nothing but its number.

    The supervision office may ask, and the audit administrator, who is shown the list and never the case.

    Raises:
        PermissionDeniedError: the actor is neither.
        NotFoundError: no such case.
    """
    case = find_watched_case(session, case_no, actor=actor)
    seen = (seen_by(session, case, each, until=until) for each, until in _actors(session, case, clock))
    return tuple(each for each in seen if each.reasons)


def find_watched_case(session: Session, case_no: str, *, actor: Actor) -> Case:
    """Return a case that the actor watches over, to tell who has to do with it; the audit administrator is not to be
    shown anything of it but its number.

    Raises:
        PermissionDeniedError: the actor neither supervises nor audits.
        NotFoundError: no such case.
    """
    if actor.may(Permission.CASE_SUPERVISE):
        return get_visible_case(session, case_no, actor=actor)
    require(actor, Permission.AUDIT_READ)
    said = case_no if case_no.isprintable() else ""
    case = session.scalar(select(Case).where(Case.no == said))
    if case is None:
        raise NotFoundError("case", case_no)
    return case


def _actors(session: Session, case: Case, clock: Clock) -> Iterator[tuple[Actor, date | None]]:
    """Everybody who could see the case, in their own posts and in those they stand in for."""
    on = office_date(clock.now())
    rows = session.execute(
        select(Appointment, Post, Agency, Person)
        .join(Post, Post.id == Appointment.post_id)
        .join(Agency, Agency.id == Post.agency_id)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Person.is_active,
            held(on),
            in_force(Agency.valid_from, Agency.valid_to, on),
            or_(
                Post.kind.in_(_granted(Permission.CASE_SUPERVISE)),
                Post.kind.in_(_granted(Permission.CASE_READ)) & Agency.id.in_(_concerned(session, case)),
            ),
        )
        .order_by(Agency.id, Post.kind, Post.seat, Person.id)
    ).all()
    own = {
        (person.id, post.id): act_in(person, held_post(appointment, post, agency))
        for appointment, post, agency, person in rows
    }
    for actor in own.values():
        yield actor, None
    yield from _standing_in(session, set(own), on)


def _standing_in(session: Session, principals: set[tuple[int, int]], on: date) -> Iterator[tuple[Actor, date | None]]:
    """Those who act today in one of these posts for one of these people."""
    posts = {post_id for _person, post_id in principals}
    deputies = set(session.scalars(select(Delegation.deputy_id).where(Delegation.post_id.in_(posts))))
    deputies |= set(session.scalars(select(PostBackup.person_id).where(PostBackup.post_id.in_(posts))))
    for person_id in sorted(deputies):
        for stand_in in stand_ins(session, person_id, on):
            if (stand_in.principal_id, stand_in.held.post_id) in principals:
                person = session.get_one(Person, person_id)
                if person.is_active:
                    yield act_for(person_id, person.name_zh, stand_in), stand_in.to_on


def _concerned(session: Session, case: Case) -> set[int]:
    """The agencies that have anything to do with the family; whether that lets them see the case, the rules say."""
    root_id = case.parent_id or case.id
    found = set(session.scalars(select(HumanTask.agency_id).where(HumanTask.root_id == root_id).distinct()))
    found |= set(session.scalars(select(CaseSuccession.to_agency_id).where(CaseSuccession.root_id == root_id)))
    found |= set(session.scalars(select(CaseCopy.agency_id).where(CaseCopy.case_id.in_({case.id, root_id}))))
    return found | {each for each in (case.applicant_agency_id, case.opened_by_agency_id) if each is not None}


def _granted(permission: Permission) -> tuple[PostKind, ...]:
    return tuple(kind for kind, granted in GRANTS.items() if permission in granted)
