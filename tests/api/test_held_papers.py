"""待查毒: nobody reads a paper, and no step counts it, before the scanner has passed it."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.api.conftest import Api, fields
from tests.api.pages import enter
from tests.api.scanned import APPLICANT, INFECTED, PDF, state, upload, use
from tests.clamav import Scanner, clean, liar
from tests.factories.cases import application, issuer
from tests.factories.org import actor
from webapp import context
from webapp.jobs.scans import scan_papers
from webapp.transaction import reading, writing
from workflows.cases.materials.drafts import (
    NewPaper,
    add_paper,
    get_application,
    save_application,
    submit_application,
)
from workflows.cases.materials.scans import ScanRule
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError


@pytest.fixture
def number(api: Api) -> str:
    return api.open()


def test_a_held_paper_does_not_answer_what_was_asked_for(api: Api, app: Flask, number: str, tmp_path: Path) -> None:
    upload(api, number, PDF)
    task = api.task("jr.handler", "formal_check")
    claimed = api.ok("POST", f"/tasks/{task['id']}/claim", "jr.handler")
    path = f"/cases/{quote(number)}/materials/prospectus/send-back"
    api.ok("POST", path, "jr.handler", json={"problem": "缺第3页"})
    body = {"decision": "supplement", "row_version": claimed["row_version"], "opinion": "请补齐"}
    api.ok("POST", f"/tasks/{task['id']}/complete", "jr.handler", json=body)
    use(app, f"unix:{tmp_path}/liar")
    upload(api, number, PDF + b"\n")
    mine = api.task(APPLICANT, "supplement")
    claimed = api.ok("POST", f"/tasks/{mine['id']}/claim", APPLICANT)
    data = application(issuer(0, "YHQ"))
    body = {"decision": mine["actions"][0], "row_version": claimed["row_version"], "data": data}
    refused = api.post(f"/tasks/{mine['id']}/complete", APPLICANT, json=body)
    assert fields(refused) == {"data.materials.prospectus"}
    assert refused.json["errors"][0]["code"] == "still-held"
    with liar(tmp_path, clean):
        scan_papers()
    api.ok("POST", f"/tasks/{mine['id']}/complete", APPLICANT, json=body)


@pytest.mark.parametrize(("language", "said"), [("zh", "待查毒"), ("en", "Waiting for the virus scan")])
def test_the_page_says_that_a_paper_waits_and_offers_no_way_to_it(
    api: Api, app: Flask, visitor: FlaskClient, number: str, tmp_path: Path, language: str, said: str
) -> None:
    use(app, f"unix:{tmp_path}/none")
    key = upload(api, number, PDF).json["id"]
    enter(visitor, APPLICANT)
    visitor.get(f"/language/{language}")
    page = visitor.get(f"/cases/{quote(number)}?tab=materials").text
    assert page.count(said) == 2, "the line and the file"
    for way in ("", "/preview", "/content"):
        assert f'/documents/{key}{way}"' not in page
        assert visitor.get(f"/cases/{quote(number)}/documents/{key}{way}").status_code == 409


def test_a_held_paper_is_lacking_when_an_application_is_taken_in(
    api: Api, app: Flask, number: str, tmp_path: Path
) -> None:
    use(app, f"unix:{tmp_path}/none")
    upload(api, number, PDF)
    api.do("jr.handler", "formal_check", "accept", case_no=number)
    assert state(api, number, who="jr.handler")[0] == "held", "not accepted: nobody has seen it"


@pytest.mark.services
def test_a_draft_waits_for_its_papers_and_its_author_is_told(
    api: Api, app: Flask, clock: FixedClock, clamd: Scanner
) -> None:
    use(app, clamd.address)
    with app.app_context():
        who = actor(reading(), APPLICANT, clock)
        with writing() as session:
            draft_id = save_application(session, "bond_subsidy", application(issuer(0, "YHQ")), actor=who, clock=clock)
        stored = context.store().put(io.BytesIO(INFECTED), limit=1 << 20)
        paper = NewPaper("prospectus", "全本.pdf", "application/pdf", stored.size, stored.sha256, scan=ScanRule())
        with writing() as session:
            add_paper(session, draft_id, paper, actor=who, clock=clock)
        assert wrong(reading(), draft_id, clock)["materials.prospectus"] == "still-held"
        scan_papers()
        assert wrong(reading(), draft_id, clock)["materials.prospectus"] == "file-blocked"
        line = get_application(reading(), draft_id, actor=who).lines
        assert [file.status for one in line for file in one.files] == ["blocked"]
    told = api.ok("GET", "/notifications", APPLICANT)["items"][0]
    assert (told["kind"], told["case_no"], told["facts"]["draft"]) == ("paper_blocked", None, draft_id)
    assert "全本.pdf" in told["text"]


def wrong(session: Session, draft_id: int, clock: FixedClock) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as refused, writing() as session:
        submit_application(session, draft_id, actor=actor(session, APPLICANT, clock), clock=clock)
    return {error.field: error.code for error in refused.value.errors}
