"""The checklist of a case on a page: its lines, the papers beside it, the forms to add to it or send of it back."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.cases.paper_views import DocumentRow, MaterialLine


@dataclass(frozen=True)
class Line:
    """A line of the checklist on a page.

    Args:
        key: names its forms and what is wrong in them, on this page.
        can_add: the reader may add a file to it.
        can_send_back: the reader may send it back.
        asked: what an officer wrote of it without sending it back.
    """

    key: str
    line: MaterialLine
    can_add: bool
    can_send_back: bool
    asked: tuple[str, ...] = ()

    @property
    def has_room(self) -> bool:
        """A further file may stand beside those that are there."""
        return len(self.line.files) < self.line.max_files


@dataclass(frozen=True)
class Materials:
    """What the tab shows.

    Args:
        others: papers beside the list.
        accepting: decisions that take the application in, for which what is lacking must be confirmed.
    """

    lines: tuple[Line, ...]
    others: tuple[DocumentRow, ...]
    lacking: int
    upload_max_mb: int
    accepting: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many files count."""
        return len(self.others) + sum(len(one.line.files) for one in self.lines)

    @property
    def sent_back(self) -> tuple[Line, ...]:
        """The lines that wait for the applicant."""
        return tuple(one for one in self.lines if one.line.state == "sent_back")
