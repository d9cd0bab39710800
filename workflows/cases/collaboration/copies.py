"""抄送 and 阅知: let agencies or people read a case, and see who has read it. It holds nothing up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows import audit
from workflows.agencies.directory import get_agency
from workflows.agencies.models import Agency, Person
from workflows.agencies.posts import candidates, posts_of
from workflows.cases.access import get_own_case, get_visible_case, require, root_id_of, takes_part
from workflows.cases.aggregate import lock_family
from workflows.cases.collaboration.copy_queue import COPY_KEYS
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.complete_task import check_text
from workflows.cases.grounds import copied_to
from workflows.cases.models import Case
from workflows.cases.notifications import NotificationKind, notify
from workflows.cases.telling import facts_of
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind

MOST_AT_ONCE = 50

_ToPerson, _Reader, _Sender = aliased(Person), aliased(Person), aliased(Person)
_SenderAgency = aliased(Agency)


@dataclass(frozen=True)
class CopyRow:
    """A copy with its receipt.

    Args:
        key: as queues name it.
        person: the one it is for, or None for the whole agency.
        read_by, read_at: the receipt.
        withdrawable: the reader may withdraw it now.
    """

    key: int
    agency: Named
    person: Named | None
    note: str | None
    sent_at: datetime
    sent_by: Named
    sent_by_agency: Named
    read_at: datetime | None
    read_by: Named | None
    withdrawn_at: datetime | None
    withdrawable: bool


@dataclass(frozen=True)
class _Addressee:
    agency_id: int
    agency_code: str
    person: Person | None


def send_copies(
    session: Session, case_no: str, *, to: Sequence[str], note: str | None, actor: Actor, clock: Clock
) -> tuple[CopyRow, ...]:
    """Copy a case to agencies (by code) and people (by user name); return all copies of the case.

    Raises:
        NotFoundError: no such case for the actor.
        PermissionDeniedError: the actor may only read the case themselves.
        InvalidInputError: nobody, too many, unknown ones, bodies outside government, or some who have it (`to.<n>`);
            too long a note (`note`).
    """
    require(actor, Permission.CASE_COPY)
    case = get_own_case(session, case_no, Permission.CASE_COPY, actor=actor)
    check_text(note or "", "note")
    if not 1 <= len(to) <= MOST_AT_ONCE:
        raise InvalidInputError([FieldError("to", "too-few" if not to else "too-many", {"maximum": MOST_AT_ONCE})])
    lock_family(session, root_id_of(case))
    addressees = _addressees(session, case, to, actor, clock)
    text = (note or "").strip() or None
    for each in addressees:
        _send(session, case, each, text, actor, clock)
    session.flush()
    return copies_of(session, case_no, actor=actor)


def copies_of(session: Session, case_no: str, *, actor: Actor) -> tuple[CopyRow, ...]:
    """Return the copies of a case, oldest first; whoever has only a copy sees only their own.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_COPY)
    case = get_visible_case(session, case_no, actor=actor)
    query = _rows().where(CaseCopy.case_id == case.id).order_by(CaseCopy.id)
    if not takes_part(session, case, actor):
        query = query.where(*copied_to(actor))
    return tuple(_view(row, actor) for row in session.execute(query))


def withdraw_copy(session: Session, case_no: str, key: int, *, actor: Actor, clock: Clock) -> CopyRow:
    """Take a copy back: who sent it may, or a head of the sender's agency. Read or not, it lets nobody in any more.

    Raises:
        NotFoundError: no such copy of a case of the actor's.
        PermissionDeniedError: it is not the actor's to withdraw.
        StateConflictError: withdrawn already.
    """
    require(actor, Permission.CASE_COPY)
    case = get_visible_case(session, case_no, actor=actor)
    lock_family(session, root_id_of(case))
    row = session.execute(_rows().where(CaseCopy.id == key - COPY_KEYS, CaseCopy.case_id == case.id)).one_or_none()
    if row is None:
        raise NotFoundError("copy", key)
    copy: CaseCopy = row.CaseCopy
    if not _may_withdraw(copy, actor):
        if not _is_for(copy, actor) and not takes_part(session, case, actor):
            raise NotFoundError("copy", key)
        raise PermissionDeniedError(Permission.CASE_COPY, "not-sender")
    if copy.withdrawn_at is not None:
        raise StateConflictError("copy", key, "withdrawn", "withdraw")
    copy.withdrawn_at = clock.now()
    session.flush()
    _record(session, EventType.COPY_WITHDRAWN, copy, row.Agency.code, row[2], actor, clock)
    return _view(row, actor)


def acknowledge_copy(session: Session, key: int, *, actor: Actor, clock: Clock) -> CopyRow:
    """阅知: note that the copy was read; once noted, reading it again changes nothing.

    Raises:
        NotFoundError: no such copy for the actor.
    """
    require(actor, Permission.CASE_COPY)
    copy_id = key - COPY_KEYS
    row = session.execute(
        _rows().where(CaseCopy.id == copy_id, *copied_to(actor)).with_for_update(of=CaseCopy)
    ).one_or_none()
    if row is None:
        raise NotFoundError("task", key)
    copy: CaseCopy = row.CaseCopy
    if copy.acknowledged_at is None:
        copy.acknowledged_at, copy.acknowledged_by_person_id = clock.now(), actor.person_id
        session.flush()
        _record(session, EventType.COPY_ACKNOWLEDGED, copy, row.Agency.code, row[2], actor, clock)
        row = session.execute(_rows().where(CaseCopy.id == copy_id)).one()
    return _view(row, actor)


def _addressees(session: Session, case: Case, to: Sequence[str], actor: Actor, clock: Clock) -> tuple[_Addressee, ...]:
    on = office_date(clock.now())
    has = {
        (row.agency_id, row.person_id)
        for row in session.execute(
            select(CaseCopy.agency_id, CaseCopy.person_id).where(
                CaseCopy.case_id == case.id, CaseCopy.withdrawn_at.is_(None)
            )
        )
    }
    found: list[_Addressee] = []
    errors: list[FieldError] = []
    for number, named in enumerate(to):
        addressee = _find(session, named.strip(), on)
        if addressee is None:
            errors.append(FieldError(f"to.{number}", "not-in-list"))
            continue
        key = (addressee.agency_id, addressee.person.id if addressee.person else None)
        if key[1] in actor.person_ids:
            errors.append(FieldError(f"to.{number}", "oneself"))
        elif key in has:
            errors.append(FieldError(f"to.{number}", "duplicate"))
        has.add(key)
        found.append(addressee)
    if errors:
        raise InvalidInputError(errors)
    return tuple(found)


def _find(session: Session, named: str, on: Any) -> _Addressee | None:
    """An agency inside government by its code, or one of its officers by user name."""
    if not named or not named.isprintable() or len(named) > 64:
        return None
    try:
        agency = get_agency(session, named, on)
        return None if agency.outside else _Addressee(agency.id, agency.code, None)
    except NotFoundError:
        pass
    person = session.scalar(select(Person).where(Person.username == named.lower(), Person.is_active))
    if person is None:
        return None
    for held in posts_of(session, person.id, on):
        outside = session.scalar(select(Agency.outside).where(Agency.id == held.agency_id))
        if not outside and Actor(person.id, "", held.post_id, held.kind, held.agency_id, "", "").may(
            Permission.CASE_COPY
        ):
            return _Addressee(held.agency_id, held.agency_code, person)
    return None


def _send(session: Session, case: Case, addressee: _Addressee, note: str | None, actor: Actor, clock: Clock) -> None:
    person = addressee.person
    copy = CaseCopy(
        case_id=case.id,
        agency_id=addressee.agency_id,
        person_id=person.id if person else None,
        note=note,
        sent_at=clock.now(),
        sent_by_person_id=actor.person_id,
        sent_by_agency_id=actor.agency_id,
    )
    session.add(copy)
    session.flush()
    _record(session, EventType.CASE_COPIED, copy, addressee.agency_code, person, actor, clock, note)
    told = {person.id} if person else _registry(session, addressee.agency_id, clock)
    notify(
        session,
        person_ids=told - {actor.person_id},
        kind=NotificationKind.COPIED,
        case_id=case.id,
        facts=facts_of(actor, note),
        clock=clock,
    )


def _registry(session: Session, agency_id: int, clock: Clock) -> set[int]:
    """Who takes in what comes to an agency: its clerks, or where it has none its handlers."""
    on = office_date(clock.now())
    for kind in (PostKind.CLERK, PostKind.HANDLER, PostKind.SUPERVISOR):
        found = {each.person_id for each in candidates(session, agency_id, kind, on)}
        if found:
            return found
    return set()


def _record(
    session: Session,
    event: EventType,
    copy: CaseCopy,
    agency_code: str,
    person: Person | None,
    actor: Actor,
    clock: Clock,
    note: str | None = None,
) -> None:
    payload = {"copy": copy.id, "agency": agency_code}
    if person is not None:
        payload["to"] = person.username
    if note:
        payload["note"] = note
    audit.append(session, actor=actor, event=event, case_id=copy.case_id, payload=payload, clock=clock)


def _is_for(copy: CaseCopy, actor: Actor) -> bool:
    return copy.agency_id == actor.agency_id and copy.person_id in (None, actor.holder_id)


def _may_withdraw(copy: CaseCopy, actor: Actor) -> bool:
    if copy.sent_by_agency_id != actor.agency_id:
        return False
    return copy.sent_by_person_id in actor.person_ids or actor.may(Permission.TASK_ASSIGN)


def _rows() -> Any:
    return (
        select(CaseCopy, Agency, _ToPerson, _Sender, _SenderAgency, _Reader)
        .join(Agency, Agency.id == CaseCopy.agency_id)
        .outerjoin(_ToPerson, _ToPerson.id == CaseCopy.person_id)
        .join(_Sender, _Sender.id == CaseCopy.sent_by_person_id)
        .join(_SenderAgency, _SenderAgency.id == CaseCopy.sent_by_agency_id)
        .outerjoin(_Reader, _Reader.id == CaseCopy.acknowledged_by_person_id)
    )


def _view(row: Any, actor: Actor) -> CopyRow:
    copy, agency, person, sender, sender_agency, reader = row
    return CopyRow(
        key=COPY_KEYS + copy.id,
        agency=Named(agency.code, agency.short_zh, agency.short_en),
        person=_named(person),
        note=copy.note,
        sent_at=copy.sent_at,
        sent_by=Named(sender.username, sender.name_zh, sender.name_en),
        sent_by_agency=Named(sender_agency.code, sender_agency.short_zh, sender_agency.short_en),
        read_at=copy.acknowledged_at,
        read_by=_named(reader),
        withdrawn_at=copy.withdrawn_at,
        withdrawable=copy.withdrawn_at is None and _may_withdraw(copy, actor),
    )


def _named(person: Person | None) -> Named | None:
    return Named(person.username, person.name_zh, person.name_en) if person else None
