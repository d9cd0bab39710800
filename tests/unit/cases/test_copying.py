"""抄送 and 阅知: a copy lets its reader in to read, and nobody else; once withdrawn it lets in no more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases
from workflows.cases import CaseQuery, NewDocument
from workflows.cases.collaboration.copies import CopyRow, acknowledge_copy, copies_of, send_copies, withdraw_copy
from workflows.cases.notifications import list_notifications
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError

PAPER = NewDocument("other", "附件.pdf", "application/pdf", 10, "0" * 64)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def no(office: Office) -> str:
    """A case that JR and one county work on."""
    return office.accept("YHQ")


def send(office: Office, no: str, *to: str, who: str = "jr.handler", note: str | None = "供参考") -> Any:
    return office.act(send_copies, who, no, to=to, note=note)


def sees(office: Office, username: str, no: str) -> bool:
    who = actor(office.session, username, office.clock)
    listed = no in {
        row.no for row in cases.list_cases(office.session, CaseQuery(), actor=who, clock=office.clock).items
    }
    try:
        cases.get_case(office.session, no, actor=who, clock=office.clock)
        cases.list_events(office.session, no, actor=who)
        cases.list_documents(office.session, no, actor=who)
    except NotFoundError:
        assert not listed
        return False
    assert listed
    return True


def told(office: Office, username: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.kind for row in list_notifications(office.session, actor=who, clock=office.clock).items]


def test_an_agency_it_was_copied_to_may_read_the_case_and_no_other_may(office: Office, no: str) -> None:
    readers = ("cz.handler", "cz.clerk", "cz.leader")
    assert not any(sees(office, reader, no) for reader in readers)
    send(office, no, "CZ")
    assert all(sees(office, reader, no) for reader in readers)
    assert not any(sees(office, stranger, no) for stranger in ("gx.handler", "hejin.handler", "bank-a.applicant"))
    assert (told(office, "cz.clerk"), told(office, "cz.handler")) == (["copied"], [])


def test_a_copy_is_to_be_read_and_nothing_else(office: Office, no: str) -> None:
    send(office, no, "CZ")
    acts: tuple[tuple[Any, str, tuple[Any, ...], dict[str, Any]], ...] = (
        (cases.add_document, "cz.handler", (no, PAPER), {}),
        (cases.require_room, "cz.handler", (no,), {}),
        (send_copies, "cz.handler", (no,), {"to": ["GX"], "note": None}),
        (cases.suspend_case, "cz.leader", (no,), {"reason": "等待"}),
        (cases.withdraw_case, "cz.handler", (no,), {"reason": "撤回"}),
    )
    for service, who, args, kwargs in acts:
        if service is cases.require_room:
            with pytest.raises(PermissionDeniedError):
                service(office.session, *args, actor=actor(office.session, who, office.clock))
            continue
        with pytest.raises(PermissionDeniedError):
            office.act(service, who, *args, **kwargs)
    task_id = office.find("yanhu.handler", "county_verify").id
    for claim in (cases.claim_task, cases.get_task, cases.receive_task):
        with pytest.raises(NotFoundError):
            office.act(claim, "cz.handler", task_id)
    detail: Any = office.act(cases.get_case, "cz.handler", no)
    assert detail.verbs == ()


def test_a_copy_for_one_person_is_for_them_alone(office: Office, no: str) -> None:
    send(office, no, "cz.leader")
    assert [sees(office, who, no) for who in ("cz.leader", "cz.handler", "cz.clerk")] == [True, False, False]
    assert (told(office, "cz.leader"), told(office, "cz.clerk")) == (["copied"], [])
    assert [len(office.queue(who, "cc")) for who in ("cz.leader", "cz.handler")] == [1, 0]


def test_the_receipt_says_who_read_it_and_when_and_holds_nothing_up(office: Office, no: str) -> None:
    (copy,) = send(office, no, "CZ")
    (row,) = office.queue("cz.handler", "cc")
    assert (row.id, row.case_no, row.role, row.status, row.verbs) == (copy.key, no, "cc", "copied", ("acknowledge",))
    counts = cases.count_tasks(office.session, actor=actor(office.session, "cz.handler", office.clock))
    assert counts["cc"] == 1
    office.do("yanhu.handler", "county_verify", "agree")  # goes on all the same
    receipt = office.act(acknowledge_copy, "cz.handler", row.id)
    assert (receipt.read_by.code, receipt.read_at) == ("cz.handler", office.clock.now())
    again = office.act(acknowledge_copy, "cz.handler2", row.id)
    assert again.read_by.code == "cz.handler"
    (row,) = office.queue("cz.handler2", "cc")
    assert (row.status, row.verbs) == ("acknowledged", ())
    assert audit.verify(office.session).ok


def test_a_copy_is_never_taken_for_a_task(office: Office, no: str) -> None:
    (copy,) = send(office, no, "YHQ")
    for claim in (cases.claim_task, cases.get_task, cases.release_task):
        with pytest.raises(NotFoundError):
            office.act(claim, "yanhu.handler", copy.key)
    task_id = office.find("yanhu.handler", "county_verify").id
    for wrong in (task_id, 1, 2**63 - 1):
        with pytest.raises(NotFoundError):
            office.act(acknowledge_copy, "yanhu.handler", wrong)
    with pytest.raises(NotFoundError):
        office.act(acknowledge_copy, "cz.handler", copy.key)


def test_a_withdrawn_copy_lets_nobody_in_any_more(office: Office, no: str) -> None:
    (copy,) = send(office, no, "CZ")
    for who in ("cz.handler", "yanhu.leader", "jr.handler2"):
        with pytest.raises(PermissionDeniedError):
            office.act(withdraw_copy, who, no, copy.key)
    with pytest.raises(NotFoundError):
        office.act(withdraw_copy, "gx.handler", no, copy.key)
    with pytest.raises(NotFoundError):
        office.act(withdraw_copy, "jr.handler", no, copy.key + 1)
    office.act(withdraw_copy, "jr.leader", no, copy.key)
    assert not sees(office, "cz.handler", no)
    assert office.queue("cz.handler", "cc") == ()
    with pytest.raises(NotFoundError):
        office.act(acknowledge_copy, "cz.handler", copy.key)
    with pytest.raises(StateConflictError):
        office.act(withdraw_copy, "jr.handler", no, copy.key)
    send(office, no, "CZ")
    assert sees(office, "cz.handler", no)


def test_whoever_has_only_a_copy_is_not_told_of_the_others(office: Office, no: str) -> None:
    send(office, no, "CZ", "GX", "gx.leader")
    seen: dict[str, tuple[CopyRow, ...]] = {
        who: copies_of(office.session, no, actor=actor(office.session, who, office.clock))
        for who in ("jr.clerk", "yanhu.handler", "cz.handler", "gx.leader", "dc.supervisor")
    }
    assert {who: len(rows) for who, rows in seen.items()} == {
        "jr.clerk": 3,
        "yanhu.handler": 3,
        "cz.handler": 1,
        "gx.leader": 2,
        "dc.supervisor": 3,
    }


def test_of_a_child_case_the_copy_shows_that_child_alone(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    send(office, f"{no}之一", "CZ")
    assert [sees(office, "cz.handler", f"{no}{part}") for part in ("之一", "之二", "")] == [True, False, False]
    send(office, no, "GX")
    assert sees(office, "gx.handler", no)
    for part in ("之一", "之二"):
        office.act(cases.get_case, "gx.handler", f"{no}{part}")
    assert issuer(1, "")["account_no"] in repr(office.act(cases.get_case, "gx.handler", no))


@pytest.mark.parametrize(
    ("to", "wrong"),
    [
        ((), ["to"]),
        (("NOBODY",), ["to.0"]),
        (("CZ", "BANK-A"), ["to.1"]),
        (("bank-a.applicant",), ["to.0"]),
        (("admin.audit",), ["to.0"]),
        (("jr.handler",), ["to.0"]),
        (("CZ", "CZ"), ["to.1"]),
        (("\x00", "长" * 100, ""), ["to.0", "to.1", "to.2"]),
        (tuple(f"X{number}" for number in range(51)), ["to"]),
    ],
)
def test_wrong_receivers_are_named_and_nothing_is_sent(
    office: Office, no: str, to: tuple[str, ...], wrong: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        send(office, no, *to)
    assert [error.field for error in refused.value.errors] == wrong
    assert office.act(copies_of_as, "jr.handler", no) == ()


def copies_of_as(session: Session, no: str, *, actor: Any, clock: Any) -> tuple[CopyRow, ...]:
    return copies_of(session, no, actor=actor)


def test_a_note_that_no_database_holds_is_refused(office: Office, no: str) -> None:
    for note in ("长" * 2001, "\x07"):
        with pytest.raises(InvalidInputError) as refused:
            send(office, no, "CZ", note=note)
        assert [error.field for error in refused.value.errors] == ["note"]


def test_copies_come_in_pages_and_are_searched(office: Office) -> None:
    numbers = [
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ"), bond_name=f"第{n}期")).case_no
        for n in range(5)
    ]
    for one in numbers:
        send(office, one, "CZ")
    who = actor(office.session, "cz.handler", office.clock)
    seen, cursor = [], None
    while True:
        query = cases.TaskQuery("cc", cursor=cursor, limit=2)
        page = cases.list_tasks(office.session, query, actor=who, clock=office.clock)
        seen += [row.case_no for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == numbers[::-1]
    assert [row.case_no for row in office.queue("cz.handler", "cc", q=numbers[2])] == [numbers[2]]
    assert office.queue("cz.handler", "cc", measure="3") == ()
    with pytest.raises(InvalidInputError):
        office.queue("cz.handler", "cc", cursor="nonsense")


def test_an_applicant_is_not_told_of_copies(office: Office, no: str) -> None:
    send(office, no, "CZ")
    for who in ("enterprise-a.applicant", "admin.system"):
        with pytest.raises(PermissionDeniedError):
            office.act(copies_of_as, who, no)
    applicant = actor(office.session, "enterprise-a.applicant", office.clock)
    assert "copied" not in repr(cases.list_events(office.session, no, actor=applicant).items)
