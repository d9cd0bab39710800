"""What work is routed by is remembered, and never a moment longer than it holds."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from workflows.agencies.models import Agency, Person, Post
from workflows.agencies.remembering import read_stamp, remember
from workflows.cases.models import HumanTask
from workflows.clock import FixedClock
from workflows.policies.models import Responsibility, ResponsibilityKind, ResponsibilityLine

CHANGES = (
    "UPDATE agency SET short_zh = short_zh",
    "UPDATE agency_group_member SET ordinal = ordinal",
    "UPDATE post SET seat = seat",
    "UPDATE appointment SET to_on = to_on",
    "UPDATE person SET is_active = is_active",
    "UPDATE responsibility SET ordinal = ordinal",
    "UPDATE responsibility_line SET valid_from = valid_from",
    "UPDATE participant SET valid_from = valid_from",
    "DELETE FROM participant",
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_gives_a_new_stamp_by_whatever_way(office: Office, session: Session, change: str) -> None:
    before = read_stamp(session)
    assert before is not None
    session.execute(text(change))
    assert read_stamp(session) not in (None, before)


def test_emptying_a_table_at_once_is_a_change(office: Office, session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        return  # SQLite has no such statement
    before = read_stamp(session)
    session.execute(text("TRUNCATE participant"))
    assert read_stamp(session) not in (None, before)


def test_signing_in_and_choosing_a_language_change_no_stamp(office: Office, session: Session) -> None:
    before = read_stamp(session)
    session.execute(update(Person).values(locale="en"))
    assert read_stamp(session) == before


def test_what_was_rolled_back_is_forgotten_with_its_stamp(office: Office, session: Session) -> None:
    before = read_stamp(session)
    session.commit()
    session.execute(update(Post).values(seat=Post.seat + 100))
    undone = read_stamp(session)
    assert remember(undone, "seats", lambda: "undone") == "undone"
    session.rollback()
    assert read_stamp(session) == before
    session.execute(update(Post).values(seat=Post.seat + 200))
    session.commit()
    assert read_stamp(session) not in (before, undone)
    assert remember(read_stamp(session), "seats", lambda: "done") == "done"


def test_the_next_step_goes_to_whoever_is_responsible_by_then(office: Office, session: Session) -> None:
    for lead in ("JR", "CZ"):
        named = session.scalars(select(Agency).where(Agency.code == lead)).one()
        line = select(ResponsibilityLine.id).where(ResponsibilityLine.no == "2").scalar_subquery()
        session.execute(
            update(Responsibility)
            .where(Responsibility.line_id == line, Responsibility.kind == ResponsibilityKind.LEAD)
            .values(agency_id=named.id)
        )
        session.commit()
        no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
        first = session.scalars(select(HumanTask.agency_id).order_by(HumanTask.id.desc()).limit(1)).one()
        assert first == named.id, (lead, no)


def test_without_a_stamp_nothing_is_remembered() -> None:
    answers = iter((1, 2))
    assert [remember(None, "key", lambda: next(answers)) for _ in range(2)] == [1, 2]
