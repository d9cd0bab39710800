"""The light of a limit: green, amber, red after expiry, grey while the clock stands still. The thresholds are data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from importlib.resources import files

from workflows.clock import OFFICE_ZONE, office_date
from workflows.deadlines.calendar import ONE_DAY, WorkingCalendar


class Light(StrEnum):
    """The four lights; each is shown with its word: 正常, 临期, 逾期, 暂停计时."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class LightRule:
    """When a limit turns amber.

    Args:
        longest_limit: the rule serves limits of up to this many working days; None for all others.
        amber_within: amber when at most this many working days follow today.
    """

    longest_limit: int | None
    amber_within: int


def read_rules(text: str) -> tuple[LightRule, ...]:
    """Read the thresholds from TOML.

    Raises:
        ValueError: a figure is missing or wrong, the rules are not in ascending order, or the last does not serve all.
    """
    rules = tuple(_rule(entry) for entry in tomllib.loads(text).get("rule", ()))
    lengths = [rule.longest_limit for rule in rules]
    if not rules or lengths[-1] is not None or None in lengths[:-1]:
        raise ValueError("the last rule, and only the last, serves all limits: it has no longest_limit")
    if lengths[:-1] != sorted(set(filter(None, lengths))):
        raise ValueError("rules stand in ascending order of longest_limit")
    return rules


def _rule(entry: Mapping[str, object]) -> LightRule:
    longest, within = entry.get("longest_limit"), entry.get("amber_within")
    if not isinstance(within, int) or within < 0 or not (longest is None or (isinstance(longest, int) and longest > 0)):
        raise ValueError(f"not a rule for a light: {dict(entry)}")
    return LightRule(longest, within)


LIGHT_RULES = read_rules(files("workflows.deadlines").joinpath("seed/lights.toml").read_text(encoding="utf-8"))
"""First fitting rule wins."""


def spans_of(rules: tuple[LightRule, ...] = LIGHT_RULES) -> Iterator[tuple[int | None, int | None, LightRule]]:
    """Yield each rule with the lengths it serves: longer than the first figure, up to the second; None is no bound."""
    shorter: int | None = None
    for rule in rules:
        yield shorter, rule.longest_limit, rule
        shorter = rule.longest_limit


def rule_for(limit_days: int | None, rules: tuple[LightRule, ...] = LIGHT_RULES) -> LightRule:
    """Return the rule that serves a limit of so many working days; None (no known length) takes the last rule."""
    if limit_days is None:
        return rules[-1]
    return next(rule for rule in rules if rule.longest_limit is None or limit_days <= rule.longest_limit)


def light(
    calendar: WorkingCalendar,
    now: datetime,
    due: datetime | None,
    *,
    limit_days: int | None,
    paused: bool = False,
    rules: tuple[LightRule, ...] = LIGHT_RULES,
) -> Light:
    """Return the light of one limit at `now`.

    The days left are the worked dates after today up to the due date, so a limit due today has none left.

    Args:
        calendar: the calendar to count by.
        now: the present instant, aware.
        due: the due instant, aware; None where no limit runs, which is green.
        limit_days: the length of the limit in working days.
        paused: the clock stands still.
        rules: the thresholds.
    """
    if paused:
        return Light.GREY
    if due is None:
        return Light.GREEN
    if now >= due:
        return Light.RED
    left = calendar.working_days_after(office_date(now), office_date(due))
    return Light.AMBER if left <= rule_for(limit_days, rules).amber_within else Light.GREEN


def amber_before(calendar: WorkingCalendar, now: datetime, rule: LightRule) -> datetime:
    """Return the instant that parts amber from green at `now`, so that a query can filter by light.

    A running limit of this rule is red if due at or before `now`, amber if due before the result, else green.
    """
    on = office_date(now)
    left = rule.amber_within + 1
    while left:
        on += ONE_DAY
        left -= calendar.is_working(on)
    return datetime.combine(on, time(), OFFICE_ZONE).astimezone(UTC)
