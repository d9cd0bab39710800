"""What a person keeps on their own desk: drafts, phrases, views and what they have read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows.cases import desk
from workflows.cases.desk.drafts import DRAFT_LIFE
from workflows.cases.desk.phrases import MAX_PHRASES
from workflows.cases.desk.saved_views import MAX_VIEWS
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, StateConflictError
from workflows.permissions import Actor


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def me(office: Office) -> Actor:
    return actor(office.session, "jr.handler", office.clock)


@pytest.fixture
def task_id(office: Office) -> int:
    """A task that 经办人甲 of the finance office holds."""
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    return office.take("jr.handler", "formal_check")


def keep(office: Office, me: Actor, **changes: object) -> None:
    command = desk.SaveDraft(**{"opinion": "写到一半", **changes})  # type: ignore[arg-type]
    desk.save_draft(office.session, command, actor=me, clock=office.clock)
    office.session.commit()


def find(office: Office, task_id: int, who: Actor) -> desk.TaskDraftView | None:
    return desk.find_draft(office.session, task_id, actor=who, clock=office.clock)


def test_a_draft_comes_back_as_it_was_left(office: Office, me: Actor, task_id: int) -> None:
    keep(office, me, task_id=task_id, decision="accept", data={"supplement_items": [{"material": "报告"}]})
    keep(office, me, task_id=task_id, decision="supplement", data={"supplement_items": [{"material": "审计报告"}]})
    draft = find(office, task_id, me)
    assert draft is not None
    assert (draft.decision, draft.opinion, draft.stale) == ("supplement", "写到一半", False)
    assert draft.data == {"supplement_items": [{"material": "审计报告"}]}
    assert draft.saved_at == office.clock.now()


def test_a_draft_of_an_older_state_of_the_task_says_so(office: Office, me: Actor, task_id: int) -> None:
    keep(office, me, task_id=task_id, row_version=1)
    draft = find(office, task_id, me)
    assert draft is not None
    assert draft.stale


def test_a_draft_is_its_writers_and_only_while_they_hold_the_task(office: Office, me: Actor, task_id: int) -> None:
    keep(office, me, task_id=task_id)
    colleague = actor(office.session, "jr.handler2", office.clock)
    assert find(office, task_id, colleague) is None
    with pytest.raises(StateConflictError):
        keep(office, colleague, task_id=task_id)
    with pytest.raises(NotFoundError):
        keep(office, actor(office.session, "cz.handler", office.clock), task_id=task_id)
    office.complete("jr.handler", task_id, "accept")
    assert find(office, task_id, me) is None


def test_a_draft_runs_out_and_goes(office: Office, me: Actor, task_id: int, clock: FixedClock) -> None:
    keep(office, me, task_id=task_id)
    clock.advance(DRAFT_LIFE + timedelta(seconds=1))
    assert find(office, task_id, me) is None
    desk.discard_draft(office.session, task_id, actor=me)
    desk.discard_draft(office.session, task_id, actor=me)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opinion": "字" * 2001},
        {"opinion": "零\0"},
        {"decision": "x" * 41},
        {"data": {"name": "零\0"}},
        {"data": {"rows": [{"name": "\ud800"}]}},
        {"data": {"name": "长" * 80_000}},
    ],
)
def test_what_no_draft_can_hold_is_refused(office: Office, me: Actor, task_id: int, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        keep(office, me, task_id=task_id, **wrong)
    assert find(office, task_id, me) is None


def test_phrases_are_ones_own_and_kept_once(office: Office, me: Actor) -> None:
    for _ in range(2):
        desk.add_phrase(office.session, "  材料  齐全 ", decision="accept", actor=me, clock=office.clock)
    (phrase,) = desk.list_phrases(office.session, actor=me)
    assert (phrase.text, phrase.decision) == ("材料 齐全", "accept")
    other = actor(office.session, "jr.handler2", office.clock)
    assert desk.list_phrases(office.session, actor=other) == ()
    with pytest.raises(NotFoundError):
        desk.remove_phrase(office.session, phrase.id, actor=other)
    desk.remove_phrase(office.session, phrase.id, actor=me)
    assert desk.list_phrases(office.session, actor=me) == ()


@pytest.mark.parametrize(("text", "decision"), [("", ""), ("字" * 201, ""), ("零\0", ""), ("好", "no such;")])
def test_a_phrase_that_cannot_be_kept_is_refused(office: Office, me: Actor, text: str, decision: str) -> None:
    with pytest.raises(InvalidInputError):
        desk.add_phrase(office.session, text, decision=decision, actor=me, clock=office.clock)


def test_there_is_an_end_to_phrases_and_views(office: Office, me: Actor) -> None:
    for number in range(MAX_PHRASES):
        desk.add_phrase(office.session, f"常用语{number}", actor=me, clock=office.clock)
    with pytest.raises(InvalidInputError):
        desk.add_phrase(office.session, "再来一句", actor=me, clock=office.clock)
    for number in range(MAX_VIEWS):
        desk.save_view(office.session, f"视图{number}", "queue=mine", actor=me, clock=office.clock)
    desk.save_view(office.session, "视图0", "queue=done", actor=me, clock=office.clock)
    with pytest.raises(InvalidInputError):
        desk.save_view(office.session, "再来一个", "queue=mine", actor=me, clock=office.clock)
    assert desk.list_views(office.session, actor=me)[0].query == "queue=done"


@pytest.mark.parametrize(("name", "query"), [(" ", "queue=mine"), ("好" * 41, ""), ("好", "x" * 501), ("好", "待办")])
def test_a_view_that_cannot_be_kept_is_refused(office: Office, me: Actor, name: str, query: str) -> None:
    with pytest.raises(InvalidInputError):
        desk.save_view(office.session, name, query, actor=me, clock=office.clock)


def test_a_view_is_removed_by_its_owner_alone(office: Office, me: Actor) -> None:
    desk.save_view(office.session, "本周", "queue=mine", actor=me, clock=office.clock)
    (view,) = desk.list_views(office.session, actor=me)
    with pytest.raises(NotFoundError):
        desk.remove_view(office.session, view.id, actor=actor(office.session, "jr.handler2", office.clock))
    desk.remove_view(office.session, view.id, actor=me)
    assert desk.list_views(office.session, actor=me) == ()


def test_a_task_is_unread_until_one_has_opened_it(office: Office, me: Actor, task_id: int) -> None:
    assert desk.unseen(office.session, [task_id], actor=me) == {task_id}
    for _ in range(2):
        desk.mark_seen(office.session, task_id, actor=me, clock=office.clock)
    assert desk.unseen(office.session, [task_id], actor=me) == frozenset()
    other = actor(office.session, "jr.handler2", office.clock)
    assert desk.unseen(office.session, [task_id], actor=other) == {task_id}
