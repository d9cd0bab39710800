"""工作交接: own work and a colleague's, drafts too; who only stands in arranges nothing of the kind."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, person
from workflows.agencies import deputies
from workflows.agencies.deputies import NewAbsence, NewBackup, NewDelegation, load_acting
from workflows.agencies.models import Post
from workflows.audit.models import AuditEntry
from workflows.cases.collaboration.deputising import (
    cut_absence_short,
    delegate_work,
    dismiss_backup,
    name_backup,
    record_absence,
)
from workflows.cases.collaboration.hand_over import hand_over
from workflows.cases.collaboration.holdings import count_holdings
from workflows.cases.materials.drafts import MAX_DRAFTS, list_applications, save_application
from workflows.cases.notifications import list_notifications
from workflows.cases.views import NotificationRow
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from workflows.permissions import Actor

MONDAY, FRIDAY = date(2019, 10, 14), date(2019, 10, 18)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def in_place_of(office: Office, username: str, principal: str, scope: str) -> Actor:
    office.act(delegate_work, principal, NewDelegation(username, MONDAY, FRIDAY, scope=scope))
    post_id = actor(office.session, principal, office.clock).post_id
    return load_acting(office.session, person(office.session, username).id, post_id, MONDAY)


def notices(office: Office, username: str) -> tuple[NotificationRow, ...]:
    who = actor(office.session, username, office.clock)
    return list_notifications(office.session, actor=who, clock=office.clock).items


def told(office: Office, username: str) -> list[str]:
    return [row.kind for row in notices(office, username)]


def payloads(office: Office, name: str) -> list[dict[str, object]]:
    return list(office.session.scalars(select(AuditEntry.payload).where(AuditEntry.event == name)))


def test_an_officer_hands_over_tasks_cases_and_drafts_of_their_own(office: Office) -> None:
    office.open("enterprise-b.applicant", application(issuer(1, "HEJIN")))
    task = office.take("jr.handler", "formal_check")
    no = office.open("jr.handler", application(issuer(0, "YHQ"))).case_no
    draft = office.act(save_application, "jr.handler", "bond_subsidy", {"bond_name": "起草"})
    held = office.act(count_holdings, "jr.handler", "jr.handler")
    assert (held.tasks, held.cases, held.drafts) == (1, 1, 1)

    done = office.act(hand_over, "jr.handler", "jr.handler", to_username="jr.handler2", reason="调离")

    assert [(each.kind, each.refused) for each in done] == [("task", None), ("case", None), ("draft", None)]
    assert done[0].step is not None
    assert (done[0].step.zh, done[1].case_no) == ("形式审查", no)
    assert [row.id for row in office.queue("jr.handler2", "mine")] == [task]
    who = actor(office.session, "jr.handler2", office.clock)
    assert [each.id for each in list_applications(office.session, actor=who)] == [draft]
    (notice,) = notices(office, "jr.handler2")
    assert (notice.kind, notice.facts["number"], notice.facts["reason"]) == ("handed_over", 3, "调离")
    for head in ("jr.reviewer", "jr.leader"):
        (notice,) = notices(office, head)
        assert (notice.kind, notice.facts["to"]["zh"]) == ("handed_on", "经办人乙")
    assert told(office, "jr.handler") == []
    for name in ("case.handed-over", "draft.handed-over"):
        (payload,) = payloads(office, name)
        assert (payload["from"], payload["to"], payload["reason"]) == ("jr.handler", "jr.handler2", "调离")


def test_an_officer_hands_over_nobody_elses_work(office: Office) -> None:
    for name in ("jr.handler2", "jr.leader", "cz.handler"):
        with pytest.raises(NotFoundError):
            office.act(count_holdings, "jr.handler", name)


def test_an_officer_hands_over_only_to_a_colleague_in_the_same_kind_of_post(office: Office) -> None:
    office.open("enterprise-b.applicant", application(issuer(1, "HEJIN")))
    office.take("jr.handler", "formal_check")
    for receiver in ("jr.reviewer", "jr.clerk", "cz.handler"):
        with pytest.raises(InvalidInputError) as refused:
            office.act(hand_over, "jr.handler", "jr.handler", to_username=receiver, reason="调离")
        assert [(error.field, error.code) for error in refused.value.errors] == [("to", "not-in-list")]


def test_a_leaver_whose_head_hands_over_is_told_once(office: Office) -> None:
    for number in range(2):
        no = office.open("enterprise-a.applicant", application(issuer(number, "YHQ"))).case_no
        office.take("jr.handler", "formal_check", no)
    office.act(hand_over, "jr.leader", "jr.handler", to_username="jr.handler2", reason="调离")
    assert told(office, "jr.handler") == ["handed_away"]
    assert told(office, "jr.handler2") == ["handed_over"]
    assert told(office, "jr.reviewer") == []


def test_a_receiver_gets_no_more_drafts_than_anybody_may_have(office: Office) -> None:
    for name, number in (("jr.handler", 2), ("jr.handler2", MAX_DRAFTS - 1)):
        for _ in range(number):
            office.act(save_application, name, "bond_subsidy", {"bond_name": "起草"})
    done = office.act(hand_over, "jr.leader", "jr.handler", to_username="jr.handler2", reason="调离")
    assert [each.refused is None for each in done] == [True, False]


def test_drafts_and_cases_go_to_nobody_who_could_not_begin_them(office: Office) -> None:
    office.act(save_application, "jr.handler", "bond_subsidy", {"bond_name": "起草"})
    for receiver in ("jr.clerk", "cz.handler"):
        (done,) = office.act(hand_over, "jr.leader", "jr.handler", to_username=receiver, reason="调离")
        assert (done.kind, done.refused is None) == ("draft", False)
    assert told(office, "jr.clerk") == []


def test_an_ended_delegation_is_recorded_with_whom_it_concerned(office: Office) -> None:
    office.act(delegate_work, "jr.handler", NewDelegation("jr.handler2", MONDAY, FRIDAY))
    office.act(hand_over, "jr.leader", "jr.handler", to_username="jr.handler2", reason="调离")
    (payload,) = payloads(office, "delegation.ended")
    assert (payload["principal"], payload["deputy"], payload["reason"]) == ("jr.handler", "jr.handler2", "调离")
    assert "delegation_ended" in told(office, "jr.handler2")


@pytest.mark.parametrize("scope", ["all", "measure:2"])
def test_who_stands_in_for_a_head_arranges_nothing_of_the_kind(office: Office, clock: FixedClock, scope: str) -> None:
    deputy = in_place_of(office, "jr.reviewer", "jr.leader", scope)
    post = office.session.scalars(
        select(Post.id).where(Post.agency_id == deputy.agency_id, Post.kind == "handler").order_by(Post.id)
    ).first()
    assert post is not None
    backup = office.act(name_backup, "jr.leader", NewBackup(post, "jr.handler2", MONDAY))
    away = office.act(record_absence, "jr.leader", NewAbsence("jr.handler", MONDAY, MONDAY, "病假"))
    given = {"to_username": "jr.handler2", "reason": "调离"}
    for act in (
        partial(record_absence, office.session, NewAbsence("jr.handler2", MONDAY, MONDAY, "病假")),
        partial(cut_absence_short, office.session, away.id),
        partial(name_backup, office.session, NewBackup(post, "jr.handler2", MONDAY)),
        partial(dismiss_backup, office.session, backup.id),
        partial(hand_over, office.session, "jr.handler", **given),
    ):
        with pytest.raises(PermissionDeniedError) as refused:
            act(actor=deputy, clock=clock)
        assert refused.value.reason == "on-behalf", act
    own = NewAbsence("jr.reviewer", MONDAY, MONDAY, "出差")
    assert deputies.add_absence(office.session, own, actor=deputy, clock=clock).username == "jr.reviewer"


def test_whom_an_absence_or_a_backup_concerns_is_told(office: Office) -> None:
    post = actor(office.session, "jr.handler", office.clock).post_id
    named = office.act(name_backup, "jr.leader", NewBackup(post, "jr.handler2", MONDAY))
    away = office.act(record_absence, "jr.leader", NewAbsence("jr.handler", MONDAY, FRIDAY, "病假"))
    office.act(cut_absence_short, "jr.leader", away.id)
    office.act(dismiss_backup, "jr.leader", named.id)
    assert set(told(office, "jr.handler")) == {"backup_of_post", "absence_recorded", "absence_ended", "backup_ended"}
    assert set(told(office, "jr.handler2")) == {"backup_named", "backup_ended"}
    office.act(record_absence, "jr.handler2", NewAbsence("jr.handler2", MONDAY, MONDAY, "年休假"))
    assert "absence_recorded" not in told(office, "jr.handler2")
