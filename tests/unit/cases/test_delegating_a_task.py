"""委派: a colleague does a part and hands the task back; whoever delegated it decides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import audit, cases
from workflows.agencies.posts import load_actor
from workflows.cases import CompleteTask, ReturnTask
from workflows.cases.notifications import list_notifications
from workflows.clock import FixedClock, office_date
from workflows.errors import (
    ConcurrencyError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SamePersonError,
    StateConflictError,
    TaskAlreadyClaimedError,
)
from workflows.permissions import PostKind


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def task_id(office: Office) -> int:
    """A formal check in the hands of JR's first handler."""
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    return office.take("jr.handler", "formal_check")


def delegate(office: Office, task_id: int, to: str = "jr.handler2", reason: str = "请核对账号") -> None:
    office.act(cases.delegate_task, "jr.handler", task_id, to_username=to, reason=reason)


def told(office: Office, username: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.kind for row in list_notifications(office.session, actor=who, clock=office.clock).items]


def verbs(office: Office, username: str, task_id: int) -> tuple[str, ...]:
    detail: Any = office.act(cases.get_task, username, task_id)
    return tuple(detail.row.verbs)


def test_the_task_lies_with_the_delegate_and_its_owner_sees_where_it_is(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    assert [row.id for row in office.queue("jr.handler2", "mine")] == [task_id]
    assert office.queue("jr.handler", "mine") == ()
    (away,) = office.queue("jr.handler", "delegated")
    assert away.owner is not None
    assert (away.id, away.owner.code, away.verbs) == (task_id, "jr.handler", ("take_back",))
    assert verbs(office, "jr.handler2", task_id) == ("hand_back",)
    assert verbs(office, "jr.reviewer", task_id) == ()
    assert told(office, "jr.handler2") == ["delegated"]


def test_what_the_delegate_submits_comes_back_as_a_draft_and_moves_nothing(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    moved = office.complete("jr.handler2", task_id, "accept", "材料齐全")
    assert moved.next_steps == ()
    (row,) = office.queue("jr.handler", "mine")
    assert (row.id, row.owner, row.row_version) == (task_id, None, moved.row_version)
    detail: Any = office.act(cases.get_task, "jr.handler", task_id)
    assert (detail.part.proposal.decision, detail.part.proposal.opinion) == ("accept", "材料齐全")
    assert (detail.part.delegate.code, detail.part.reason) == ("jr.handler2", "请核对账号")
    assert office.queue("yanhu.handler") == office.queue("jr.handler2", "done") == ()
    assert told(office, "jr.handler") == ["delegate_done"]
    office.complete("jr.handler", task_id, "accept")
    assert [row.id for row in office.queue("jr.handler", "done")] == [task_id]


def test_the_form_a_delegate_filled_in_starts_the_owners_form(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    items = [{"material": "审计报告", "problem": "缺页", "requirement": "补齐"}]
    office.complete("jr.handler2", task_id, "supplement", "缺审计报告", supplement_items=items)
    detail: Any = office.act(cases.get_task, "jr.handler", task_id)
    assert detail.form_draft == {"supplement_items": items}


def test_a_delegate_may_hand_back_with_a_note_alone(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    office.act(cases.hand_back_task, "jr.handler2", task_id, note="已核对，账号无误")
    detail: Any = office.act(cases.get_task, "jr.handler", task_id)
    assert detail.part.proposal.note == "已核对，账号无误"
    assert verbs(office, "jr.handler", task_id)[0] == "complete"
    with pytest.raises(StateConflictError):
        office.act(cases.hand_back_task, "jr.handler", task_id, note="再交回")


def test_a_delegate_neither_returns_nor_passes_on_nor_releases(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    acts: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (cases.return_task, (ReturnTask(task_id, "有误"),), {}),
        (cases.transfer_task, (task_id,), {"to_username": "jr.handler", "reason": "转回"}),
        (cases.delegate_task, (task_id,), {"to_username": "jr.handler", "reason": "再委派"}),
        (cases.release_task, (task_id,), {}),
    ]
    for service, args, kwargs in acts:
        with pytest.raises(StateConflictError):
            office.act(service, "jr.handler2", *args, **kwargs)
    assert [row.id for row in office.queue("jr.handler2", "mine")] == [task_id]


def test_an_owner_takes_back_what_is_away_and_nobody_else_does(office: Office, task_id: int) -> None:
    with pytest.raises(StateConflictError):
        office.act(cases.take_back_task, "jr.handler", task_id)
    delegate(office, task_id)
    with pytest.raises(TaskAlreadyClaimedError):
        office.complete("jr.handler", task_id, "accept")
    with pytest.raises(TaskAlreadyClaimedError):
        office.act(cases.take_back_task, "jr.reviewer", task_id)
    with pytest.raises(NotFoundError):
        office.act(cases.take_back_task, "cz.handler", task_id)
    office.act(cases.take_back_task, "jr.handler", task_id)
    assert office.queue("jr.handler2", "mine") == office.queue("jr.handler", "delegated") == ()
    detail: Any = office.act(cases.get_task, "jr.handler", task_id)
    assert detail.part is None


@pytest.mark.parametrize(
    ("to", "reason", "wrong"),
    [
        ("jr.handler", "请代办", "to"),
        ("cz.handler", "请代办", "to"),
        ("jr.reviewer", "请代办", "to"),
        ("nobody", "请代办", "to"),
        ("\x00", "请代办", "to"),
        ("长" * 3000, "请代办", "to"),
        ("jr.handler2", " ", "reason"),
        ("jr.handler2", "长" * 2001, "reason"),
        ("jr.handler2", "\x07", "reason"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    office: Office, task_id: int, to: str, reason: str, wrong: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        delegate(office, task_id, to, reason)
    assert [error.field for error in refused.value.errors] == [wrong]
    assert [row.id for row in office.queue("jr.handler", "mine")] == [task_id]


def test_only_a_task_in_hand_can_be_delegated_and_only_inside_the_administration(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    waiting = office.find("jr.handler", "formal_check").id
    with pytest.raises(StateConflictError):
        delegate(office, waiting)
    for stranger, refusal in (("cz.handler", NotFoundError), ("enterprise-a.applicant", PermissionDeniedError)):
        with pytest.raises(refusal):
            office.act(cases.delegate_task, stranger, waiting, to_username="jr.handler2", reason="请代办")


def test_a_stale_version_hands_nothing_back(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    with pytest.raises(ConcurrencyError):
        office.act(cases.complete_task, "jr.handler2", CompleteTask(task_id, "accept", row_version=1))
    with pytest.raises(ConcurrencyError):
        office.act(cases.hand_back_task, "jr.handler2", task_id, note="已核对", row_version=1)
    assert [row.id for row in office.queue("jr.handler2", "mine")] == [task_id]


def as_reviewer(office: Office, username: str) -> Any:
    """The person in a second post, as section head."""
    who = person(office.session, username)
    post = make_post(office.session, agency(office.session, "JR"), PostKind.REVIEWER, seat=10 + who.id)
    appoint(office.session, who, post)
    office.session.commit()
    return load_actor(office.session, who.id, post.id, office_date(office.clock.now()))


def test_who_did_a_part_is_kept_apart_like_who_submitted_it(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    delegate(office, task_id)
    office.act(cases.hand_back_task, "jr.handler2", task_id, note="已拟稿")
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    review = office.find("jr.reviewer", "section_review").id
    for username in ("jr.handler", "jr.handler2"):
        with pytest.raises(SamePersonError):
            cases.claim_task(office.session, review, actor=as_reviewer(office, username), clock=office.clock)
        office.session.rollback()
    office.claim("jr.reviewer", review)


def test_a_part_that_was_taken_back_keeps_nobody_apart(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    task_id = office.take("jr.handler", "municipal_review")
    delegate(office, task_id)
    office.act(cases.take_back_task, "jr.handler", task_id)
    office.complete("jr.handler", task_id, "file", "拟同意申报")
    review = office.find("jr.reviewer", "section_review").id
    second = as_reviewer(office, "jr.handler2")
    assert cases.claim_task(office.session, review, actor=second, clock=office.clock).id == review
    office.session.commit()


def test_a_task_is_not_delegated_to_somebody_who_must_be_kept_apart(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")
    as_reviewer(office, "jr.handler")
    review = office.take("jr.reviewer", "section_review")
    with pytest.raises(SamePersonError):
        office.act(cases.delegate_task, "jr.reviewer", review, to_username="jr.handler", reason="请代办")


def test_each_step_of_it_is_told_in_the_history(office: Office, task_id: int) -> None:
    delegate(office, task_id)
    office.act(cases.hand_back_task, "jr.handler2", task_id, note="已核对")
    no = office.queue("jr.handler", "mine")[0].case_no
    who = actor(office.session, "jr.handler", office.clock)
    events = cases.list_events(office.session, no, actor=who).items
    told_of = [(event.event, event.receiver.code if event.receiver else None) for event in events[-2:]]
    assert told_of == [("task.delegated", "jr.handler2"), ("task.handed-back", None)]
    applicant = actor(office.session, "enterprise-a.applicant", office.clock)
    seen = cases.list_events(office.session, no, actor=applicant).items
    assert not [event for event in seen if event.event.startswith("task.delegated")]
    assert audit.verify(office.session).ok
