"""加签 and 减签 at the counties' countersign."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from workflows import audit, cases
from workflows.cases import ChangeSigner
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError, NotFoundError, PermissionDeniedError, StateConflictError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def add(office: Office, username: str, task_id: int, code: str | None, reason: str = "涉及财政资金") -> None:
    office.act(cases.add_signer, username, ChangeSigner(task_id, reason, code))


@pytest.mark.parametrize("counties", [("YHQ",), ("YHQ", "HEJIN")])
def test_an_added_agency_signs_too_and_the_case_goes_on_only_then(office: Office, counties: tuple[str, ...]) -> None:
    no = office.accept(*counties)
    first = f"{no}之一" if len(counties) > 1 else no
    add(office, "jr.handler", office.find("yanhu.handler", "county_verify", first).id, "CZ")
    office.verify(no, *counties)
    assert office.queue("jr.handler") == ()
    moved = office.do("cz.handler", "county_verify", "agree")
    assert [step.name.code for step in moved.next_steps] == ["municipal_review"]
    office.file()
    assert len(office.queue("pjr.handler")) == len(counties)
    refusal = {"document_number": "晋金办〔2019〕16号", "reason": "不属于支持范围"}
    for row in office.queue("pjr.handler"):
        moved = office.do("pjr.handler", "recognise", "refused", case_no=row.case_no, opinion="不予认定", **refusal)
    assert (moved.case_status, moved.outcome) == ("closed", "provincial_refused")
    assert audit.verify(office.session).ok


def test_a_signer_that_was_added_can_be_removed_and_the_case_goes_on(office: Office) -> None:
    no = office.accept("YHQ")
    add(office, "jr.handler", office.find("yanhu.handler", "county_verify").id, "CZ")
    office.verify(no, "YHQ")
    added = office.find("cz.handler", "county_verify").id
    office.claim("cz.handler", added)
    moved = office.act(cases.remove_signer, "jr.handler", ChangeSigner(added, "无需会签"))
    assert [step.name.code for step in moved.next_steps] == ["municipal_review"]
    assert office.queue("cz.handler", "mine") == ()
    with pytest.raises(StateConflictError):
        office.complete("cz.handler", added, "agree")


def test_who_the_policy_names_cannot_be_removed(office: Office) -> None:
    office.accept("YHQ")
    task_id = office.find("yanhu.handler", "county_verify").id
    with pytest.raises(StateConflictError, match="named-by-policy"):
        office.act(cases.remove_signer, "jr.handler", ChangeSigner(task_id, "无需会签"))


def test_only_a_lead_agency_changes_the_signers(office: Office) -> None:
    office.accept("YHQ")
    task_id = office.find("yanhu.handler", "county_verify").id
    with pytest.raises(PermissionDeniedError):
        add(office, "yanhu.handler", task_id, "CZ")
    for stranger in ("hejin.handler", "cz.handler", "enterprise-a.applicant"):
        with pytest.raises(NotFoundError):
            add(office, stranger, task_id, "CZ")


@pytest.mark.parametrize(
    ("code", "reason", "wrong"),
    [
        ("YHQ", "会签", "agency"),
        ("NOBODY", "会签", "agency"),
        ("BANK-A", "会签", "agency"),
        (None, "会签", "agency"),
        ("C\x00Z", "会签", "agency"),
        ("CZ", "  ", "reason"),
        ("CZ", "长" * 2001, "reason"),
    ],
)
def test_a_wrong_signer_is_refused_by_name(office: Office, code: str | None, reason: str, wrong: str) -> None:
    office.accept("YHQ")
    task_id = office.find("yanhu.handler", "county_verify").id
    with pytest.raises(InvalidInputError) as refused:
        add(office, "jr.handler", task_id, code, reason)
    assert [error.field for error in refused.value.errors] == [wrong]


def test_a_step_that_one_agency_signs_takes_no_further_signer(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    with pytest.raises(StateConflictError):
        add(office, "jr.handler", office.find("jr.handler", "municipal_review").id, "CZ")


def test_who_has_signed_is_not_added_again(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")
    with pytest.raises(InvalidInputError):
        add(office, "jr.handler", office.find("hejin.handler", "county_verify").id, "YHQ")
