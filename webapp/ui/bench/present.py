"""From an officer's queues to the work bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _, ngettext
from webapp.ui.bench.models import Bench, BenchDay, Figure, WaitingRow
from webapp.ui.formats import day, long_day, time_of_day, weekday
from webapp.ui.language import pick
from webapp.ui.notifications.present import line
from webapp.ui.tasks.centre import LIGHTS, shown_count
from workflows.cases.desk import list_waiting
from workflows.cases.limits import CALENDARS
from workflows.cases.notifications import count_unread, list_notifications
from workflows.cases.queues import TaskQuery, count_desk, list_tasks
from workflows.cases.views import TaskRow
from workflows.clock import Clock, office_date
from workflows.deadlines import OFFICE_HOURS, Light, WorkingCalendar, due_at, remaining
from workflows.permissions import Actor, Permission

SHOWN_TASKS = 7
SHOWN_WAITING = 5
SHOWN_LINES = 5
DAYS = 14
AT_ONCE = 3
MOST_COUNTED = 200


def bench(session: Session, *, actor: Actor, clock: Clock) -> Bench:
    """Build the work bench."""
    calendar, now = CALENDARS.current(session), clock.now()
    today = office_date(now)
    monday = today - timedelta(days=today.weekday())
    own = list_tasks(session, TaskQuery(queue="mine", limit=MOST_COUNTED), actor=actor, clock=clock).items
    counts, lights = count_desk(session, "mine", actor=actor, clock=clock)
    told = list_notifications(session, actor=actor, clock=clock, limit=SHOWN_LINES).items
    waiting = list_waiting(session, limit=SHOWN_WAITING, actor=actor, clock=clock)
    return Bench(
        title=_title(own, counts),
        moment=_moment(calendar, now),
        first=own[0] if own else None,
        figures=tuple(_figures(actor, counts, lights, own, today)),
        tasks=own[:SHOWN_TASKS],
        total=shown_count(counts["mine"]),
        to_claim=counts["available"] > 0,
        weeks=_weeks(calendar, monday, today, own),
        waiting=tuple(WaitingRow(row, _waited(calendar, row, today)) for row in waiting),
        unread=count_unread(session, actor=actor),
        lines=tuple(line(row) for row in told),
    )


def _title(own: tuple[TaskRow, ...], counts: Mapping[str, int]) -> str:
    if own:
        number = min(len(own), AT_ONCE)
        return ngettext("今天先办这%(num)s项", "今天先办这%(num)s项", number)
    if counts["available"]:
        waiting = counts["available"]
        return ngettext("没有待办，本单位有%(num)s项待认领", "没有待办，本单位有%(num)s项待认领", waiting)
    return _("今天没有待办")


def _moment(calendar: WorkingCalendar, now: datetime) -> str:
    """When it is, how much of the working day is left, and when the next one is, if it is not tomorrow."""
    today = office_date(now)
    parts = [_("%(day)s（%(weekday)s）%(time)s", day=long_day(today), weekday=weekday(today), time=time_of_day(now))]
    if calendar.is_working(today):
        left = remaining(calendar, now, due_at(today, OFFICE_HOURS))
        if not left.overdue and left.hours:
            parts.append(ngettext("今日剩余%(num)s小时", "今日剩余%(num)s小时", left.hours))
    back = calendar.roll_forward(today + timedelta(days=1))
    off = (back - today).days - 1
    if off:
        sentence = ngettext("明日起休息%(num)s天，%(day)s上班", "明日起休息%(num)s天，%(day)s上班", off, day=day(back))
        parts.append(sentence)
    return " · ".join(parts)


def _figures(
    actor: Actor, counts: Mapping[str, int], lights: Mapping[Light, int], own: tuple[TaskRow, ...], today: date
) -> list[Figure]:
    due_today = sum(1 for row in own if row.due_at and office_date(row.due_at) == today)
    more = {Light.AMBER: _("项，今日到期%(num)s项", num=due_today)} if due_today else {}
    found = [
        Figure(
            url_for("pages.tasks.index", queue="mine", light=colour),
            f"l-{colour}",
            colour,
            wording.light(colour),
            shown_count(lights.get(colour, 0)),
            more.get(colour, _("项")),
        )
        for colour in LIGHTS
    ]
    available = url_for("pages.tasks.index", queue="available")
    found.append(Figure(available, "inbox", "", wording.queue("available"), shown_count(counts["available"]), _("项")))
    if actor.may(Permission.TASK_RECEIVE) and counts["inbox"]:
        inbox = url_for("pages.tasks.index", queue="inbox")
        found.append(Figure(inbox, "stamp", "", _("单位待签收"), shown_count(counts["inbox"]), _("项，签收后时限起算")))
    return found


def _weeks(
    calendar: WorkingCalendar, monday: date, today: date, own: tuple[TaskRow, ...]
) -> tuple[tuple[BenchDay, ...], ...]:
    due = Counter(office_date(row.due_at) for row in own if row.due_at)
    days = [_day(calendar, monday + timedelta(days=number), today, due) for number in range(DAYS)]
    return tuple(tuple(days[start : start + 7]) for start in range(0, DAYS, 7))


def _day(calendar: WorkingCalendar, on: date, today: date, due: Mapping[date, int]) -> BenchDay:
    named, works = calendar.named(on), calendar.is_working(on)
    mark = "" if named is None else _("班") if named.working else _("休")
    why = pick(named.name, named.name_en) if named else ""
    label = _("今日") if on == today else f"{on.month}-{on.day}" if on.day == 1 else str(on.day)
    return BenchDay(on, label, mark, not works, on == today, due.get(on, 0), why)


def _waited(calendar: WorkingCalendar, row: TaskRow, today: date) -> int:
    return max(0, calendar.working_days_after(office_date(row.created_at), today))
