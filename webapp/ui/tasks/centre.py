"""From a queue to the task centre's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from flask import url_for
from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _, ngettext
from webapp.ui.frame import frame
from webapp.ui.tasks.models import Centre, Choice, Empty
from workflows.cases.queues import COUNT_CAP, QueueName, TaskQuery, count_lights, count_tasks, list_tasks
from workflows.clock import Clock
from workflows.deadlines import Light
from workflows.permissions import Actor, Permission, PostKind

PAGE_SIZE = 50
LIGHTS = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)
_LIT_QUEUES = ("inbox", "available", "mine")


def as_queue(name: str | None, actor: Actor) -> QueueName:
    """Return the queue asked for; without one, the first the acting post works from."""
    if name in get_args(QueueName):
        return name  # type: ignore[return-value]
    return "inbox" if actor.post_kind is PostKind.CLERK else "available"


def as_light(name: str | None) -> Light | None:
    """Return the light asked for, if it is one."""
    return Light(name) if name in {light.value for light in Light} else None


def centre(session: Session, query: TaskQuery, *, actor: Actor, clock: Clock) -> Centre:
    """Build the task centre's page."""
    page = list_tasks(session, query, actor=actor, clock=clock)
    counts = count_tasks(session, actor=actor)
    lit = query.queue in _LIT_QUEUES
    lights = count_lights(session, query.queue, actor=actor, clock=clock) if lit else {}
    return Centre(
        queue=query.queue,
        summary=_summary(query.queue, counts, lights),
        tabs=tuple(_tab(name, counts, query.queue) for name in _queues(actor)),
        lights=_lights(query, counts[query.queue], lights) if lit else (),
        light=query.light,
        query=query.q,
        searchable=True,
        filtered=bool(query.light or query.q),
        rows=page.items,
        empty=_empty(query, counts),
        first_address=_address(query, cursor=None) if query.cursor else None,
        next_address=_address(query, cursor=page.next) if page.next else None,
    )


def shown_count(number: int) -> str:
    """Return a count as shown: counting stops at a cap."""
    return f"{COUNT_CAP}+" if number >= COUNT_CAP else str(number)


def _queues(actor: Actor) -> tuple[QueueName, ...]:
    if actor.post_kind is PostKind.APPLICANT:
        return ("available", "mine", "done")
    if actor.may(Permission.TASK_RECEIVE):
        return ("inbox", "available", "mine", "done", "started", "cc")
    return ("available", "mine", "done", "started", "cc")


def _tab(name: QueueName, counts: Mapping[str, int], current: str) -> Choice:
    number = counts[name]
    count = shown_count(number) if number and name != "done" else None
    return Choice(wording.queue(name), url_for("pages.tasks.index", queue=name), name == current, count=count)


def _lights(query: TaskQuery, total: int, counts: Mapping[Light, int]) -> tuple[Choice, ...]:
    every = Choice(
        _("全部%(num)s", num=shown_count(total)),
        url_for("pages.tasks.index", queue=query.queue, q=query.q or None),
        query.light is None,
    )
    return (
        every,
        *(
            Choice(
                _("%(light)s%(num)s", light=wording.light(colour), num=shown_count(counts.get(colour, 0))),
                url_for("pages.tasks.index", queue=query.queue, light=colour, q=query.q or None),
                query.light is colour,
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
        return _("您没有待办的任务")
    if queue == "mine":
        tasks = ngettext("%(num)s项待办", "%(num)s项待办", number)
        return _("您有%(tasks)s，其中%(late)s项已逾期", tasks=tasks, late=late)
    if queue == "started":
        return _("您提交的办件现在由谁办理")
    if queue == "cc":
        return _("抄送本单位的事项，阅知不影响办理")
    return _("您办过的任务，新的在前")


def _empty(query: TaskQuery, counts: Mapping[str, int]) -> Empty:
    if query.light or query.q:
        clear = url_for("pages.tasks.index", queue=query.queue)
        return Empty(_("暂无符合条件的任务"), _("可以清空筛选，看全部任务"), clear, _("清空筛选"))
    if query.queue == "mine" and counts["available"]:
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
        "done": Empty(_("还没有办过任务"), _("提交后的任务列在这里")),
        "started": Empty(_("暂无您提交的办件在办"), _("办结的可到“办件”查看")),
        "cc": Empty(_("暂无抄送本单位的事项")),
    }
    return texts[query.queue]


def _address(query: TaskQuery, *, cursor: str | None) -> str:
    return url_for(
        "pages.tasks.index",
        queue=query.queue,
        light=query.light,
        q=query.q or None,
        cursor=cursor,
        measure=query.measure,
    )
