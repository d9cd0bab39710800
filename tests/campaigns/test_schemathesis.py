"""Input made from the API's own description: whatever comes in, the answer is a described one and never a failure.

A few examples for each call; `LIANBAN_FULL=1` makes many more.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Api, api  # noqa: F401  # the fixture
from tests.factories.cases import LIBRARY

EXAMPLES = 200 if os.environ.get("LIANBAN_FULL") else 6
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CALLERS = {
    "process:draft": "admin.system",
    "process:approve": "admin.security",
    "incident:read": "admin.system",
    "incident:retry": "admin.system",
    "audit:read": "admin.audit",
    "message:deliver": "pjr.system",
    "case:open": "enterprise-a.applicant",
    "case:withdraw": "enterprise-a.applicant",
    "case:suspend": "jr.leader",
    "task:assign": "jr.reviewer",
    "check_draft": "admin.security",
}
"""Permission, or operation → somebody who may; the rest is tried as JR's case handler."""
LEFT_OUT = {"delete_current_token"}
"""Ends the token the others use."""


def test_no_input_made_from_the_description_makes_the_api_fail(api: Api) -> None:  # noqa: F811
    number, draft = api.open(), _draft(api)
    task = api.task("jr.handler", "formal_check")["id"]
    api.ok("POST", f"/tasks/{task}/claim", "jr.handler")
    known = {"no": number, "key": "bond_subsidy", "number": 1, "task_id": task, "draft_id": draft}
    schema = from_dict(api.get("/openapi.json").json)
    schema.app = api.client.application
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] not in LEFT_OUT:
            _try(api, operation, known)
            tried += 1
    assert tried >= 38


def _try(api: Api, operation: APIOperation, known: dict[str, Any]) -> None:  # noqa: F811
    raw = operation.definition.raw
    who = CALLERS.get(raw["operationId"]) or CALLERS.get(raw["x-permission"], "jr.handler")
    if raw["x-permission"] == "everybody":
        who = None
    # Answers are read as they come from the program: no server in between unpacks them.
    headers = {"Accept-Encoding": "identity", **(_headers(api, who) if who else {})}
    inner = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
    cases = st.one_of(
        operation.as_strategy(GenerationMode.POSITIVE, path_parameters=inner or None),
        operation.as_strategy(GenerationMode.POSITIVE),
        operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=inner or None),
    )

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=not os.environ.get("LIANBAN_FULL"),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def answer(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    answer()


def _headers(api: Api, who: str) -> dict[str, str]:  # noqa: F811
    # Made-up posts would be refused before anything else is looked at, call after call.
    post = api.ok("GET", "/me", who)["acting_post"]["id"]
    return {"Authorization": f"Bearer {api.token(who)}", "X-Acting-Post": str(post)}


def _draft(api: Api) -> int:  # noqa: F811
    diagram = (LIBRARY / "bond_subsidy" / "process.bpmn").read_bytes()
    draft = api.ok(
        "POST", "/processes/bond_subsidy/drafts", "admin.system", data=diagram, content_type="application/xml"
    )
    return int(draft["id"])
