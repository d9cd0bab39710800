"""The API describes itself, completely and without help from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api

CALLS = {
    "POST /tokens",
    "DELETE /tokens/current",
    "GET /me",
    "GET /measures",
    "GET /processes",
    "GET /processes/{key}",
    "GET /processes/{key}/versions/{number}/bpmn",
    "POST /processes/{key}/drafts",
    "POST /processes/{key}/drafts/{draft_id}/check",
    "POST /processes/{key}/drafts/{draft_id}/publish-requests",
    "POST /processes/{key}/drafts/{draft_id}/approve",
    "GET /cases",
    "POST /cases",
    "GET /cases/{no}",
    "GET /cases/{no}/events",
    "GET /cases/{no}/documents",
    "POST /cases/{no}/documents",
    "GET /cases/{no}/documents/{document_id}",
    "GET /cases/{no}/notices",
    "GET /cases/{no}/notices/{notice_id}",
    "GET /cases/{no}/notices/{notice_id}.pdf",
    "GET /cases/{no}/notices/{notice_id}.docx",
    "GET /cases/{no}/approval",
    "GET /cases/{no}/approval.pdf",
    "GET /cases/{no}/approval.docx",
    "GET /documents/register",
    "POST /documents/register/{notice_id}/void",
    "POST /cases/{no}/suspend",
    "POST /cases/{no}/resume",
    "POST /cases/{no}/withdraw",
    "GET /tasks",
    "GET /tasks/{task_id}",
    "GET /tasks/{task_id}/return-targets",
    "POST /messages",
    "GET /assignment-rules",
    "GET /assignment-rules/change-requests",
    "POST /assignment-rules/change-requests",
    "GET /assignment-rules/change-requests/{change_id}",
    "POST /assignment-rules/change-requests/{change_id}/approve",
    "POST /assignment-rules/change-requests/{change_id}/reject",
    "POST /assignment-rules/change-requests/{change_id}/withdraw",
    "GET /incidents",
    "POST /incidents/{incident_id}/retry",
    "GET /calendar/deadline",
    "GET /audit/verify",
    "GET /audit/viewings",
    "GET /cases/{no}/viewings",
    "POST /tasks/{task_id}/receive",
    "POST /tasks/{task_id}/claim",
    "POST /tasks/{task_id}/release",
    "POST /tasks/{task_id}/assign",
    "POST /tasks/{task_id}/transfer",
    "POST /tasks/{task_id}/recall",
    "POST /tasks/{task_id}/return",
    "POST /tasks/{task_id}/add-signer",
    "POST /tasks/{task_id}/remove-signer",
    "POST /tasks/{task_id}/complete",
    "GET /cases/{no}/payments",
    "GET /views",
    "POST /views",
    "DELETE /views/{view_id}",
    "GET /phrases",
    "POST /phrases",
    "DELETE /phrases/{phrase_id}",
    "GET /tasks/{task_id}/draft",
    "POST /tasks/{task_id}/draft",
    "DELETE /tasks/{task_id}/draft",
    "POST /tasks/{task_id}/foresee",
    "POST /me/password",
    "POST /me/preferences",
    "GET /me/logins",
    "GET /cases/{no}/documents/{document_id}/preview",
    "GET /cases/{no}/materials",
    "POST /cases/{no}/materials/{item}/send-back",
    "POST /cases/{no}/materials/{item}/undo-send-back",
    "DELETE /me/logins",
    "DELETE /me/logins/{login_id}",
    "GET /me/second-factor",
    "POST /me/second-factor",
    "POST /me/second-factor/confirm",
    "POST /me/second-factor/recovery-codes",
    "POST /me/second-factor/remove",
    "GET /agencies",
    "GET /people",
    "POST /people",
    "GET /people/{person_id}",
    "POST /people/{person_id}/close",
    "POST /people/{person_id}/password-requests",
    "POST /people/{person_id}/restoration-requests",
    "POST /people/{person_id}/second-factor/reset",
    "GET /posts",
    "GET /appointments",
    "POST /appointments",
    "POST /appointments/{appointment_id}/end",
    "GET /grant-requests",
    "POST /grant-requests/{grant_id}/approve",
    "POST /grant-requests/{grant_id}/refuse",
    "POST /grant-requests/{grant_id}/withdraw",
    "POST /me/tokens",
    "GET /me/tokens",
    "DELETE /me/tokens/{token_id}",
    "GET /absences",
    "GET /backups",
    "GET /calendar/versions",
    "GET /cases/{no}/clocks",
    "GET /cases/{no}/copies",
    "GET /cases/{no}/opinions",
    "GET /delegations",
    "GET /notifications",
    "GET /tasks/posts",
    "GET /tasks/{task_id}/deadline",
    "POST /absences",
    "POST /absences/{absence_id}/end",
    "POST /agencies/{code}/succession",
    "POST /backups",
    "POST /backups/{backup_id}/end",
    "POST /calendar/checks",
    "POST /calendar/versions",
    "POST /cases/{no}/copies",
    "POST /cases/{no}/copies/{copy_id}/withdraw",
    "POST /delegations",
    "POST /delegations/{delegation_id}/end",
    "POST /measures/{line}/lead",
    "POST /notifications/read",
    "POST /people/{username}/hand-over",
    "POST /tasks/bulk",
    "POST /tasks/{copy_id}/acknowledge",
    "POST /tasks/{task_id}/ask-again",
    "POST /tasks/{task_id}/delegate",
    "POST /tasks/{task_id}/hand-back",
    "POST /tasks/{task_id}/take-back",
    "POST /tasks/{task_id}/urge",
}


@pytest.fixture
def description(api: Api) -> Any:
    return api.get("/openapi.json").json


def test_the_description_is_openapi_31_and_names_no_host(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": "/"}]
    assert "http" not in str({**description, "components": {}}).replace("https://", "http")


def test_each_call_of_the_contract_is_described(description: Any) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    }
    assert set(described) == CALLS
    for call, operation in described.items():
        assert operation["summary"], call
        assert operation["x-permission"], call
        assert any(status.startswith("2") for status in operation["responses"]), call


def test_every_reference_leads_somewhere(description: Any) -> None:
    known = set(description["components"]["schemas"])
    used = {text.rpartition("/")[2] for text in _references(description)}
    assert used <= known


def test_what_comes_in_is_strict_in_the_description_too(description: Any) -> None:
    for path, operations in description["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                schema = description["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                assert schema["additionalProperties"] is False, path


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []
