"""Accounts outside the demonstration: a person who holds one post of an agency."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency, Appointment, Person, Post
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError
from workflows.events import EventType
from workflows.permissions import PostKind

POST_NAMES = {
    PostKind.CLERK: ("收文员", "Registry clerk"),
    PostKind.HANDLER: ("经办人", "Case handler"),
    PostKind.REVIEWER: ("科室负责人", "Section head"),
    PostKind.LEADER: ("分管领导", "Leader in charge"),
    PostKind.SUPERVISOR: ("督查员", "Supervision officer"),
    PostKind.APPLICANT: ("申请人", "Applicant"),
    PostKind.SYSTEM_ADMIN: ("系统管理员", "System administrator"),
    PostKind.SECURITY_ADMIN: ("安全管理员", "Security administrator"),
    PostKind.AUDIT_ADMIN: ("审计管理员", "Audit administrator"),
    PostKind.INTEGRATION: ("对接系统", "Connected system"),
}
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
_LONGEST = {"name_zh": 60, "name_en": 80}


@dataclass(frozen=True)
class NewAccount:
    """An account to be added.

    Args:
        username: lower case, 3 to 64 characters.
        agency_code: of an agency in force.
        kind: of the post, which is made with the account.
        name_zh, name_en: of the person.
        password_hash: made by the caller.
    """

    username: str
    agency_code: str
    kind: PostKind
    name_zh: str
    name_en: str
    password_hash: str


def add_account(session: Session, account: NewAccount, *, clock: Clock) -> None:
    """Add a person, a post of their own in the agency, and the appointment from today on.

    Raises:
        InvalidInputError: the user name is taken or malformed, there is no such agency, applicants' posts and officers'
            posts are mixed up, or a name is empty or too long.
    """
    errors = errors_in_account(session, account)
    agency = session.scalar(select(Agency).where(Agency.code == account.agency_code))
    if errors or agency is None:
        raise InvalidInputError(errors)
    seat = 1 + (
        session.scalar(select(func.max(Post.seat)).where(Post.agency_id == agency.id, Post.kind == account.kind)) or 0
    )
    post_zh, post_en = POST_NAMES[account.kind]
    post = Post(agency_id=agency.id, kind=account.kind, seat=seat, name_zh=post_zh, name_en=post_en)
    session.add(post)
    person = create_person(session, account, clock=clock)
    session.add(Appointment(post_id=post.id, person_id=person.id, from_on=office_date(clock.now())))
    payload = {"username": account.username, "agency": agency.code, "post": account.kind.value}
    audit.append(session, actor=None, event=EventType.ACCOUNT_ADDED, payload=payload, clock=clock)


def create_person(session: Session, account: NewAccount, *, clock: Clock) -> Person:
    """Add the person alone; the password somebody made for them opens nothing but the page that changes it."""
    person = Person(
        username=account.username,
        name_zh=account.name_zh.strip(),
        name_en=account.name_en.strip(),
        password_hash=account.password_hash,
        must_change_password=account.kind is not PostKind.INTEGRATION,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def errors_in_account(session: Session, account: NewAccount) -> list[FieldError]:
    """Return everything that stands against the account."""
    agency = session.scalar(select(Agency).where(Agency.code == account.agency_code))
    errors = []
    if not _USERNAME.fullmatch(account.username):
        errors.append(FieldError("username", "pattern"))
    elif session.scalar(select(Person.id).where(Person.username == account.username)) is not None:
        errors.append(FieldError("username", "duplicate"))
    if agency is None:
        errors.append(FieldError("agency", "not-in-list"))
    elif agency.outside != (account.kind is PostKind.APPLICANT):
        errors.append(FieldError("post", "not-allowed-there"))
    for field, longest in _LONGEST.items():
        text = str(getattr(account, field)).strip()
        if not text:
            errors.append(FieldError(field, "required"))
        elif not text.isprintable():
            errors.append(FieldError(field, "characters"))
        elif len(text) > longest:
            errors.append(FieldError(field, "too-long", {"maximum": longest}))
    return errors
