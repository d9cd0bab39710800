"""Official documents over the API: listed with their 文号, each applicant's own, the register of one's own agency."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.conftest import Api, fields


def accepted(api: Api) -> tuple[str, int]:
    number = api.open()
    api.do("jr.handler", "formal_check", "accept", case_no=number)
    items = api.ok("GET", f"/cases/{quote(number)}/notices", "jr.handler")["items"]
    return number, items[-1]["id"]


def test_documents_of_a_case_carry_their_number(api: Api) -> None:
    number, key = accepted(api)
    row = api.ok("GET", f"/cases/{quote(number)}/notices/{key}", "enterprise-a.applicant")
    assert (row["document_no"], row["title"], row["issuer"]["code"]) == ("运金办〔2019〕1号", "受理通知书", "JR")
    assert row["to"] == "发行人1有限公司"


def test_documents_of_another_agency_are_not_found(api: Api) -> None:
    number, key = accepted(api)
    other = api.open()
    for path in (f"/cases/{quote(number)}/notices", f"/cases/{quote(number)}/notices/{key}"):
        for stranger in ("cz.handler", "bank-a.applicant", "hejin.handler"):
            assert api.get(path, stranger).status_code == 404
    assert api.get(f"/cases/{quote(other)}/notices/{key}", "jr.handler").status_code == 404


def test_the_register_lists_voids_and_refuses(api: Api) -> None:
    _, key = accepted(api)
    listed = api.ok("GET", "/documents/register?year=2019&q=" + quote("运金办"), "jr.clerk")
    assert [item["document_no"] for item in listed["items"]] == ["运金办〔2019〕1号"]
    assert api.ok("GET", "/documents/register", "cz.handler")["items"] == []
    path = f"/documents/register/{key}/void"
    assert fields(api.post(path, "jr.leader", json={"reason": ""})) == {"reason"}
    assert fields(api.post(path, "jr.leader", json={"reason": "长" * 2001})) == {"reason"}
    assert api.post(path, "jr.handler", json={"reason": "错"}).status_code == 403
    assert api.post(path, "cz.leader", json={"reason": "错"}).status_code == 404
    assert api.ok("POST", path, "jr.leader", json={"reason": "主送有误"})["void_reason"] == "主送有误"
    assert api.post(path, "jr.leader", json={"reason": "再次"}).status_code == 409
    assert fields(api.get("/documents/register?year=99", "jr.leader")) == {"year"}
    assert fields(api.get("/documents/register?kind=letter", "jr.leader")) == {"kind"}
