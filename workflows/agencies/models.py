"""Tables of the organisation: agencies and their groups, posts, and the people who hold them.

All pairs of dates are first and last day, both included (see `dating`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.permissions import PostKind
from workflows.persistence import Base, UtcDateTime


class AgencyKind(StrEnum):
    """What sort of body an agency is."""

    MUNICIPAL = "municipal"
    COUNTY = "county"
    """A county-level government, the development zone's committee included."""
    COUNTY_FINANCE = "county_finance"
    PROVINCIAL = "provincial"
    CENTRAL = "central"
    COURT = "court"
    COMPANY = "company"
    BANK = "bank"
    INSURER = "insurer"
    GUARANTOR = "guarantor"
    ENTERPRISE = "enterprise"
    OFFICE = "office"


def stored_as_value(kind: type[StrEnum], *, length: int = 20) -> Enum:
    """Return the column type that keeps a `StrEnum` by its value, as plain text."""
    return Enum(kind, native_enum=False, length=length, values_callable=lambda members: [m.value for m in members])


class Agency(Base):
    """A body that acts on cases, inside government or outside it."""

    __tablename__ = "agency"
    __table_args__ = (
        CheckConstraint("successor_id IS NULL OR valid_to IS NOT NULL", name="successor_needs_an_end"),
        Index("ix_agency_document_prefix", "document_prefix", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    """Official name in full, for documents."""
    short_zh: Mapped[str] = mapped_column(String(60))
    """Standard short form, for screens."""
    name_en: Mapped[str] = mapped_column(String(160))
    short_en: Mapped[str] = mapped_column(String(80))
    kind: Mapped[AgencyKind] = mapped_column(stored_as_value(AgencyKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    vertical: Mapped[bool] = mapped_column(default=False)
    """Reports to its own superior, not to the city: gets letters, never supervision orders."""
    outside: Mapped[bool] = mapped_column(default=False)
    """Outside government: banks, insurers, guarantors, enterprises."""
    signs_for_work: Mapped[bool] = mapped_column(default=False)
    """A task waits in the agency's inbox until somebody signs for it."""
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    """Unified social credit code, for bodies that apply."""
    document_prefix: Mapped[str | None] = mapped_column(String(20))
    """机关代字: what its document numbers begin with, such as 运金办."""
    phone: Mapped[str | None] = mapped_column(String(30))
    """Named in its documents."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    """Who takes over after `valid_to`."""


class AgencyGroup(Base):
    """A collective name in a policy text, such as 各银行业金融机构."""

    __tablename__ = "agency_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    short_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(160))
    short_en: Mapped[str] = mapped_column(String(80))


class AgencyGroupMember(Base):
    """One agency's membership of a group, for some days."""

    __tablename__ = "agency_group_member"
    __table_args__ = (UniqueConstraint("group_id", "agency_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("agency_group.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    ordinal: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Place in the customary order of the members."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    """Kept in lower case."""
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    """`zh` or `en`."""
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the password was last chosen by its owner; None counts from `created_at`."""
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody else set the password: it opens nothing but the page that changes it."""


class Post(Base):
    """A place to be filled in an agency; acts carry it."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("agency_id", "kind", "seat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[PostKind] = mapped_column(stored_as_value(PostKind))
    seat: Mapped[int] = mapped_column(SmallInteger, default=1)
    """Counts the posts of one kind in one agency, from 1."""
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))


class Appointment(Base):
    """A person holds a post, for some days."""

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("post_id", "person_id", "from_on"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days_in_order"),
        Index("ix_appointment_person_id_from_on", "person_id", "from_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Ended before its time, at this instant of the day `to_on`; from then on the post is not held any more."""


class GrantKind(StrEnum):
    """What one administrator asks for and another has to approve."""

    ACCOUNT = "account"
    """A new account with a first post."""
    APPOINTMENT = "appointment"
    """A further post for somebody."""
    PASSWORD = "password"  # noqa: S105  # the name of a kind
    """A new password for somebody who has lost theirs."""
    RESTORATION = "restoration"
    """An account that was closed is to work again."""


class GrantStatus(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class GrantRequest(Base):
    """Something the system administrator wants to grant; nothing of it is in force before another person approves."""

    __tablename__ = "grant_request"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_persons"),
        CheckConstraint("decided_by IS NULL OR kind = 'account' OR decided_by <> person_id", name="not_for_oneself"),
        CheckConstraint("status <> 'approved' OR decided_by IS NOT NULL", name="approved_by_somebody"),
        CheckConstraint("status = 'requested' OR password_hash IS NULL", name="password_is_not_kept"),
        Index("ix_grant_request_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[GrantKind] = mapped_column(stored_as_value(GrantKind))
    status: Mapped[GrantStatus] = mapped_column(stored_as_value(GrantStatus), default=GrantStatus.REQUESTED)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Whom it concerns; for a new account, once it is there."""
    username: Mapped[str] = mapped_column(String(64))
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    post_kind: Mapped[PostKind | None] = mapped_column(stored_as_value(PostKind))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Waits for the approval and is forgotten with the decision."""
    requested_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(500), default="")
    """Why it was refused or withdrawn."""
    row_version: Mapped[int] = mapped_column(default=1)


class DirectoryStamp(Base):
    """One row that changes, by trigger, with everything that work is routed by; see `remembering`."""

    __tablename__ = "directory_stamp"
    __table_args__ = (CheckConstraint("id = 1", "one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)
    """Random, so that one that was rolled back never comes again."""
