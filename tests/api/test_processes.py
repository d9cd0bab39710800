"""Process definitions through HTTP: reading, and from draft to use by two persons."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api, fields
from tests.factories.cases import LIBRARY

DIAGRAM = (LIBRARY / "bond_subsidy" / "process.bpmn").read_bytes()
DRAFTS = "/processes/bond_subsidy/drafts"


@pytest.fixture
def draft(api: Api) -> Any:
    """A draft of the diagram as it is."""
    answer = api.post(DRAFTS, "admin.system", data=DIAGRAM, content_type="application/xml")
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_process_is_listed_and_read(api: Api) -> None:
    [item] = api.ok("GET", "/processes", "jr.handler")["items"]
    assert (item["key"], item["case_type"], item["measure"], item["version"]) == ("bond_subsidy", "CT2", "2", 1)
    diagram = api.get("/processes/bond_subsidy/versions/1/bpmn", "jr.handler")
    assert (diagram.data, diagram.mimetype) == (DIAGRAM, "application/xml")
    assert api.get("/processes/bond_subsidy/versions/2/bpmn", "jr.handler").status_code == 404
    assert api.get("/processes/nothing", "jr.handler").status_code == 404


def test_a_version_is_published_by_two_persons(api: Api, draft: Any) -> None:
    path = f"{DRAFTS}/{draft['id']}"
    assert api.ok("POST", f"{path}/check", "admin.system") == {"ok": True, "findings": draft["findings"]}
    assert api.post(f"{path}/approve", "admin.security").status_code == 409
    requested = api.post(f"{path}/publish-requests", "admin.system")
    assert (requested.status_code, requested.json["status"]) == (201, "requested")
    assert api.post(f"{path}/publish-requests", "admin.system").status_code == 409
    assert api.post(f"{path}/approve", "admin.system").status_code == 403
    assert api.ok("POST", f"{path}/approve", "admin.security")["version"] == 2
    assert api.ok("GET", "/processes/bond_subsidy", "jr.handler")["version"] == 2


def test_a_draft_may_come_as_json(api: Api) -> None:
    answer = api.post(DRAFTS, "admin.system", json={"bpmn": DIAGRAM.decode()})
    assert (answer.status_code, answer.json["ok"]) == (201, True)


def test_a_faulty_draft_is_kept_but_not_published(api: Api) -> None:
    faulty = DIAGRAM.replace(b'sourceRef="filed" targetRef="recognise"', b'sourceRef="filed" targetRef="nowhere"')
    draft = api.post(DRAFTS, "admin.system", data=faulty, content_type="application/xml").json
    assert draft["ok"] is False
    checked = api.ok("POST", f"{DRAFTS}/{draft['id']}/check", "admin.security")
    assert any(finding["severity"] == "error" and finding["message"] for finding in checked["findings"])
    refused = api.post(f"{DRAFTS}/{draft['id']}/publish-requests", "admin.system")
    assert (refused.status_code, refused.json["code"]) == (422, "definition")
    assert refused.json["findings"]


def test_a_malformed_diagram_gets_findings_never_a_failure(api: Api) -> None:
    for xml in (
        b"<not xml",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
        b"<x/>",
        b"[1, 2]",
        "<?xml version='1.0' encoding='GB2312'?><x>中</x>".encode(),
    ):
        answer = api.post(DRAFTS, "admin.system", data=xml, content_type="application/xml")
        assert answer.status_code == 201, answer.text
        assert answer.json["ok"] is False, xml
        assert answer.json["findings"], xml


def test_a_diagram_that_is_no_text_is_refused(api: Api) -> None:
    for xml in (b"", b"  ", b"\xff\xfe<\x00", b"<x>\x00</x>", b"<x>\x01</x>"):
        assert fields(api.post(DRAFTS, "admin.system", data=xml, content_type="application/xml")) == {"bpmn"}, xml


def test_a_diagram_of_another_type_or_size_is_refused(api: Api) -> None:
    assert api.post(DRAFTS, "admin.system", data=DIAGRAM, content_type="text/plain").status_code == 415
    huge = b"<x>" + b"a" * (2 << 20) + b"</x>"
    assert api.post(DRAFTS, "admin.system", data=huge, content_type="application/xml").status_code == 413
    assert fields(api.post(DRAFTS, "admin.system", json={"bpmn": 1, "name": "x"})) == {"bpmn", "name"}


def test_a_draft_of_another_process_or_none_is_not_found(api: Api, draft: Any) -> None:
    assert api.post(f"/processes/other/drafts/{draft['id']}/check", "admin.system").status_code == 404
    assert api.post(f"{DRAFTS}/999999/check", "admin.system").status_code == 404
    assert api.post(f"{DRAFTS}/99999999999/check", "admin.system").status_code == 404
    other = api.post("/processes/other/drafts", "admin.system", data=DIAGRAM, content_type="application/xml")
    assert other.status_code == 404
