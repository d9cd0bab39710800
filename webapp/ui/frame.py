"""The frame around every page: header, navigation by permission, bottom bar, the other language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from webapp.context import clock
from webapp.identity.flask import find_login
from webapp.identity.logins import Login
from webapp.transaction import reading
from webapp.translation import _
from webapp.ui.language import pick, reader_language
from workflows.agencies.deputies import stand_ins
from workflows.agencies.posts import HeldPost
from workflows.cases.notifications import count_unread
from workflows.clock import office_date
from workflows.permissions import Actor, Permission, PostKind


@dataclass(frozen=True)
class Item:
    """One entry of the navigation."""

    address: str
    icon: str
    label: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class PostChoice:
    """A post the person holds."""

    id: int
    kind: str
    agency_name: str
    current: bool
    principal: str | None = None
    """Whose post it is, where the person only stands in for them."""


@dataclass(frozen=True)
class Frame:
    """What the page templates need around their content.

    Args:
        actor: who acts, None before sign-in.
        agency_name, person_name: of the actor, in the reader's language.
        posts: the posts the person may act in, their own and those of others they stand in for.
        groups: the side navigation, only what the acting post may open.
        bottom: at most four entries for narrow screens.
        language: `zh` or `en`.
        applicant: the reader is an applicant: one column, larger type.
    """

    actor: Actor | None
    agency_name: str
    person_name: str
    posts: tuple[PostChoice, ...]
    groups: tuple[Group, ...]
    bottom: tuple[Item, ...]
    language: str
    applicant: bool

    @property
    def unread(self) -> int:
        """How many notifications the reader has not read; asked for only by pages that show it."""
        if self.actor is None or not self.actor.may(Permission.NOTIFICATION_READ):
            return 0
        try:
            return count_unread(reading(), actor=self.actor)
        except SQLAlchemyError:  # the page of a fault must not fail over a figure
            return 0

    @property
    def other_language_address(self) -> str:
        """Where the language switch leads: this page again, in the other language."""
        other = "zh" if self.language == "en" else "en"
        here = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return url_for("pages.language", language=other, back=here)


def frame() -> Frame:
    """Build the frame for this request."""
    login = find_login()
    actor = login.actor if login else None
    groups = _groups(actor) if actor else ()
    posts = (*(_post(held, login) for held in login.posts), *_stood_in(login)) if login else ()
    return Frame(
        actor=actor,
        agency_name=next((post.agency_name for post in posts if post.current), ""),
        person_name=pick(login.person.name_zh, login.person.name_en) if login else "",
        posts=posts,
        groups=groups,
        bottom=_bottom(groups),
        language=reader_language(),
        applicant=actor is not None and actor.post_kind is PostKind.APPLICANT,
    )


def _post(held: HeldPost, login: Login) -> PostChoice:
    current = held.post_id == login.actor.post_id
    return PostChoice(held.post_id, held.kind, pick(held.agency_zh, held.agency_en), current)


def _stood_in(login: Login) -> tuple[PostChoice, ...]:
    """The posts of others that the person may act in today."""
    if not login.actor.may(Permission.DELEGATION_MAKE):
        return ()
    if "stand_ins" not in g:  # once for each page, however often its frame is asked for
        try:
            g.stand_ins = stand_ins(reading(), login.person.id, office_date(clock().now()))
        except SQLAlchemyError:  # the page of a fault must not fail over its menu
            g.stand_ins = ()
    return tuple(replace(_post(each.held, login), principal=pick(each.name_zh, each.name_en)) for each in g.stand_ins)


def asset(name: str) -> str:
    """Return the address of a built file, with its digest so that a browser never keeps an old one."""
    known: dict[str, str] = g.setdefault("assets", {})  # a queue shows a hundred icons of the same file
    if name not in known:
        known[name] = url_for("static", filename=f"build/{name}", v=_digest(str(current_app.static_folder), name))
    return known[name]


_A_NUMBER = 1_234_567_890


def numbered(endpoint: str, name: str, number: int, **others: object) -> str:
    """Return the address of a page with one number in it; the rest is built once for a page of fifty rows.

    Args:
        endpoint: the route.
        name: of the argument that is a number.
        number: its value in this row.
        others: further arguments, the same in every row.
    """
    known: dict[object, tuple[str, str]] = g.setdefault("numbered", {})
    key = (endpoint, name, *others.items())
    if key not in known:
        values: dict[str, Any] = {name: _A_NUMBER, **others}
        before, _number, after = url_for(endpoint, **values).partition(str(_A_NUMBER))
        known[key] = before, after
    before, after = known[key]
    return f"{before}{number:d}{after}"


@lru_cache(maxsize=32)
def _digest(folder: str, name: str) -> str:
    path = Path(folder) / "build" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "0"


def _item(endpoint: str, icon: str, label: str, *, current: bool | None = None, queue: str | None = None) -> Item:
    here = request.endpoint or ""
    section = endpoint.rsplit(".", 1)[0]
    at = here.startswith(f"{section}.") if current is None else current
    return Item(url_for(endpoint, queue=queue), icon, label, at)


def _groups(actor: Actor) -> tuple[Group, ...]:
    if actor.post_kind is PostKind.APPLICANT:
        return (Group(_("日常办理"), tuple(_applicant_items())),)
    groups = (
        Group(_("日常办理"), tuple(_work_items(actor))),
        Group(_("人员与岗位"), tuple(_people_items(actor))),
        Group(_("督促"), tuple(_policy_items(actor))),
    )
    return tuple(group for group in groups if group.items)


def _applicant_items() -> list[Item]:
    here = request.endpoint or ""
    return [
        _item("pages.applications.mine", "folder", _("我的申请"), current=here == "pages.applications.mine"),
        _item("pages.tasks.index", "inbox", _("待您办理"), queue="available"),
        _item("pages.applications.choose", "pen", _("提交申请"), current=here.startswith("pages.applications.choose")),
        _item("pages.measures.index", "grid", _("23项措施")),
    ]


def _work_items(actor: Actor) -> list[Item]:
    items: list[Item] = []
    if actor.may(Permission.TASK_READ) and not actor.may(Permission.CASE_SUPERVISE):
        items.append(_item("pages.home", "home", _("工作台"), current=request.endpoint == "pages.home"))
    in_inbox = request.endpoint == "pages.tasks.index" and request.args.get("queue") == "inbox"
    at_tasks = (request.endpoint or "").startswith("pages.tasks.") and not in_inbox
    if actor.may(Permission.TASK_READ):
        items.append(_item("pages.tasks.index", "inbox", _("任务中心"), current=at_tasks))
    if actor.may(Permission.CASE_READ):
        items.append(_item("pages.cases.index", "folder", _("办件")))
    if actor.may(Permission.TASK_RECEIVE):
        items.append(_item("pages.tasks.index", "stamp", _("单位收件箱"), current=in_inbox, queue="inbox"))
    if actor.may(Permission.REGISTER_READ):
        items.append(_item("pages.documents.register", "doc", _("公文登记")))
    if actor.may(Permission.DELEGATION_MAKE):
        items.append(_item("pages.deputies.index", "swap", _("委托")))
    if actor.may(Permission.INCIDENT_READ):
        items.append(_item("pages.incidents.index", "warn", _("故障")))
    if actor.may(Permission.CALENDAR_LOAD):
        items.append(_item("pages.calendar.index", "cal", _("工作日历")))
    if actor.may(Permission.CASE_OPEN):
        items.append(_item("pages.applications.choose", "pen", _("代企业申报")))
    return items


def _policy_items(actor: Actor) -> list[Item]:
    if not actor.may(Permission.MEASURE_READ):
        return []
    return [_item("pages.measures.index", "grid", _("23项措施"))]


def _people_items(actor: Actor) -> list[Item]:
    if not actor.may(Permission.PEOPLE_READ):
        return []
    at_agencies = request.endpoint == "pages.posts.agencies"
    return [
        *(_audit_items() if actor.may(Permission.AUDIT_READ) else ()),
        _item("pages.people.index", "users", _("人员")),
        _item("pages.grants.index", "stamp", _("授权审批")),
        _item("pages.posts.index", "user", _("岗位"), current=request.endpoint == "pages.posts.index"),
        _item("pages.posts.agencies", "bank", _("单位"), current=at_agencies),
        _item("pages.rules.index", "ul", _("无人可办时的规则")),
    ]


def _audit_items() -> list[Item]:
    return [
        _item("pages.readers.audited", "folder", _("谁能看到办件")),
        _item("pages.viewings.audited", "list", _("阅览记录")),
    ]


def _bottom(groups: tuple[Group, ...]) -> tuple[Item, ...]:
    if not groups:
        return ()
    items = [item for group in groups for item in group.items][:3]
    return (*items, _item("pages.more", "menu", _("更多"), current=request.endpoint == "pages.more"))
