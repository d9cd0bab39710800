"""What the page of 阅览记录 shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from webapp import wording
from webapp.translation import _
from webapp.ui.formats import named
from webapp.ui.problems import Problem
from workflows.cases.viewings.listing import ViewingRow
from workflows.cases.viewings.tables import Viewed, Way
from workflows.errors import FieldError, InvalidInputError

FILTERS = ("no", "who", "from_on", "to_on")


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to, as it was typed."""

    no: str
    who: str
    from_on: str
    to_on: str

    def given(self) -> Iterator[tuple[str, str]]:
        """Return each with its name in the address."""
        return ((name, getattr(self, name)) for name in FILTERS)

    def shown(self, name: str) -> str:
        """Return a day as its field takes it: nothing where what was given is no date."""
        try:
            day = self.day(name)
        except InvalidInputError:
            return ""
        return day.isoformat() if day else ""

    def day(self, name: str) -> date | None:
        """Return a day, None where none is given.

        Raises:
            InvalidInputError: it is no date.
        """
        text = getattr(self, name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise InvalidInputError([FieldError(name, "date")]) from None


@dataclass(frozen=True)
class ViewingLine:
    """One opening: when, who in which post and for whom, what of which case, how."""

    at: datetime
    person: str
    username: str
    agency: str
    post: str
    standing_in: str | None
    case_no: str
    what: str
    way: str


@dataclass(frozen=True)
class ViewingsPage:
    """The list.

    Args:
        of_case: the case it is the list of; None where all may be asked for.
        missing: there is no case of the number asked for.
    """

    lines: tuple[ViewingLine, ...]
    filters: Filters
    of_case: str | None
    missing: bool
    problems: tuple[Problem, ...]
    next_address: str | None
    first_address: str | None

    @property
    def narrowed(self) -> bool:
        """Whether only some of the openings are asked for."""
        filters = self.filters
        return bool(filters.who or filters.from_on or filters.to_on or (filters.no and self.of_case is None))

    def problem(self, name: str) -> str | None:
        """Return what is wrong with a filter, if anything."""
        return next((problem.text for problem in self.problems if problem.anchor == name), None)


def viewing_lines(rows: Iterable[ViewingRow]) -> tuple[ViewingLine, ...]:
    """Return what is shown of each."""
    return tuple(
        ViewingLine(
            at=row.at,
            person=named(row.person),
            username=row.person.code,
            agency=named(row.agency),
            post=wording.post_kind(row.post.code),
            standing_in=_("代%(name)s行使职责", name=named(row.principal)) if row.principal else None,
            case_no=row.case_no,
            what=_what(row),
            way=_WAYS[row.way](),
        )
        for row in rows
    )


def _what(row: ViewingRow) -> str:
    """What was opened; a paper by its number where its name is not for the reader."""
    if row.kind is Viewed.PAPER and row.name is None:
        return _("材料，编号%(number)s，第%(version)s版", number=row.item_id, version=row.version)
    if row.kind is Viewed.PAPER:
        return _("材料“%(name)s”，第%(version)s版", name=row.name, version=row.version)
    if row.kind is Viewed.NOTICE and row.document_no is None:
        return _("公文，编号%(number)s", number=row.item_id)
    if row.kind is Viewed.NOTICE:
        return _("公文（%(no)s）", no=row.document_no)
    return _("呈批表") if row.kind is Viewed.APPROVAL else _("办件和申请内容")


_WAYS: dict[Way, Callable[[], str]] = {Way.SHOWN: lambda: _("查看"), Way.DOWNLOADED: lambda: _("下载")}
