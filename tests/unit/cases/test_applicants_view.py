"""What applicants are told, and what stays inside the administration."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.org import actor
from workflows import cases
from workflows.cases import EventRow
from workflows.clock import FixedClock


def events(office: Office, username: str, case_no: str) -> tuple[EventRow, ...]:
    who = actor(office.session, username, office.clock)
    return cases.list_events(office.session, case_no, actor=who).items


def test_an_applicant_sees_the_steps_but_no_officers_opinion(session: Session, clock: FixedClock) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    case_no = office.accept("YHQ")
    office.verify(case_no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="内部意见：拟同意申报")

    seen = events(office, "enterprise-a.applicant", case_no)
    assert "municipal_review" in {event.node_id for event in seen}
    assert not any("opinion" in event.payload for event in seen)
    assert not {event.event for event in seen} & {"task.claimed", "task.released"}

    inside = events(office, "jr.reviewer", case_no)
    assert "内部意见：拟同意申报" in {event.payload.get("opinion") for event in inside}
