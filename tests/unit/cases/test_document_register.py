"""文号: numbered at issue without a gap, per agency and year; a void one is never given again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.crowd import Crowd, handlers_of
from tests.factories.org import actor, agency
from workflows import audit, cases
from workflows.audit import AuditEntry
from workflows.cases import CompleteTask, RegisterQuery
from workflows.cases.models import Notice
from workflows.cases.official.statement import read_statement
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError

ITEMS = [{"material": "审计报告", "problem": "缺2018年度", "requirement": "盖章扫描件"}]


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def numbers(office: Office, who: str = "jr.reviewer", **query: Any) -> list[str | None]:
    reader = actor(office.session, who, office.clock)
    return [row.document_no for row in cases.list_register(office.session, RegisterQuery(**query), actor=reader).items]


def test_each_document_takes_the_next_number_of_its_issuer(office: Office) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    office.do("jr.handler", "formal_check", "supplement", opinion="请补", supplement_items=ITEMS)
    office.accept("YHQ")
    assert numbers(office) == ["运金办〔2019〕2号", "运金办〔2019〕1号"]


def test_the_numbers_begin_anew_with_the_year_at_the_office(office: Office, clock: FixedClock) -> None:
    office.accept("YHQ")
    clock.at = datetime(2019, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in the offices
    office.accept("YHQ")
    assert numbers(office) == ["运金办〔2020〕1号", "运金办〔2019〕1号"]
    assert numbers(office, year=2019) == ["运金办〔2019〕1号"]


def test_an_act_that_is_undone_gives_its_number_back(office: Office, session: Session) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task = office.take("jr.handler", "formal_check")
    who = actor(session, "jr.handler", office.clock)
    cases.complete_task(session, CompleteTask(task, "accept"), actor=who, clock=office.clock)
    session.rollback()
    assert numbers(office) == []
    office.complete("jr.handler", task, "accept")
    assert numbers(office) == ["运金办〔2019〕1号"]


def test_acts_at_the_same_instant_leave_no_gap_and_no_double(
    engine: Engine, office: Office, session: Session, clock: FixedClock
) -> None:
    size = 6
    tasks = []
    for _ in range(size):
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
        tasks.append(office.queue("jr.handler")[0].id)
        office.claim("jr.handler", tasks[-1])
    who = handlers_of(session, "JR", 1, clock)[0]

    def accept(task_id: int) -> Callable[[Session], object]:
        return lambda own: cases.complete_task(own, CompleteTask(task_id, "accept"), actor=who, clock=clock)

    crowd = Crowd(engine, size)
    answers = crowd.at_once([accept(task_id) for task_id in tasks])
    crowd.close()
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    taken = session.scalars(select(Notice.register_number).order_by(Notice.register_number)).all()
    session.rollback()
    assert taken == list(range(1, size + 1))


def test_an_agency_without_a_prefix_numbers_under_its_short_name(office: Office, session: Session) -> None:
    agency(session, "JR").document_prefix = None
    session.commit()
    office.accept("YHQ")
    assert numbers(office) == ["市金融办〔2019〕1号"]


def test_what_a_document_states_stays_when_names_change(office: Office, session: Session) -> None:
    office.accept("YHQ")
    agency(session, "JR").name_zh = "运城市金融局"
    session.commit()
    notice = session.scalars(select(Notice)).one()
    said = read_statement(notice.content)
    assert (said.document_no, said.sender, said.contact) == ("运金办〔2019〕1号", "运城市金融工作办公室", "经办人甲")
    assert (said.to, said.subject, said.limit_days) == ("发行人1有限公司", "债券融资补助", 28)
    assert str(said.issued_on) == "2019-10-14"


def test_a_refusal_states_why(office: Office, session: Session) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    office.do("jr.handler", "formal_check", "not_accept", opinion="内部意见", reason="未发行，不符合第二条")
    said = read_statement(session.scalars(select(Notice)).one().content)
    assert (said.kind, said.refusal, said.reason) == ("not_accepted", True, "未发行，不符合第二条")
    assert said.document_no == "运金办〔2019〕1号"


def test_a_void_number_stays_in_the_register_and_is_not_given_again(office: Office, session: Session) -> None:
    office.accept("YHQ")
    row = office.act(cases.void_notice, "jr.reviewer", first(session), reason="主送单位有误")
    assert (row.document_no, row.void_reason) == ("运金办〔2019〕1号", "主送单位有误")
    office.accept("YHQ")
    assert numbers(office) == ["运金办〔2019〕2号", "运金办〔2019〕1号"]
    told = session.scalars(select(AuditEntry.event).where(AuditEntry.event.startswith("notice."))).all()
    assert told == ["notice.issued", "notice.voided", "notice.issued"]
    assert audit.verify(session).ok


def test_voiding_needs_a_reason_a_head_and_the_own_register(office: Office, session: Session) -> None:
    office.accept("YHQ")
    key = first(session)
    for reason in ("", "  ", "长" * 2001, "a\x00b"):
        with pytest.raises(InvalidInputError) as refused:
            office.act(cases.void_notice, "jr.leader", key, reason=reason)
        assert [error.field for error in refused.value.errors] == ["reason"]
    for who, error in (("jr.handler", PermissionDeniedError), ("cz.leader", NotFoundError)):
        with pytest.raises(error):
            office.act(cases.void_notice, who, key, reason="错")
    office.act(cases.void_notice, "jr.leader", key, reason="错")
    with pytest.raises(StateConflictError):
        office.act(cases.void_notice, "jr.leader", key, reason="错")


def test_the_register_shows_the_own_agency_only_and_pages(office: Office) -> None:
    for _ in range(3):
        office.accept("YHQ")
    assert numbers(office, "cz.handler") == []
    assert numbers(office, q="〔2019〕2号") == ["运金办〔2019〕2号"]
    assert numbers(office, kind="supplement") == []
    who = actor(office.session, "jr.clerk", office.clock)
    page = cases.list_register(office.session, RegisterQuery(limit=2), actor=who)
    rest = cases.list_register(office.session, RegisterQuery(limit=2, cursor=page.next), actor=who)
    assert [row.document_no for row in (*page.items, *rest.items)] == [f"运金办〔2019〕{n}号" for n in (3, 2, 1)]
    assert rest.next is None


def first(session: Session) -> int:
    return session.scalars(select(Notice.id).order_by(Notice.id)).first() or 0
