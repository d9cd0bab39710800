"""Accounts that are added one by one, as in a system in service."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.org import actor, person, seed_organisation
from workflows import audit
from workflows.agencies.accounts import POST_NAMES, NewAccount, add_account
from workflows.agencies.models import Person
from workflows.audit.models import AuditEntry
from workflows.clock import Clock
from workflows.errors import InvalidInputError
from workflows.events import EventType
from workflows.permissions import PostKind


def new(username: str = "zhang.san", agency: str = "JR", kind: PostKind = PostKind.HANDLER, **names: str) -> NewAccount:
    return NewAccount(
        username, agency, kind, names.get("name_zh", "张三"), names.get("name_en", "Zhang San"), "not-a-hash"
    )


def test_an_account_acts_in_its_post_at_once_and_leaves_its_entry(session: Session, clock: Clock) -> None:
    seed_organisation(session, clock)
    add_account(session, new(), clock=clock)
    session.commit()

    who = actor(session, "zhang.san", clock)
    assert (who.agency_code, who.post_kind, who.person_name) == ("JR", PostKind.HANDLER, "张三")
    assert who.post_id != actor(session, "jr.handler", clock).post_id
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == EventType.ACCOUNT_ADDED)).one()
    assert entry.payload == {"username": "zhang.san", "agency": "JR", "post": "handler"}
    assert audit.verify(session).ok


def test_two_people_get_two_posts_of_one_kind(session: Session, clock: Clock) -> None:
    seed_organisation(session, clock)
    add_account(session, new("zhang.san"), clock=clock)
    add_account(session, new("li.si"), clock=clock)

    assert actor(session, "zhang.san", clock).post_id != actor(session, "li.si", clock).post_id


@pytest.mark.parametrize(
    ("account", "field", "code"),
    [
        (new("jr.handler"), "username", "duplicate"),
        (new("Zhang"), "username", "pattern"),
        (new("a b"), "username", "pattern"),
        (new(agency="NOWHERE"), "agency", "not-in-list"),
        (new(agency="BANK-A"), "post", "not-allowed-there"),
        (new(kind=PostKind.APPLICANT), "post", "not-allowed-there"),
        (new(name_zh=" "), "name_zh", "required"),
        (new(name_en="x" * 81), "name_en", "too-long"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_added(
    session: Session, clock: Clock, account: NewAccount, field: str, code: str
) -> None:
    seed_organisation(session, clock)
    before = set(session.scalars(select(Person.id)))

    with pytest.raises(InvalidInputError) as refusal:
        add_account(session, account, clock=clock)

    assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]
    assert set(session.scalars(select(Person.id))) == before


def test_an_applicant_belongs_to_an_outside_party(session: Session, clock: Clock) -> None:
    seed_organisation(session, clock)
    add_account(session, new(agency="BANK-A", kind=PostKind.APPLICANT), clock=clock)

    assert person(session, "zhang.san").is_active


def test_every_kind_of_post_has_its_names() -> None:
    assert set(POST_NAMES) == set(PostKind)
