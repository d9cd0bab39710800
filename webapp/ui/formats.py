"""How dates, times, amounts and lengths of working time are written for the reader."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from webapp.rule_words import rule_basis, rule_sentence
from webapp.translation import _, ngettext
from webapp.ui.language import pick, reader_language
from workflows.cases.views import TaskRow
from workflows.clock import OFFICE_ZONE
from workflows.money import format_yuan

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH = "一二三四五六日"


class Stretch(Protocol):
    """Working time as `workflows.deadlines` measures it: whole working days and hours, ahead or overdue."""

    @property
    def days(self) -> int: ...
    @property
    def hours(self) -> int: ...
    @property
    def overdue(self) -> bool: ...


class NameInTwo(Protocol):
    """A name in Chinese and English."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def day(value: date | None) -> str:
    """`2019-02-13（周三）`, `13 February 2019 (Wed)`: for tables."""
    if value is None:
        return "—"
    if reader_language() == "en":
        return f"{_english_day(value)} ({_WEEKDAYS_EN[value.weekday()]})"
    return f"{value.isoformat()}（周{_WEEKDAYS_ZH[value.weekday()]}）"


def long_day(value: date | None) -> str:
    """`2019年2月13日`, `13 February 2019`: for sentences and papers."""
    if value is None:
        return "—"
    return _english_day(value) if reader_language() == "en" else f"{value.year}年{value.month}月{value.day}日"


def weekday(value: date) -> str:
    """`周三`, `Wed`."""
    return _WEEKDAYS_EN[value.weekday()] if reader_language() == "en" else f"周{_WEEKDAYS_ZH[value.weekday()]}"


def short_day(value: date) -> str:
    """`2月13日`, `13 Feb`: where the year goes without saying."""
    if reader_language() == "en":
        return f"{value.day} {_MONTHS[value.month - 1][:3]}"
    return f"{value.month}月{value.day}日"


def moment(value: datetime | None) -> str:
    """`2019-02-13 14:30`, `13 February 2019 14:30`, in the offices' time."""
    if value is None:
        return "—"
    local = value.astimezone(OFFICE_ZONE)
    written = _english_day(local.date()) if reader_language() == "en" else local.date().isoformat()
    return f"{written} {local:%H:%M}"


def office_day(value: datetime | None) -> str:
    """The date of an instant in the offices' time, as in tables."""
    return "—" if value is None else day(value.astimezone(OFFICE_ZONE).date())


def time_of_day(value: datetime) -> str:
    """`14:30` in the offices' time."""
    return f"{value.astimezone(OFFICE_ZONE):%H:%M}"


def yuan(fen: int | None) -> str:
    """`750,000.00`; the unit stands in the head of its column or label."""
    return "—" if fen is None else format_yuan(fen)


def full_yuan(fen: int) -> str:
    """`750,000.00元`, `CNY 750,000.00`: for sentences."""
    amount = format_yuan(fen)
    return f"CNY {amount}" if reader_language() == "en" else f"{amount}元"


def time_left(length: Stretch) -> str:
    """`剩余2个工作日3小时`, `逾期1个工作日`; under one hour it says so."""
    if length.overdue:
        return _("逾期%(time)s", time=_stretch(length)) if _shown(length) else _("逾期不足1小时")
    return _("剩余%(time)s", time=_stretch(length)) if _shown(length) else _("剩余不足1小时")


def working_time(length: Stretch) -> str:
    """`2个工作日3小时`, `2 working days 3 hours`; under one hour it says so."""
    return _stretch(length) if _shown(length) else _("不足1小时")


def working_days(number: int) -> str:
    """`5个工作日`, `1 working day`."""
    return _days(number)


def named(value: NameInTwo) -> str:
    """The reader's version of a name that is data."""
    return pick(value.zh, value.en)


def holder(row: TaskRow) -> str:
    """The reader's version of the name of whoever holds or did a task; empty where nobody does."""
    return pick(row.assignee or "", row.assignee_en)


def file_size(octets: int) -> str:
    """`2.1 MB`, `35 KB`: decimal units, one digit after the point from a megabyte on."""
    if octets >= 1_000_000:
        return f"{octets / 1_000_000:.1f} MB"
    return f"{max(1, round(octets / 1000))} KB"


def masked_account(account: str) -> str:
    """A bank account with all but its last four digits hidden."""
    return f"···· {account[-4:]}" if len(account) > 4 else account


def _shown(length: Stretch) -> bool:
    return bool(length.days or length.hours)


def _stretch(length: Stretch) -> str:
    if not length.hours:
        return _days(length.days)
    if not length.days:
        return _hours(length.hours)
    return _("%(days)s%(hours)s", days=_days(length.days), hours=_hours(length.hours))


def _days(number: int) -> str:
    return ngettext("%(num)s个工作日", "%(num)s个工作日", number)


def _hours(number: int) -> str:
    return ngettext("%(num)s小时", "%(num)s小时", number)


def _english_day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


FILTERS = {
    "named": named,
    "holder": holder,
    "rule_basis": rule_basis,
    "rule_sentence": rule_sentence,
    "day": day,
    "long_day": long_day,
    "weekday": weekday,
    "moment": moment,
    "office_day": office_day,
    "time_of_day": time_of_day,
    "yuan": yuan,
    "full_yuan": full_yuan,
    "time_left": time_left,
    "working_days": working_days,
    "working_time": working_time,
    "file_size": file_size,
    "masked_account": masked_account,
}
"""Template filters, by name."""
