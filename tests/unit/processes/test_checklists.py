"""The check of a checklist: what is wrong is said in words, with the paper it is about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.cases import LIBRARY, application, issuer
from workflows.processes import ProcessFiles
from workflows.processes.materials import check_checklist, read_checklist

FILES = ProcessFiles.from_folder(LIBRARY / "bond_subsidy")
FORM = FILES.forms["application"]


def codes(**changes: Any) -> set[str]:
    """What the check says of a list with one paper, changed."""
    paper = {"id": "licence", "name": "营业执照", "name_en": "Licence", **changes}
    return {remark.code for remark in check_checklist({"items": [paper]}, FORM)}


def test_a_plain_paper_passes() -> None:
    assert codes() == set()
    assert codes(required=True, per="issuers", kinds=["pdf"], max_mb=5, max_files=2, basis="assumption") == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "Licence"}, "materials-id"),
        ({"id": "x" * 41}, "materials-id"),
        ({"id": 7}, "materials-id"),
        ({"requried": True}, "materials-unknown-key"),
        ({"name": " "}, "materials-name"),
        ({"name_en": "x" * 101}, "materials-name"),
        ({"hint": "x" * 501}, "materials-text"),
        ({"kinds": ["exe"]}, "materials-kind"),
        ({"kinds": []}, "materials-kind"),
        ({"max_mb": 0}, "materials-figure"),
        ({"max_files": True}, "materials-figure"),
        ({"supplied_by": "bank"}, "materials-supplier"),
        ({"per": "banks"}, "materials-list"),
        ({"required": "instrument ="}, "materials-condition"),
        ({"required": 'instrumnt = "x"'}, "materials-condition"),
        ({"required": "row.name = null"}, "materials-condition"),
        ({"required": "row.nme = null", "per": "issuers"}, "materials-condition"),
        ({"required": 1}, "materials-condition"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == {code}


def test_two_papers_of_one_id_are_told() -> None:
    paper = {"id": "licence", "name": "营业执照", "name_en": "Licence"}
    found = list(check_checklist({"items": [paper, paper]}, FORM))
    assert [(remark.code, remark.item) for remark in found] == [("materials-duplicate", "licence")]
    assert "相同" in found[0].zh
    assert "licence" in found[0].en


@pytest.mark.parametrize("content", [None, [], {}, {"items": 3}, {"items": ["x"]}, "text", {"items": [], "more": 1}])
def test_what_is_no_list_at_all_is_said_and_never_crashes(content: Any) -> None:
    assert list(check_checklist(content, FORM))


def test_conditions_are_worked_out_on_the_application() -> None:
    checklist = read_checklist(FILES.materials, FORM)
    one, three = application(issuer(0, "YHQ")), application(*(issuer(n, "YHQ") for n in range(3)))

    def required(form: dict[str, Any]) -> set[str]:
        lines = [(item, row) for item in checklist.items for _subject, row in checklist.rows(item, form)]
        return {item.id for item, row in lines if item.is_required(form, row)}

    shared = {"registration", "prospectus", "issue_certificate"}
    always = shared | {"business_licence", "account_certificate", "commitment"}
    assert required(one) == always | {"conversion_terms"}
    assert required(three) == always | {"power_of_attorney"}
    assert required({}) == shared


def test_a_checklist_is_part_of_its_version_and_a_version_without_one_keeps_its_address() -> None:
    bare = ProcessFiles(FILES.diagrams, FILES.forms)
    assert bare.sha256() != FILES.sha256()
    assert b"materials" not in bare.to_bytes()
    assert ProcessFiles.from_bytes(FILES.to_bytes()) == FILES
    assert FILES.with_diagram(b"<x/>").materials == FILES.materials
