"""Process definitions, and drafts on their way to use."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from webapp.api.sentences import Language
from webapp.api.v1.content.base import Incoming, Outgoing
from workflows.engine import Finding as EngineFinding
from workflows.processes.catalogue import ProcessSummary, PublishedProcess
from workflows.processes.publishing import Draft as KeptDraft

BPMN_LIMIT = 2 << 20
"""Bytes of a diagram; the longest in the library is a fiftieth of it."""


class DraftXml(Incoming):
    """A diagram in JSON clothes."""

    bpmn: Annotated[str, StringConstraints(min_length=1, max_length=BPMN_LIMIT)]


class ProcessItem(Outgoing):
    """A process in its newest published version."""

    key: str
    name: str
    case_type: str
    measure: str
    prefix: str
    version: int


class ProcessList(Outgoing):
    """Processes by key."""

    items: list[ProcessItem]
    next: str | None


class Process(ProcessItem):
    """A process with what is needed to apply."""

    sha256: str
    apply_form: str | None
    apply_schema: dict[str, Any] | None
    """JSON Schema of `data` in `POST /cases`."""


class Finding(Outgoing):
    """What a check found."""

    severity: str
    code: str
    element_id: str | None
    message: str


class Draft(Outgoing):
    """A version on its way to use."""

    id: int
    process: str
    status: str
    version: int | None
    sha256: str
    ok: bool
    findings: list[Finding]


class CheckResult(Outgoing):
    """Whether a draft may be published, and what stands against it."""

    ok: bool
    findings: list[Finding]


def process_item(summary: ProcessSummary, language: Language) -> ProcessItem:
    """Return a process as content."""
    return ProcessItem(**_fields(summary, language))


def process(summary: ProcessSummary, published: PublishedProcess, language: Language) -> Process:
    """Return a process with its application form as content."""
    form = published.model.attributes.get("applyForm")
    schema = published.form(form)
    return Process(
        **_fields(summary, language),
        sha256=summary.sha256,
        apply_form=form,
        apply_schema=None if schema is None else dict(schema),
    )


def draft(kept: KeptDraft, language: Language) -> Draft:
    """Return a draft as content."""
    return Draft(
        id=kept.id,
        process=kept.key,
        status=str(kept.status),
        version=kept.number,
        sha256=kept.sha256,
        ok=kept.ok,
        findings=findings(kept.findings, language),
    )


def findings(found: tuple[EngineFinding, ...], language: Language) -> list[Finding]:
    """Return findings as content."""
    return [
        Finding(
            severity=finding.severity,
            code=finding.code,
            element_id=finding.element_id,
            message=finding.message_en if language == "en" else finding.message,
        )
        for finding in found
    ]


def _fields(summary: ProcessSummary, language: Language) -> dict[str, Any]:
    return {
        "key": summary.key,
        "name": summary.name_en if language == "en" else summary.name_zh,
        "case_type": summary.case_type,
        "measure": summary.measure_no,
        "prefix": summary.case_prefix,
        "version": summary.version,
    }
