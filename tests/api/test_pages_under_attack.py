"""Addresses that somebody made up, on the pages: no error of the server, no way off the site."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from tests.api.conftest import PASSWORD, Api
from tests.factories.cases import application, issuer
from tests.factories.checklists import OF_ISSUER, SHARED
from webapp.api.converters import KeyConverter
from webapp.ui.language import local_address

BEYOND = (2**63, 10**30)
"""Keys that no database holds."""


def sign_in(api: Api, username: str) -> None:
    token = form_token(api)
    answer = api.client.post("/login", data={"username": username, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 302


def form_token(api: Api, page: str = "/login") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)', api.client.get(page).text)
    assert found is not None
    return found[1]


def answers() -> dict[str, str]:
    """An application as the page posts it."""
    posted: dict[str, str] = {}
    for name, value in application().items():
        if name != "issuers":
            posted[name] = "yes" if value is True else str(value)
    for name, value in issuer(0, "YHQ").items():
        posted[f"issuers.0.{name}"] = str(value)
    return {**posted, "instrument": "convertible_bond", "issuers.0.issue_amount_fen": "50000000.00"}


def test_an_application_sent_twice_at_once_opens_one_case(api: Api) -> None:
    sign_in(api, "enterprise-a.applicant")
    token = form_token(api, "/apply/bond_subsidy")
    checked = api.client.post("/apply/bond_subsidy", data={**answers(), "csrf_token": token, "go": "check"})
    draft = checked.headers["Location"]
    lay_papers(api, draft, token)
    before = api.client.get_cookie("lianban")
    assert before is not None
    receipts = []
    for _ in range(2):
        api.client.set_cookie("lianban", before.value)  # both clicks leave the browser before either answer arrives
        answer = api.client.post(f"{draft}/submit", data={"csrf_token": token})
        receipts.append((answer.status_code, answer.headers["Location"]))
    assert receipts[0] == receipts[1]
    assert len(api.ok("GET", "/cases", "enterprise-a.applicant")["items"]) == 1


def lay_papers(api: Api, draft: str, token: str) -> None:
    """Lay one paper to each line of the checklist, as the page names the lines."""
    subject = issuer(0, "YHQ")["uscc"]
    lines = [(item, "") for item in (*SHARED, "conversion_terms")] + [(item, subject) for item in OF_ISSUER]
    for number, (item, about) in enumerate(lines):
        file = (io.BytesIO(b"%%PDF-1.7\n%d 0 obj\n<<>>\nendobj\n%%%%EOF\n" % number), f"{item}.pdf")
        sent = {"csrf_token": token, "item": item, "subject": about, "file": file}
        laid = api.client.post(f"{draft}/papers", data=sent)
        assert laid.status_code == 302, (item, re.findall(r'class="err[^>]*>([^<]+)', laid.text))


def test_keys_beyond_every_database_are_not_found(api: Api) -> None:
    number = api.open()
    sign_in(api, "jr.handler")
    for key in BEYOND:
        for path in (f"/tasks/{key}", f"/cases/{number}/documents/{key}", f"/cases/{number}/notices/{key}"):
            assert api.client.get(path).status_code == 404, path


@pytest.mark.parametrize("username", ["jr.handler", "admin.system", "admin.security", "enterprise-a.applicant"])
def test_the_largest_key_an_address_takes_is_no_error(api: Api, app: Flask, username: str) -> None:
    number = api.open()
    sign_in(api, username)
    token = form_token(api, "/me")
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            continue
        held = {name: one for name, one in rule._converters.items() if name in rule.arguments}
        keys = {name: one.maximum for name, one in held.items() if isinstance(one, KeyConverter)}
        if not keys:
            continue
        others = {name: sorted(getattr(one, "items", [number]))[0] for name, one in held.items() if name not in keys}
        path = rule.build({**others, **keys}, append_unknown=False)[1]
        method = "POST" if "POST" in rule.methods else "GET"
        answer = api.client.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code < 500, (method, path)
        answer.close()
        tried += 1
    assert tried >= 30


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "/\x00/evil.example"]
)
def test_no_address_leads_off_the_site(api: Api, address: str) -> None:
    assert local_address(address, otherwise="/home") == "/home"
    answer = api.client.get("/language/en", query_string={"back": address})
    assert answer.headers["Location"] == "/"


def test_an_address_on_the_site_is_kept() -> None:
    kept = "/cases/运债补〔2026〕1号?status=closed#files"
    assert local_address(kept, otherwise="/") == kept
