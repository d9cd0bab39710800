"""People, posts, appointments and requests for grants."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Code, Incoming, Outgoing, PageQuery, RowVersion
from workflows.agencies.directory import AgencyRef
from workflows.agencies.grants import Grant
from workflows.agencies.people import AppointmentView, PersonView, PostView
from workflows.permissions import PostKind

Day = Annotated[date, Field(strict=False)]
Kind = Annotated[PostKind, Field(strict=False)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PeopleQuery(PageQuery):
    """Which people."""

    q: Annotated[str, StringConstraints(max_length=200)] = ""
    agency: Code | None = None


class PostQuery(PageQuery):
    """Which posts."""

    agency: Code | None = None
    post: Kind | None = None


class AppointmentQuery(PageQuery):
    """Whose appointments."""

    username: Code | None = None


class GrantQuery(PageQuery):
    """Which requests."""

    status: Literal["requested", "approved", "refused", "withdrawn"] | None = None


class NewPerson(Incoming):
    """An account with a first post."""

    username: Name
    name: Name
    name_en: Name | None = None
    agency: Code
    post: Kind
    from_on: Day | None = None
    to_on: Day | None = None


class NewAppointment(Incoming):
    """A further post for somebody."""

    username: Name
    agency: Code
    post: Kind
    from_on: Day | None = None
    to_on: Day | None = None


class Approval(Incoming):
    """The request as the approver saw it."""

    row_version: RowVersion


class Refusal(Incoming):
    """The request as the reader saw it, and why it is refused or withdrawn."""

    row_version: RowVersion
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Appointment(Outgoing):
    """A person in a post; `ended_at` where it was ended before its time."""

    id: int
    person_id: int
    username: str
    name: str
    post_id: int
    post: str
    seat: int
    agency: str
    agency_name: str
    from_on: date
    to_on: date | None
    ended_at: datetime | None
    in_force: bool


class Person(Outgoing):
    """Somebody with an account."""

    id: int
    username: str
    name: str
    active: bool
    created_at: datetime
    appointments: list[Appointment]
    """Held today; for one person alone, past ones and those to come as well."""


class OnePerson(Person):
    """Somebody with an account, in full."""

    second_factor: bool


class Post(Outgoing):
    """A post and who holds it today."""

    id: int
    post: str
    seat: int
    agency: str
    agency_name: str
    holders: list[Appointment]


class ListedAgency(Outgoing):
    """An agency."""

    code: str
    name: str
    full_name: str
    kind: str
    outside: bool
    vertical: bool
    signs_for_work: bool


class GrantRequest(Outgoing):
    """Something the system administrator asked for and another person decides."""

    id: int
    kind: str
    status: str
    username: str
    name: str
    agency: str | None
    post: str | None
    from_on: date | None
    to_on: date | None
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    row_version: int


class GrantWithPassword(Outgoing):
    """A request, and the password that opens the account once it is approved; told this once."""

    request: GrantRequest
    password: str


class PersonList(Outgoing):
    """People, by user name."""

    items: list[Person]
    next: str | None


class PostList(Outgoing):
    """Posts, in the order they were made."""

    items: list[Post]
    next: str | None


class AppointmentList(Outgoing):
    """Appointments, in the order they were made."""

    items: list[Appointment]
    next: str | None


class AgencyList(Outgoing):
    """Agencies."""

    items: list[ListedAgency]
    next: str | None


class GrantList(Outgoing):
    """Requests, the newest first."""

    items: list[GrantRequest]
    next: str | None


def appointment(view: AppointmentView, language: Language) -> Appointment:
    """Return an appointment as content."""
    english = language == "en"
    return Appointment(
        id=view.id,
        person_id=view.person_id,
        username=view.username,
        name=view.person_en if english else view.person_zh,
        post_id=view.post_id,
        post=view.kind.value,
        seat=view.seat,
        agency=view.agency_code,
        agency_name=view.agency_en if english else view.agency_zh,
        from_on=view.from_on,
        to_on=view.to_on,
        ended_at=view.ended_at,
        in_force=view.in_force,
    )


def person(view: PersonView, language: Language) -> Person:
    """Return a person as content."""
    return Person(
        id=view.id,
        username=view.username,
        name=view.name_en if language == "en" else view.name_zh,
        active=view.active,
        created_at=view.created_at,
        appointments=[appointment(one, language) for one in view.appointments],
    )


def post(view: PostView, language: Language) -> Post:
    """Return a post as content."""
    return Post(
        id=view.id,
        post=view.kind.value,
        seat=view.seat,
        agency=view.agency_code,
        agency_name=view.agency_en if language == "en" else view.agency_zh,
        holders=[appointment(one, language) for one in view.holders],
    )


def listed_agency(ref: AgencyRef, language: Language) -> ListedAgency:
    """Return an agency as content."""
    english = language == "en"
    return ListedAgency(
        code=ref.code,
        name=ref.short_en if english else ref.short_zh,
        full_name=ref.name_en if english else ref.name_zh,
        kind=ref.kind.value,
        outside=ref.outside,
        vertical=ref.vertical,
        signs_for_work=ref.signs_for_work,
    )


def grant_request(grant: Grant, language: Language) -> GrantRequest:
    """Return a request as content."""
    english = language == "en"
    return GrantRequest(
        id=grant.id,
        kind=grant.kind.value,
        status=grant.status.value,
        username=grant.username,
        name=grant.name_en if english else grant.name_zh,
        agency=grant.agency_code,
        post=None if grant.post_kind is None else grant.post_kind.value,
        from_on=grant.from_on,
        to_on=grant.to_on,
        requested_by=grant.requester_en if english else grant.requester_zh,
        requested_at=grant.requested_at,
        decided_by=grant.decider_en if english else grant.decider_zh,
        decided_at=grant.decided_at,
        reason=grant.note,
        row_version=grant.row_version,
    )
