"""Routes of 阅览记录: of one case for the supervision office, of all for the audit administrator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from webapp.transaction import reading
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import Problem, problems
from webapp.ui.viewings.present import FILTERS, Filters, ViewingsPage, viewing_lines
from workflows.cases.viewings.listing import MAX_TYPED, ViewingQuery, ViewingRow, list_viewings
from workflows.cases.views import Page
from workflows.errors import InvalidInputError, NotFoundError
from workflows.permissions import Permission

blueprint = Blueprint("viewings", __name__)

PAGE_SIZE = 50


@blueprint.get("/cases/<no>/viewings")
@needs(Permission.CASE_SUPERVISE)
def of_case(no: str) -> tuple[str, int]:
    """Tell the supervision office who opened a case and what of it."""
    return _page(Filters(**{**_typed(), "no": no}), of_case=no)


@blueprint.get("/audit/viewings")
@needs(Permission.AUDIT_READ)
def audited() -> tuple[str, int]:
    """Let the audit administrator ask who opened what; nothing of a case is shown but its number."""
    return _page(Filters(**_typed()), of_case=None)


def _typed() -> dict[str, str]:
    return {name: (request.args.get(name) or "").strip()[:MAX_TYPED] for name in FILTERS}


def _page(filters: Filters, *, of_case: str | None) -> tuple[str, int]:
    found: Page[ViewingRow] = Page((), None)
    wrong: tuple[Problem, ...] = ()
    missing = False
    try:
        asked = ViewingQuery(
            case_no=filters.no or None,
            person=filters.who or None,
            from_on=filters.day("from_on"),
            to_on=filters.day("to_on"),
            cursor=request.args.get("cursor"),
            limit=PAGE_SIZE,
        )
        found = list_viewings(reading(), asked, actor=get_actor())
    except NotFoundError:
        if of_case is not None:
            raise
        missing = True
    except InvalidInputError as error:
        labels = {"from_on": _("开始日期"), "to_on": _("结束日期")}
        wrong = problems(error.errors, label_of=lambda path: labels.get(path, _("页码")), anchor_of=lambda path: path)
    page = ViewingsPage(
        lines=viewing_lines(found.items),
        filters=filters,
        of_case=of_case,
        missing=missing,
        problems=wrong,
        next_address=_address(filters, of_case, found.next) if found.next else None,
        first_address=_address(filters, of_case, None) if request.args.get("cursor") else None,
    )
    return render_template("viewings/index.html", page=page), 422 if wrong else 200


def _address(filters: Filters, of_case: str | None, cursor: str | None) -> str:
    given: dict[str, Any] = {name: value for name, value in filters.given() if value}
    given["cursor"] = cursor
    if of_case is None:
        return url_for("pages.viewings.audited", **given)
    return url_for("pages.viewings.of_case", **{**given, "no": of_case})
