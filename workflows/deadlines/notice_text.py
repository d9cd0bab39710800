"""A holiday notice as a text file that a person can write: TOML, a whole year or a change to years already published.

    reference = "国办发明电〔2020〕1号"
    issued_on = 2020-01-26
    note = "2020年春节假期延长至2月2日"

    [[off]]                     # 放假
    from = 2020-01-31
    to = 2020-02-02
    name = "春节"
    name_en = "Spring Festival"

With `year = 2020` the text says everything about that year. `[[work]]` (调休上班) and `[[normal]]` (as the day of the
week has it) are written likewise; one day alone takes `on` instead of `from` and `to`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.deadlines.calendar import ONE_DAY, NamedDay
from workflows.errors import FieldError, InvalidInputError

MAX_TEXT = 20_000
MAX_DAYS = 120
"""Of one stretch of days; the longest holiday has ten."""
YEARS = (2001, 2100)

_TEXTS: Mapping[str, tuple[int, bool]] = {"reference": (80, True), "note": (200, True), "note_en": (200, False)}
_TOP = frozenset({*_TEXTS, "issued_on", "year", "off", "work", "normal"})
_ENTRY = frozenset({"on", "from", "to", "name", "name_en"})
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class NoticeText:
    """A notice as written, before it is laid over the calendar in force.

    Args:
        year: the year it says everything about, or None where it only changes what was published.
        days: date → what it is called from now on; None for a date that is not named any more.
    """

    reference: str
    issued_on: date | None
    note: str
    note_en: str
    year: int | None
    days: Mapping[date, NamedDay | None] = field(default_factory=dict)


def read_notice(text: str) -> NoticeText:
    """Read a notice.

    Raises:
        InvalidInputError: naming each field that is wrong, such as `off.0.from`, and for a text that is no TOML its
            line.
    """
    said = _parse(text)
    errors = [FieldError(key[:60], "unknown-field") for key in said if key not in _TOP]
    texts = {name: _text(said, name, errors) for name in _TEXTS}
    issued_on = _date(said, "issued_on", "issued_on", errors)
    year = _year(said, errors)
    days: dict[date, NamedDay | None] = {}
    for kind in ("off", "work", "normal"):
        for place, entry in _entries(said, kind, errors):
            _add_days(days, kind, place, entry, errors)
    if not errors and not days:
        errors.append(FieldError("off", "required"))
    if year is not None and not any(day and day.on.year == year for day in days.values()) and not errors:
        errors.append(FieldError("year", "year-without-days"))
    if errors:
        raise InvalidInputError(errors)
    return NoticeText(texts["reference"], issued_on, texts["note"], texts["note_en"] or texts["note"], year, days)


def _parse(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_TEXT:
        raise InvalidInputError([FieldError("notice", "too-long", {"maximum": MAX_TEXT})])
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = _LINE.search(str(error))
        params = {"line": int(line[1])} if line else {"line": text.count("\n") + 1}
        raise InvalidInputError([FieldError("notice", "notice-syntax", params)]) from None


def _text(said: Mapping[str, Any], name: str, errors: list[FieldError], path: str | None = None) -> str:
    maximum, is_required = _TEXTS.get(name, (40, True))
    value = said.get(name)
    where = path or name
    if value is None and not is_required:
        return ""
    if value is None or value == "":
        errors.append(FieldError(where, "required"))
    elif not isinstance(value, str):
        errors.append(FieldError(where, "not-text"))
    elif len(value) > maximum:
        errors.append(FieldError(where, "too-long", {"maximum": maximum}))
    elif not value.isprintable():
        errors.append(FieldError(where, "characters"))
    else:
        return value.strip()
    return ""


def _date(said: Mapping[str, Any], name: str, path: str, errors: list[FieldError]) -> date | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        errors.append(FieldError(path, "date"))
    elif not YEARS[0] <= value.year <= YEARS[1]:
        errors.append(FieldError(path, "range"))
    else:
        return value
    return None


def _year(said: Mapping[str, Any], errors: list[FieldError]) -> int | None:
    value = said.get("year")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not YEARS[0] <= value <= YEARS[1]:
        errors.append(FieldError("year", "number-range", {"minimum": YEARS[0], "maximum": YEARS[1]}))
        return None
    return value


def _entries(said: Mapping[str, Any], kind: str, errors: list[FieldError]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    given = said.get(kind, [])
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        errors.append(FieldError(kind, "wrong-type"))
        return
    yield from ((f"{kind}.{number}", entry) for number, entry in enumerate(given))


def _add_days(
    days: dict[date, NamedDay | None], kind: str, place: str, entry: Mapping[str, Any], errors: list[FieldError]
) -> None:
    before = len(errors)
    errors += [FieldError(f"{place}.{key[:60]}", "unknown-field") for key in entry if key not in _ENTRY]
    on, first, last = (_date(entry, name, f"{place}.{name}", errors) for name in ("on", "from", "to"))
    name = _text(entry, "name", errors, f"{place}.name") if kind != "normal" else ""
    name_en = _text(entry, "name_en", errors, f"{place}.name_en") if entry.get("name_en") else name
    if len(errors) > before:
        return
    if on is not None:
        first = last = on
    if first is None or last is None:
        errors.append(FieldError(f"{place}.{'on' if first is last else 'from' if first is None else 'to'}", "required"))
        return
    if not 0 <= (last - first).days < MAX_DAYS:
        errors.append(FieldError(f"{place}.to", "date-order", {"maximum": MAX_DAYS}))
        return
    while first <= last:
        if first in days:
            errors.append(FieldError(place, "day-twice", {"day": first.isoformat()}))
            return
        days[first] = None if kind == "normal" else NamedDay(first, kind == "work", name, name_en)
        first += ONE_DAY
