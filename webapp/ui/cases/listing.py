"""From the cases of an agency to their list."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _
from webapp.ui.cases.models import Listing
from webapp.ui.forms import Option
from webapp.ui.language import pick
from webapp.ui.tasks.centre import LIGHTS, measure_options
from webapp.ui.tasks.models import Empty
from workflows.agencies.directory import list_agencies
from workflows.cases.listing import CaseQuery, list_cases
from workflows.cases.models import CaseStatus
from workflows.cases.search.grams import understand
from workflows.cases.views import CaseRow, Page
from workflows.clock import Clock, office_date
from workflows.errors import InvalidInputError
from workflows.permissions import Actor, Permission, PostKind


def listing(session: Session, query: CaseQuery, *, actor: Actor, clock: Clock) -> Listing:
    """Build the list."""
    page, wrong = found_cases(session, query, actor=actor, clock=clock)
    return Listing(
        summary=_("全部办件，新的在前") if actor.may(Permission.CASE_SUPERVISE) else _("本单位参与的办件，新的在前"),
        query=query.q or "",
        status=query.status or "",
        measure=query.measure or "",
        light=query.light or "",
        measures=measure_options(session, query.measure),
        holders=holder_options(session, actor=actor, clock=clock),
        holder=query.holder or "",
        lights=tuple(Option(light, wording.light(light)) for light in LIGHTS),
        statuses=tuple(Option(status, wording.case_status(status)) for status in CaseStatus),
        filtered=_filtered(query),
        rows=page.items,
        empty=_refused(wrong) if wrong else _empty(query),
        first_address=_address(query, None) if query.cursor else None,
        next_address=_address(query, page.next) if page.next else None,
        broken_off=page.next is not None and len(page.items) < query.limit,
    )


def found_cases(session: Session, query: CaseQuery, *, actor: Actor, clock: Clock) -> tuple[Page[CaseRow], str | None]:
    """Return the cases, or none and why the words could not be looked for."""
    try:
        return list_cases(session, query, actor=actor, clock=clock), None
    except InvalidInputError as error:
        wrong = next((wording.field_sentence(each) for each in error.errors if each.field == "q"), None)
        if wrong is None:
            raise
        return Page((), None), wrong


def holder_options(session: Session, *, actor: Actor, clock: Clock) -> tuple[Option, ...]:
    """Return whom officers may choose as the holder of cases: the agencies of government, their own first."""
    if actor.post_kind is PostKind.APPLICANT:
        return ()
    found = sorted(list_agencies(session, office_date(clock.now())), key=lambda agency: agency.id != actor.agency_id)
    return tuple(Option(agency.code, pick(agency.short_zh, agency.short_en)) for agency in found if not agency.outside)


def known_holder(session: Session, code: str | None, *, actor: Actor, clock: Clock) -> str | None:
    """Return the holder an address asks for, if it is one that can be chosen; else it narrows nothing."""
    options = holder_options(session, actor=actor, clock=clock) if code else ()
    return code if code in {option.value for option in options} else None


def _address(query: CaseQuery, cursor: str | None) -> str:
    return url_for(
        "pages.cases.index",
        q=query.q,
        status=query.status,
        measure=query.measure,
        light=query.light,
        holder=query.holder,
        cursor=cursor,
    )


def _filtered(query: CaseQuery) -> bool:
    return any((query.q, query.status, query.measure, query.light, query.holder))


def _refused(wrong: str) -> Empty:
    return Empty(_("检索词过多"), wrong, url_for("pages.cases.index"), _("清空筛选"))


def _empty(query: CaseQuery) -> Empty:
    if query.q and understand(query.q) is None:
        return Empty(_("没有可查找的文字"), _("请输入汉字、字母或数字"), url_for("pages.cases.index"), _("清空筛选"))
    if query.q:
        advice = _("空格隔开的词语须同时出现；可减少词语再试")
        return Empty(_("未找到符合条件的办件"), advice, url_for("pages.cases.index"), _("清空筛选"))
    if _filtered(query):
        return Empty(_("未找到符合条件的办件"), _("请核对办件编号"), url_for("pages.cases.index"), _("清空筛选"))
    return Empty(_("暂无办件"), _("申请提交后，参与的单位在这里看到"))
