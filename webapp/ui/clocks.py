"""Why a limit ends on that day, as pages show it: the strip of days, what is not counted, and each pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from webapp.translation import _
from webapp.ui.language import reader_language
from workflows.cases.why_due import DueReason
from workflows.deadlines import DayReason, StoredPause, word, word_pause

LONGEST_STRIP = 21
"""Days a strip has room for; a longer limit is told in a table."""


@dataclass(frozen=True)
class DueDay:
    """One date on the way to a due date.

    Args:
        label: the count, or 休.
        kind: `no` not counted, `on` counted, `hit` the due date.
        why: the reason as a sentence.
    """

    on: date
    label: str
    kind: str
    today: bool
    why: str


@dataclass(frozen=True)
class PauseLine:
    """A stretch in which the clock stood still; `ended_at` is None while it lasts."""

    why: str
    reason: str | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class DueStrip:
    """Why something is due on that day.

    Args:
        is_long: too many days for a strip.
    """

    days: tuple[DueDay, ...]
    pauses: tuple[PauseLine, ...]
    sentence: str
    provisional: bool
    is_long: bool


def due_strip(reason: DueReason, today: date) -> DueStrip | None:
    """Return the explanation of a limit, or None where no clock runs or ever ran."""
    if reason.due_on is None or not reason.days:
        return None
    return DueStrip(
        days=_days(reason, reason.due_on, today),
        pauses=tuple(pause_line(pause) for pause in reason.pauses),
        sentence=_sentence(reason),
        provisional=reason.provisional,
        is_long=len(reason.days) > LONGEST_STRIP,
    )


def _days(reason: DueReason, due_on: date, today: date) -> tuple[DueDay, ...]:
    number, days = 0, []
    for one in reason.days:
        number += one.counted
        days.append(_day(one, number, due_on, today))
    return tuple(days)


def _day(reason: DayReason, number: int, due_on: date, today: date) -> DueDay:
    labels = {"start": _("收"), "paused": _("停")}
    label = str(number) if reason.counted else labels.get(reason.why) or _("休")
    kind = "hit" if reason.date == due_on else "on" if reason.counted else "no"
    return DueDay(reason.date, label, kind, reason.date == today, word(reason, reader_language()))


def pause_line(pause: StoredPause) -> PauseLine:
    """Return a pause in the reader's words."""
    return PauseLine(word_pause(pause.kind, reader_language()), pause.reason, pause.began_at, pause.ended_at)


def _sentence(reason: DueReason) -> str:
    if reason.pauses:
        text = _("起算当日、周末、法定节假日和暂停计时的日子不计，调休上班日计入。依工作日历第%(version)s版",
                 version=reason.calendar_version)  # fmt: skip
    else:
        text = _("起算当日、周末和法定节假日不计，调休上班日计入。依工作日历第%(version)s版",
                 version=reason.calendar_version)  # fmt: skip
    return text
