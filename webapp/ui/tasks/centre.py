"""From a queue to the task centre's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import url_for
from sqlalchemy.orm import Session

from webapp import wording
from webapp.identity.logins import Login
from webapp.translation import _, ngettext
from webapp.ui.forms import Option
from webapp.ui.frame import frame
from webapp.ui.language import pick
from webapp.ui.tasks.asked import DUE_WITHIN, ROLES, Asked, address, as_text
from webapp.ui.tasks.bulk import acts_of, bulk_colleagues
from webapp.ui.tasks.models import BulkResult, Centre, Choice, Empty, PostQueue
from workflows.agencies.directory import get_agency
from workflows.cases.collaboration.deputising import count_by_post
from workflows.cases.desk import list_views, unseen
from workflows.cases.limits import CALENDARS
from workflows.cases.queues import COUNT_CAP, QueueName, count_desk, count_tasks, list_tasks
from workflows.cases.views import TaskRow
from workflows.cases.whereabouts import steps_held
from workflows.clock import Clock, office_date
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission, PostKind
from workflows.processes import list_processes

LIGHTS = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)
_LIT_QUEUES = ("inbox", "available", "mine")
_READ_QUEUES = ("inbox", "available", "mine")
"""Queues of what may still be unread."""


def centre(session: Session, asked: Asked, login: Login, *, clock: Clock, result: BulkResult | None = None) -> Centre:
    """Build the task centre's page."""
    actor = login.actor
    page = list_tasks(session, asked.query(CALENDARS.current(session), clock), actor=actor, clock=clock)
    lit = asked.queue in _LIT_QUEUES
    counts, lights = _counts(session, asked.queue, actor, clock, lit=lit)
    acts = acts_of(asked.queue, page.items, actor)
    return Centre(
        asked=asked,
        summary=_summary(asked.queue, counts, lights),
        posts=_posts(session, login, clock),
        tabs=tuple(_tab(name, counts, asked.queue) for name in _queues(session, actor, counts, clock)),
        lights=_lights(asked, counts[asked.queue], lights) if lit else (),
        measures=measure_options(session, asked.measure),
        roles=tuple(Option(role, _("只看%(role)s", role=wording.task_role(role))) for role in ROLES),
        dues=tuple(Option(str(days), _due(days)) for days in DUE_WITHIN),
        views=list_views(session, actor=actor),
        here=as_text(asked),
        rows=page.items,
        unread=_unread(session, asked, page.items, actor),
        held=steps_held(session, {row.case_id for row in page.items}, actor=actor) if asked.queue == "done" else {},
        acts=acts,
        colleagues=bulk_colleagues(session, actor, clock) if any(act.to for act in acts) else (),
        result=result,
        empty=_empty(asked, counts),
        first_address=address(asked) if asked.cursor else None,
        next_address=address(asked, cursor=page.next) if page.next else None,
    )


def _counts(
    session: Session, queue: QueueName, actor: Actor, clock: Clock, *, lit: bool
) -> tuple[Mapping[str, int], Mapping[Light, int]]:
    """What waits in every queue, and in this one by light where lights are shown."""
    if lit:
        return count_desk(session, queue, actor=actor, clock=clock)
    return count_tasks(session, actor=actor), {}


def shown_count(number: int) -> str:
    """Return a count as shown: counting stops at a cap."""
    return f"{COUNT_CAP}+" if number >= COUNT_CAP else str(number)


def _posts(session: Session, login: Login, clock: Clock) -> tuple[PostQueue, ...]:
    """The posts the reader can act in with what waits in each, for somebody who has several."""
    if len(frame().posts) < 2:
        return ()
    found = count_by_post(session, login.person.id, clock=clock)
    if len(found) < 2:
        return ()
    return tuple(
        PostQueue(
            each.held.post_id,
            each.held.kind,
            pick(each.held.agency_zh, each.held.agency_en),
            each.held.post_id == login.actor.post_id,
            shown_count(each.counts["available"]),
            shown_count(each.counts["mine"]),
            pick(each.principal.zh, each.principal.en) if each.principal else None,
        )
        for each in found
    )


def _queues(session: Session, actor: Actor, counts: Mapping[str, int], clock: Clock) -> tuple[QueueName, ...]:
    if actor.post_kind is PostKind.APPLICANT:
        return ("available", "mine", "done")
    if actor.may(Permission.TASK_RECEIVE) and (counts["inbox"] or _signs(session, actor, clock)):
        return ("available", "mine", *_with_colleagues(counts), "done", "started", "cc", "inbox")
    return ("available", "mine", *_with_colleagues(counts), "done", "started", "cc")


def _unread(session: Session, asked: Asked, rows: Sequence[TaskRow], actor: Actor) -> frozenset[int]:
    if asked.queue == "cc":  # a copy is read once somebody says so
        return frozenset(row.id for row in rows if row.completed_at is None)
    return unseen(session, [row.id for row in rows], actor=actor) if asked.queue in _READ_QUEUES else frozenset()


def _with_colleagues(counts: Mapping[str, int]) -> tuple[QueueName, ...]:
    """The queues of what is away with colleagues and of what a head's subordinates have, while something is."""
    queues: tuple[QueueName, ...] = ("delegated", "team")
    return tuple(name for name in queues if counts[name])


def _signs(session: Session, actor: Actor, clock: Clock) -> bool:
    return get_agency(session, actor.agency_code, office_date(clock.now())).signs_for_work


def measure_options(session: Session, asked: str | None) -> tuple[Option, ...]:
    """The matters that can be under way; one that was asked for is never left out."""
    found = {summary.measure_no: pick(summary.name_zh, summary.name_en) for summary in list_processes(session)}
    if asked:
        found.setdefault(asked, _("措施%(no)s", no=asked))
    return tuple(Option(no, name) for no, name in found.items())


def _due(days: int) -> str:
    if days == 0:
        return _("今日到期")
    return ngettext("%(num)s个工作日内到期", "%(num)s个工作日内到期", days)


def _tab(name: QueueName, counts: Mapping[str, int], current: str) -> Choice:
    number = counts[name]
    count = shown_count(number) if number and name != "done" else None
    return Choice(wording.queue(name), url_for("pages.tasks.index", queue=name), name == current, count=count)


def _lights(asked: Asked, total: int, counts: Mapping[Light, int]) -> tuple[Choice, ...]:
    every = Choice(
        _("全部%(num)s", num=shown_count(total)),
        address(asked, light=None),
        asked.light is None,
    )
    return (
        every,
        *(
            Choice(
                _("%(light)s%(num)s", light=wording.light(colour), num=shown_count(counts.get(colour, 0))),
                address(asked, light=colour),
                asked.light is colour,
                colour,
            )
            for colour in LIGHTS
        ),
    )


def _summary(queue: str, counts: Mapping[str, int], lights: Mapping[Light, int]) -> str:
    number, late = counts[queue], lights.get(Light.RED, 0)
    if queue == "available" and not number:
        return _("%(agency)s没有待认领的任务", agency=frame().agency_name)
    if queue == "available":
        tasks = ngettext("%(num)s项待认领", "%(num)s项待认领", number)
        return _("%(agency)s有%(tasks)s，其中%(late)s项已逾期；时限从单位签收起算，不等认领",
                 agency=frame().agency_name, tasks=tasks, late=late)  # fmt: skip
    if queue == "inbox":
        return _("单位签收后时限起算，再由本单位人员认领")
    if queue == "mine" and not number:
        return _("没有待办的任务")
    if queue == "mine":
        tasks = ngettext("%(num)s项待办", "%(num)s项待办", number)
        return _("%(tasks)s，其中%(late)s项已逾期", tasks=tasks, late=late)
    if queue == "delegated":
        return _("委派同事代办、尚未交回的任务")
    if queue == "team":
        return _("经办人手中的任务，可以改派")
    if queue == "started":
        return _("提交的办件现在由谁办理")
    if queue == "cc":
        return _("抄送本单位的事项，阅知不影响办理")
    return _("办过的任务，新的在前")


def _empty(asked: Asked, counts: Mapping[str, int]) -> Empty:
    if asked.filtered:
        clear = url_for("pages.tasks.index", queue=asked.queue)
        return Empty(_("暂无符合条件的任务"), _("可以清空筛选，看全部任务"), clear, _("清空筛选"))
    if asked.queue == "mine" and counts["available"]:
        waiting = ngettext("%(num)s项任务", "%(num)s项任务", counts["available"])
        return Empty(
            _("暂无待办"),
            _("本单位有%(waiting)s待认领", waiting=waiting),
            url_for("pages.tasks.index", queue="available"),
            _("去认领"),
        )
    texts = {
        "inbox": Empty(_("暂无待签收的任务"), _("上一环节提交后，任务到这里")),
        "available": Empty(_("暂无待认领的任务"), _("单位签收后，任务到这里")),
        "mine": Empty(_("暂无待办"), _("可到“待认领”认领任务")),
        "delegated": Empty(_("暂无委派同事代办的任务")),
        "team": Empty(_("暂无经办人在办的任务")),
        "done": Empty(_("还没有办过任务"), _("提交后的任务列在这里")),
        "started": Empty(_("提交的办件没有在办的"), _("办结的可到“办件”查看")),
        "cc": Empty(_("暂无抄送本单位的事项")),
    }
    return texts[asked.queue]
