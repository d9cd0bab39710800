"""The checklist of a case: versions, sending back with 补正, what each may see, what is frozen."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import USCCS, Office, application, issuer, seed_everything
from tests.factories.checklists import APPLICANT, OF_ISSUER, SHARED, add, checklist, line, paper, supply_all
from tests.factories.org import actor
from workflows import cases
from workflows.audit import AuditEntry
from workflows.cases import CompleteTask, Quota, SendBack
from workflows.cases.models import Case, CaseArchive
from workflows.cases.paper_views import MaterialList
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError
from workflows.permissions import Actor


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def case_no(office: Office) -> str:
    return office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no


def seen(office: Office, case_no: str, who: str = "jr.handler") -> MaterialList:
    return checklist(office.session, case_no, who, office.clock)


def states(given: MaterialList) -> dict[str, str]:
    return {one.item: one.state for one in given.lines}


def wrong(refused: pytest.ExceptionInfo[InvalidInputError]) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in refused.value.errors}


def test_a_new_case_lacks_every_required_paper(office: Office, case_no: str) -> None:
    given = seen(office, case_no, APPLICANT)
    assert {one.item for one in given.lacking} == {*SHARED, *OF_ISSUER, "conversion_terms"}
    assert line(given, "business_licence").title.zh == "营业执照（发行人1有限公司）"
    assert not line(given, "audit_report").required
    supply_all(office, case_no)
    assert seen(office, case_no, APPLICANT).lacking == ()


def test_a_paper_of_one_file_gets_versions_and_the_old_ones_stay(office: Office, case_no: str) -> None:
    first = add(office, case_no, "prospectus", name="a.pdf")
    add(office, case_no, "prospectus", name="b.pdf")
    newest = add(office, case_no, "business_licence", name="v1.pdf")
    newest = add(office, case_no, "business_licence", name="v2.pdf")
    given = seen(office, case_no)
    licence = line(given, "business_licence")
    assert [(row.name, row.version, row.status) for row in licence.files] == [("v2.pdf", 2, "current")]
    assert [(row.name, row.version, row.status) for row in licence.earlier] == [("v1.pdf", 1, "replaced")]
    assert [row.file_no for row in line(given, "prospectus").files] == [1, 2]  # this one takes two files
    with pytest.raises(InvalidInputError) as refused:
        add(office, case_no, "prospectus", name="c.pdf")
    assert wrong(refused) == {("replaces", "files-full")}
    third = add(office, case_no, "prospectus", name="c.pdf", replaces=first.id)
    assert (third.file_no, third.version) == (1, 2)
    with pytest.raises(InvalidInputError) as refused:
        add(office, case_no, "prospectus", replaces=newest.id)
    assert wrong(refused) == {("replaces", "not-in-list")}
    assert len(seen(office, case_no).others) == 0


@pytest.mark.parametrize(
    ("item", "changes", "field", "code"),
    [
        ("no_such_paper", {}, "item", "not-in-list"),
        ("field_record", {}, "item", "not-in-list"),  # officers' own
        ("business_licence", {"name": "a.docx"}, "file", "file-kind"),
        ("business_licence", {"size": 11 << 20}, "file", "file-size"),
        ("business_licence", {"subject": USCCS[1]}, "subject", "not-in-list"),
        ("registration", {"subject": USCCS[0]}, "subject", "unknown-field"),
        (None, {"subject": USCCS[0]}, "subject", "unknown-field"),
        (None, {"replaces": 1}, "replaces", "unknown-field"),
        (None, {"name": "a\x00.pdf"}, "name", "characters"),
        (None, {"kind": "x" * 41}, "kind", "too-long"),
    ],
)
def test_a_paper_that_does_not_fit_is_refused(
    office: Office, case_no: str, item: str | None, changes: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        add(office, case_no, item, **changes)
    assert wrong(refused) == {(field, code)}
    assert cases.list_documents(office.session, case_no, actor=who(office, APPLICANT)) == ()


def who(office: Office, username: str) -> Actor:
    return actor(office.session, username, office.clock)


def test_papers_of_issuers_are_told_apart_by_code_and_need_telling(office: Office) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"), issuer(1, "HEJIN"))).case_no
    with pytest.raises(InvalidInputError) as refused:
        add(office, no, "business_licence")
    assert wrong(refused) == {("subject", "required")}
    add(office, no, "business_licence", subject=USCCS[1])
    assert line(seen(office, no), "business_licence", USCCS[0]).state == "missing"
    assert line(seen(office, no), "business_licence", USCCS[1]).state == "supplied"


def test_there_is_room_for_so_much_in_a_case_and_in_a_day(office: Office, case_no: str) -> None:
    small = Quota(case_bytes=2500, daily_bytes=10_000)
    for name in ("a.pdf", "b.pdf"):
        office.act(cases.add_document, APPLICANT, case_no, paper(None, name), quota=small)
    with pytest.raises(InvalidInputError) as refused:
        office.act(cases.add_document, APPLICANT, case_no, paper(None, "c.pdf"), quota=small)
    assert wrong(refused) == {("file", "quota-case")}
    daily = Quota(case_bytes=10_000, daily_bytes=2500)
    with pytest.raises(InvalidInputError) as refused:
        office.act(cases.add_document, APPLICANT, case_no, paper(None, "c.pdf"), quota=daily)
    assert wrong(refused) == {("file", "quota-day")}
    office.act(cases.add_document, "jr.handler", case_no, paper(None, "c.pdf"), quota=daily)


def send_back(office: Office, case_no: str, item: str, username: str = "jr.handler", **changes: Any) -> MaterialList:
    command = SendBack(case_no, item, **{"problem": "看不清", "requirement": "重新扫描", **changes})
    return office.act(cases.send_back, username, command)


def test_only_who_holds_the_check_sends_back(office: Office, case_no: str) -> None:
    with pytest.raises(StateConflictError):
        send_back(office, case_no, "prospectus")
    office.take("jr.handler", "formal_check")
    with pytest.raises(StateConflictError):
        send_back(office, case_no, "prospectus", "jr.handler2")
    with pytest.raises(NotFoundError):
        send_back(office, case_no, "prospectus", "cz.handler")
    with pytest.raises(PermissionDeniedError):
        send_back(office, case_no, "prospectus", APPLICANT)
    with pytest.raises(NotFoundError):
        send_back(office, case_no, "no_such_paper")
    for changes, field in (({"problem": " "}, "problem"), ({"requirement": "x" * 301}, "requirement")):
        with pytest.raises(InvalidInputError) as refused:
            send_back(office, case_no, "prospectus", **changes)
        assert {error.field for error in refused.value.errors} == {field}
    assert line(send_back(office, case_no, "prospectus"), "prospectus").state == "sent_back"


def test_what_is_sent_back_is_told_at_once_with_the_decision_and_must_be_supplied(office: Office, case_no: str) -> None:
    supply_all(office, case_no)
    task_id = office.take("jr.handler", "formal_check")
    send_back(office, case_no, "business_licence")
    send_back(office, case_no, "registration", problem="与债券名称不符", requirement=None)
    assert states(seen(office, case_no, APPLICANT))["business_licence"] == "supplied"  # the officer is still reading
    free = {"material": "审计报告", "problem": "缺2018年度"}
    office.complete("jr.handler", task_id, "supplement", "请一次补齐", supplement_items=[free])

    notice = cases.get_case(office.session, case_no, actor=who(office, APPLICANT), clock=office.clock).notices[-1]
    assert notice.facts["supplement_items"] == [
        {"material": "营业执照（发行人1有限公司）", "problem": "看不清", "requirement": "重新扫描"},
        {"material": "债券注册或备案文件", "problem": "与债券名称不符"},
        free,
    ]
    told = line(seen(office, case_no, APPLICANT), "business_licence")
    assert told.state == "sent_back"
    assert told.sent_back is not None
    assert told.sent_back.requirement == "重新扫描"

    supplement = office.take(APPLICANT, "supplement")
    with pytest.raises(InvalidInputError) as refused:
        resubmit(office, supplement)
    assert wrong(refused) == {
        (f"materials.business_licence.{USCCS[0]}", "still-sent-back"),
        ("materials.registration", "still-sent-back"),
    }
    add(office, case_no, "business_licence", name="v2.pdf")
    add(office, case_no, "registration", name="新.pdf")
    resubmit(office, supplement)
    assert states(seen(office, case_no))["business_licence"] == "supplied"


def resubmit(office: Office, task_id: int) -> None:
    command = CompleteTask(task_id, "resubmit", None, application(issuer(0, "YHQ")))
    office.act(cases.complete_task, APPLICANT, command)


def test_a_list_of_what_is_sent_back_needs_no_typing(office: Office, case_no: str) -> None:
    task_id = office.take("jr.handler", "formal_check")
    with pytest.raises(InvalidInputError):
        office.complete("jr.handler", task_id, "supplement", "请补齐")
    send_back(office, case_no, "prospectus")
    assert office.complete("jr.handler", task_id, "supplement", "请补齐").case_status == "waiting_for_supplement"


def test_sending_back_is_undone_before_or_after_it_was_told(office: Office, case_no: str) -> None:
    add(office, case_no, "prospectus")
    office.take("jr.handler", "formal_check")
    send_back(office, case_no, "prospectus")
    undone = office.act(cases.undo_send_back, "jr.handler", case_no, "prospectus")
    assert line(undone, "prospectus").state == "supplied"
    with pytest.raises(StateConflictError):
        office.act(cases.undo_send_back, "jr.handler", case_no, "prospectus")


def test_taking_in_without_papers_is_confirmed_or_at_least_on_record(office: Office, case_no: str) -> None:
    task_id = office.take("jr.handler", "formal_check")
    unseen = CompleteTask(task_id, "accept", missing_confirmed=False)
    with pytest.raises(InvalidInputError) as refused:
        office.act(cases.complete_task, "jr.handler", unseen)
    assert wrong(refused) == {("missing_confirmed", "confirm-missing")}
    office.act(cases.complete_task, "jr.handler", CompleteTask(task_id, "accept"))
    done = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "task.completed")).one()
    assert set(done.payload["lacking"]) == {*SHARED, *OF_ISSUER, "conversion_terms"}


def test_what_was_taken_in_is_accepted_and_the_applicant_changes_it_no_more(office: Office, case_no: str) -> None:
    supply_all(office, case_no)
    office.do("jr.handler", "formal_check", "accept")
    given = seen(office, case_no, APPLICANT)
    assert line(given, "business_licence").state == "accepted"
    assert line(given, "audit_report").state == "missing"
    with pytest.raises(StateConflictError):
        add(office, case_no, "business_licence", name="v2.pdf")
    done = office.session.scalars(select(AuditEntry).where(AuditEntry.event == "task.completed")).one()
    assert "lacking" not in done.payload


def test_a_county_sees_its_issuers_papers_and_the_shared_ones(office: Office) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"), issuer(1, "HEJIN"))).case_no
    supply_all(office, no, 2)
    office.do("jr.handler", "formal_check", "accept")
    for at in (no, f"{no}之二"):
        given = seen(office, at, "hejin.handler")
        assert subjects(given) == {None, USCCS[1]}, at
        names = {row.subject for row in cases.list_documents(office.session, at, actor=who(office, "hejin.handler"))}
        assert names == {None, USCCS[1]}, at
    mine = line(seen(office, f"{no}之二", "hejin.handler"), "business_licence").files[0]
    assert cases.get_readable(office.session, f"{no}之二", mine.id, actor=who(office, "hejin.handler")).id == mine.id
    others = line(seen(office, no), "business_licence", USCCS[0]).files[0]
    with pytest.raises(NotFoundError):
        cases.get_document(office.session, no, others.id, actor=who(office, "hejin.handler"))
    added = add(office, f"{no}之二", "field_record", "hejin.handler")
    assert (added.subject, added.internal) == (USCCS[1], True)
    assert line(seen(office, no), "field_record", USCCS[1]).state == "supplied"


def subjects(given: MaterialList) -> set[str | None]:
    return {one.subject for one in given.lines}


def test_officers_own_papers_are_nothing_to_the_applicant(office: Office, case_no: str) -> None:
    office.do("jr.handler", "formal_check", "accept")
    record = add(office, case_no, "field_record", "yanhu.handler")
    note = add(office, case_no, None, "jr.handler", name="内部.pdf", internal=True)
    letter = add(office, case_no, None, "jr.handler", name="告知.pdf")
    given = seen(office, case_no, APPLICANT)
    assert "field_record" not in states(given)
    assert [row.id for row in given.others] == [letter.id]
    for hidden in (record.id, note.id):
        with pytest.raises(NotFoundError):
            cases.get_document(office.session, case_no, hidden, actor=who(office, APPLICANT))
    told = cases.list_events(office.session, case_no, actor=who(office, APPLICANT)).items
    assert [event.payload.get("name") for event in told if event.event.startswith("document")] == ["告知.pdf"]
    mine = add(office, case_no, None, APPLICANT, name="我的.pdf", internal=True)
    assert not mine.internal


def test_the_archive_holds_the_list_with_the_hashes(office: Office, case_no: str) -> None:
    supply_all(office, case_no)
    first = add(office, case_no, "business_licence", name="v2.pdf")
    office.act(cases.withdraw_case, APPLICANT, case_no, reason="不再申请")
    root = office.session.scalars(select(Case).where(Case.no == case_no)).one()
    cases.archive_case(office.session, {"case_id": root.id}, office.clock)
    content = orjson.loads(office.session.get_one(CaseArchive, root.id).content)
    licence = next(one for one in content["materials"] if one["item"] == "business_licence")
    assert [(file["version"], file["status"]) for file in licence["files"]] == [(1, "replaced"), (2, "current")]
    assert licence["files"][-1]["sha256"] == first.sha256
    assert {paper["version"] for paper in content["documents"] if paper.get("item") == "business_licence"} == {1, 2}
