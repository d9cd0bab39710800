"""What the check of a diagram says: one finding for each thing a person must change or should know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from workflows.errors import DefinitionError

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One remark on a diagram.

    Args:
        severity: `error` keeps the diagram from being published, `warning` does not.
        code: stable, lower case with hyphens.
        element_id: the element concerned; None where it has no id or the whole file is meant.
        message: Chinese, for an administrator who does not program: what is wrong and what to do.
        message_en: the same in English.
    """

    severity: Severity
    code: str
    element_id: str | None
    message: str
    message_en: str


class DiagramRefusedError(DefinitionError):
    """A diagram that cannot be run as it is.

    Args:
        findings: why; at least one error among them.
    """

    code: ClassVar[str] = "diagram-refused"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{f.element_id or '-'}: {f.code}: {f.message_en}" for f in self.findings))


def error(code: str, element_id: str | None, message: str, message_en: str) -> Finding:
    """A finding that keeps the diagram from being published."""
    return Finding("error", code, element_id, message, message_en)


def warning(code: str, element_id: str | None, message: str, message_en: str) -> Finding:
    """A finding that only informs."""
    return Finding("warning", code, element_id, message, message_en)
