"""What is filled in wrongly is refused by the name of the field, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from workflows.cases import Case
from workflows.cases.models import CaseNumber
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def one(**changes: Any) -> dict[str, Any]:
    return application({**issuer(0, "YHQ"), **changes})


def note(count: int) -> dict[str, Any]:
    return application(*(issuer(n, "YHQ") for n in range(count)), instrument="collective_note")


WRONG: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "unknown field": (application(issuer(0, "YHQ"), colour="red"), {("colour", "unknown-field")}),
    "unknown field in a row": (one(colour="red"), {("issuers.0.colour", "unknown-field")}),
    "text as rows": (application(issuer(0, "YHQ")) | {"issuers": "none"}, {("issuers", "wrong-type")}),
    "row as text": (application(issuer(0, "YHQ")) | {"issuers": ["none"]}, {("issuers.0", "wrong-type")}),
    "number as text": (one(name=7), {("issuers.0.name", "wrong-type")}),
    "null": (one(name=None), {("issuers.0.name", "wrong-type")}),
    "missing": (application(issuer(0, "YHQ")) | {"bond_name": ""}, {("bond_name", "required")}),
    "blank": (application(issuer(0, "YHQ"), bond_name=" \u3000 "), {("bond_name", "required")}),
    "too long": (application(issuer(0, "YHQ"), bond_name="长" * 101), {("bond_name", "too-long")}),
    "far too long": (application(issuer(0, "YHQ"), bond_name="长" * 100_000), {("bond_name", "too-long")}),
    "negative": (one(issue_amount_fen=-1), {("issuers.0.issue_amount_fen", "fen-range")}),
    "nothing": (one(issue_amount_fen=0), {("issuers.0.issue_amount_fen", "fen-range")}),
    "half a fen": (one(issue_amount_fen=100.5), {("issuers.0.issue_amount_fen", "whole-fen")}),
    "whole, yet a float": (one(issue_amount_fen=100.0), {("issuers.0.issue_amount_fen", "whole-fen")}),
    "text for fen": (one(issue_amount_fen="100"), {("issuers.0.issue_amount_fen", "whole-fen")}),
    "truth for fen": (one(issue_amount_fen=True), {("issuers.0.issue_amount_fen", "whole-fen")}),
    "not a number": (one(issue_amount_fen=float("nan")), {("issuers.0.issue_amount_fen", "wrong-type")}),
    "infinite": (one(issue_amount_fen=float("inf")), {("issuers.0.issue_amount_fen", "wrong-type")}),
    "beyond 64 bits": (one(issue_amount_fen=10**30), {("issuers.0.issue_amount_fen", "fen-range")}),
    "beyond the limit": (one(issue_amount_fen=10**15 + 1), {("issuers.0.issue_amount_fen", "fen-range")}),
    "zero byte": (application(issuer(0, "YHQ"), bond_name="债\x00券"), {("bond_name", "characters")}),
    "half a character": (application(issuer(0, "YHQ"), bond_name="债\ud800券"), {("bond_name", "characters")}),
    "zero byte in a key": (application(issuer(0, "YHQ")) | {"a\x00b": 1}, {("a?b", "unknown-field")}),
    "check digit": (one(uscc="91140821MA0DEMA0XX"), {("issuers.0.uscc", "uscc-check-digit")}),
    "short code": (one(uscc="91140821MA0DEMA0X"), {("issuers.0.uscc", "uscc-length")}),
    "tomorrow": (application(issuer(0, "YHQ"), issued_on="2019-10-15"), {("issued_on", "future-date")}),
    "no such day": (application(issuer(0, "YHQ"), issued_on="2019-02-29"), {("issued_on", "date")}),
    "week date": (application(issuer(0, "YHQ"), issued_on="2019-W25-4"), {("issued_on", "date")}),
    "wide digits": (application(issuer(0, "YHQ"), issued_on="２０１９-06-20"), {("issued_on", "date")}),
    "same issuer twice": (
        application(issuer(0, "YHQ"), issuer(0, "HEJIN"), instrument="collective_note"),
        {("issuers.1.uscc", "duplicate")},
    ),
    "note of one": (note(1), {("issuers", "too-few")}),
    "none at all": (application(instrument="collective_bond"), {("issuers", "too-few")}),
    "note of eleven": (note(11), {("issuers", "too-many")}),
    "two for one bond": (
        application(issuer(0, "YHQ"), issuer(1, "YHQ"), instrument="convertible_bond"),
        {("issuers", "too-many")},
    ),
    "another's account": (one(account_name="别的公司"), {("issuers.0.account_name", "must-equal")}),
    "no county": (one(county="CZ"), {("issuers.0.county", "not-in-list")}),
    "no such bond": (application(issuer(0, "YHQ"), instrument="share"), {("instrument", "not-in-list")}),
    "no commitment": (application(issuer(0, "YHQ"), commitment=False), {("commitment", "must-accept")}),
    "commitment by number": (application(issuer(0, "YHQ"), commitment=1), {("commitment", "wrong-type")}),
    "telephone": (application(issuer(0, "YHQ"), contact_phone="call me"), {("contact_phone", "phone")}),
}


def test_each_wrong_field_is_named_and_nothing_changes(office: Office) -> None:
    found = {}
    for name, (data, wanted) in WRONG.items():
        with pytest.raises(InvalidInputError) as refused:
            office.open("enterprise-a.applicant", data)
        office.session.rollback()
        told = {(error.field, error.code) for error in refused.value.errors}
        if not wanted <= told:
            found[name] = told
    assert found == {}
    assert office.session.scalar(select(func.count()).select_from(Case)) == 0
    assert office.session.scalars(select(CaseNumber.last)).all() == []


def test_all_that_is_wrong_is_told_at_once(office: Office) -> None:
    data = one(issue_amount_fen=-1, uscc="x", county="CZ") | {"contact_phone": "?", "colour": 1}
    with pytest.raises(InvalidInputError) as refused:
        office.open("enterprise-a.applicant", data)
    assert {error.field for error in refused.value.errors} == {
        "issuers.0.issue_amount_fen",
        "issuers.0.uscc",
        "issuers.0.county",
        "contact_phone",
        "colour",
    }


def test_texts_are_kept_without_outer_blanks(office: Office) -> None:
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"), bond_name="  某债券 ")).case_no
    assert office.session.scalars(select(Case.title).where(Case.no == no)).one() == "某债券"


@pytest.mark.parametrize(
    ("decision", "opinion", "data", "field"),
    [
        ("nonsense", None, {}, "decision"),
        ("accept", "长" * 2001, {}, "opinion"),
        ("accept", "零\x00", {}, "opinion"),
        ("accept", None, {"colour": 1}, "colour"),
        ("supplement", None, {"supplement_items": [{"material": "a", "problem": "b"}]}, "opinion"),
        ("supplement", "请补齐", {"supplement_items": []}, "supplement_items"),
        ("supplement", "请补齐", {"supplement_items": [{"material": "a"}]}, "supplement_items.0.problem"),
        ("not_accept", "不予受理", {}, "reason"),
    ],
)
def test_a_wrong_completion_is_refused_by_field(
    office: Office, decision: str, opinion: str | None, data: dict[str, Any], field: str
) -> None:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler", "formal_check")
    with pytest.raises(InvalidInputError) as refused:
        office.complete("jr.handler", task_id, decision, opinion, **data)
    office.session.rollback()
    assert [error.field for error in refused.value.errors] == [field]
    assert [row.id for row in office.queue("jr.handler", "mine")] == [task_id]


@pytest.mark.parametrize(
    ("decision", "data", "field"),
    [
        ("recognised", {"document_number": "晋金办〔2019〕15号"}, "amount_fen"),
        ("recognised", {"amount_fen": 1}, "document_number"),
        ("recognised", {"document_number": "晋金办[2019]15号", "amount_fen": 1}, "document_number"),
        ("recognised", {"document_number": "晋金办〔2019〕第015号", "amount_fen": 1}, "document_number"),
        ("recognised", {"document_number": "晋金办〔2019〕15号", "amount_fen": 0}, "amount_fen"),
        ("refused", {"document_number": "晋金办〔2019〕16号"}, "reason"),
        ("refused", {"document_number": "晋金办〔2019〕16号", "reason": "无", "amount_fen": 1}, "amount_fen"),
    ],
)
def test_a_wrong_recognition_is_refused_by_field(
    office: Office, decision: str, data: dict[str, Any], field: str
) -> None:
    office.filed("YHQ")
    task_id = office.take("pjr.handler", "recognise")
    with pytest.raises(InvalidInputError) as refused:
        office.complete("pjr.handler", task_id, decision, "不予认定", **data)
    assert [error.field for error in refused.value.errors] == [field]
