"""From what a document states to the texts its template takes: all Chinese, all plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flask_babel import force_locale

from webapp import wording
from workflows.cases.official.approval import Note
from workflows.cases.official.statement import Statement
from workflows.money import format_yuan

CHINESE = "zh_Hans_CN"
APPROVAL = "approval"
_NOT_PLAIN = re.compile(
    r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""What no Word file can hold, and marks that turn text around."""


@dataclass(frozen=True)
class ApprovalSheet:
    """What the approval sheet of a case states at one moment.

    Args:
        notes: section → notes.
    """

    case_no: str
    title: str
    sender: str
    document_no: str
    received_on: date
    leads: str
    supports: str
    handler: str
    due_on: date | None
    summary: str
    attachments: str
    notes: Mapping[str, tuple[Note, ...]]
    kind: str = APPROVAL


def statement_fields(statement: Statement) -> dict[str, Any]:
    """Return what the templates of documents to the applicant are filled in with."""
    with force_locale(CHINESE):
        outcome = wording.outcome(statement.outcome) if statement.outcome else ""
        parts = [{"name": part.name, "outcome": wording.outcome(part.outcome)} for part in statement.parts]
        sender = statement.sender or wording.task_role("lead")
    fields = {
        **asdict(statement),
        "document_no": statement.document_no or "",
        "sender": sender,
        "applied_on": long_day(statement.applied_on),
        "issued_on": long_day(statement.issued_on),
        "due_on": long_day(statement.due_on) if statement.due_on else "",
        "limit_days": str(statement.limit_days or ""),
        "uncounted": "、".join(statement.uncounted),
        "items": [{name: _sentence(value) for name, value in asdict(item).items()} for item in statement.items],
        "parts": parts,
        "outcome": outcome,
        "reason": _sentence(statement.reason),
        "paid": format_yuan(statement.paid_fen).removesuffix(".00") if statement.paid_fen else "",
    }
    cleaned: dict[str, Any] = _plain(fields)
    return cleaned


def sheet_fields(sheet: ApprovalSheet) -> dict[str, Any]:
    """Return what the template of the approval sheet is filled in with."""
    notes = {
        section: [{"text": note.text, "by": note.by, "on": long_day(note.on)} for note in found]
        for section, found in sheet.notes.items()
    }
    facts = asdict(sheet)
    del facts["notes"]
    due_on = long_day(sheet.due_on) if sheet.due_on else "—"
    cleaned: dict[str, Any] = _plain(
        {**facts, **notes, "received_on": long_day(sheet.received_on), "due_on": due_on, "urgency": ""}
    )
    return cleaned


def long_day(value: date) -> str:
    """`2019年2月13日`."""
    return f"{value.year}年{value.month}月{value.day}日"


def _sentence(text: str | None) -> str:
    """The template ends the sentence."""
    return (text or "").strip().rstrip("。；;")


def _plain(value: Any) -> Any:
    """Leave out what no Word file can hold, and what a template would take for a break of page or paragraph."""
    if isinstance(value, str):
        return _NOT_PLAIN.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
