"""Routes of the register: list it, void a number."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.forms import Option
from webapp.ui.problems import Problem, problems
from workflows.cases.official.register import RegisterQuery, list_register, void_notice
from workflows.cases.views import NoticeRow
from workflows.clock import office_date
from workflows.errors import InvalidInputError, StateConflictError
from workflows.permissions import Permission

blueprint = Blueprint("documents", __name__)

PAGE_SIZE = 50
MAX_QUERY = 100
YEARS = 6
"""Years to choose from, this one first."""


@dataclass(frozen=True)
class Attempt:
    """A number whose voiding did not pass."""

    notice_id: int | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Register:
    """What the page shows."""

    rows: tuple[NoticeRow, ...]
    query: RegisterQuery
    years: tuple[int, ...]
    kinds: tuple[Option, ...]
    attempt: Attempt
    next_address: str | None
    first_address: str | None

    @property
    def filtered(self) -> bool:
        """Whether only part of the register is asked for."""
        return bool(self.query.q or self.query.year or self.query.kind)


@blueprint.get("/documents/register")
@needs(Permission.REGISTER_READ)
def register() -> str:
    """List the register."""
    return _page(Attempt())


@blueprint.post("/documents/register/<key:notice_id>/void")
@needs(Permission.REGISTER_VOID)
def void(notice_id: int) -> Response | tuple[str, int]:
    """Void a number."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            row = void_notice(session, notice_id, reason=reason, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        found = problems(error.errors, label_of=lambda _path: _("理由"), anchor_of=lambda _path: f"reason-{notice_id}")
        return _page(Attempt(notice_id, reason, found)), 422
    except StateConflictError:
        flash(_("此文号已作废"), "warning")
        return redirect(url_for("pages.documents.register"))
    flash(_("%(no)s已作废，此文号不再使用", no=row.document_no), "done")
    return redirect(url_for("pages.documents.register"))


def _page(attempt: Attempt) -> str:
    query = _query()
    page = list_register(reading(), query, actor=get_actor())
    year = office_date(clock().now()).year
    content = Register(
        rows=page.items,
        query=query,
        years=tuple(range(year, year - YEARS, -1)),
        kinds=tuple(Option(kind, wording.notice_kind(kind)) for kind in wording.NOTICE_KINDS),
        attempt=attempt,
        next_address=_address(query, page.next) if page.next else None,
        first_address=_address(query, None) if query.cursor else None,
    )
    return render_template("documents/register.html", register=content)


def _query() -> RegisterQuery:
    given = request.args if request.method == "GET" else {}
    year, kind = given.get("year", ""), given.get("kind", "")
    return RegisterQuery(
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        kind=kind if kind in wording.NOTICE_KINDS else None,
        q=(given.get("q") or "").strip()[:MAX_QUERY] or None,
        cursor=given.get("cursor"),
        limit=PAGE_SIZE,
    )


def _address(query: RegisterQuery, cursor: str | None) -> str:
    return url_for("pages.documents.register", q=query.q, year=query.year, kind=query.kind, cursor=cursor)
