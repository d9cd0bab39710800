"""Routes of the working calendar: what is loaded, what a notice would change, and loading it."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.problems import problems
from workflows.cases.calendar_loading import load_calendar, preview_calendar
from workflows.cases.limits import CALENDARS
from workflows.deadlines import list_versions
from workflows.errors import ConcurrencyError, FieldError, InvalidInputError
from workflows.permissions import Permission

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/calendar")
@needs(Permission.CALENDAR_LOAD)
def index() -> str:
    """Show the versions, and the form for a notice."""
    return _index("")


@blueprint.post("/calendar/check")
@needs(Permission.CALENDAR_LOAD)
def check() -> str | Response:
    """Show what a notice would change; nothing is changed."""
    text = request.form.get("notice", "")
    try:
        preview = preview_calendar(reading(), text, actor=get_actor())
    except InvalidInputError as error:
        return make_response(_index(text, error.errors), 422)
    return render_template("calendar/check.html", preview=preview, notice=text)


@blueprint.post("/calendar/load")
@needs(Permission.CALENDAR_LOAD)
def load() -> Response:
    """Load a notice that was looked at."""
    text = request.form.get("notice", "")
    base = request.form.get("base_version", "")
    try:
        with writing() as session:
            version = int(base) if base.isascii() and base.isdigit() and len(base) < 9 else 0
            loaded = load_calendar(session, text, base_version=version, actor=get_actor(), clock=clock())
    except InvalidInputError as error:
        return make_response(_index(text, error.errors), 422)
    except ConcurrencyError:
        flash(_("日历已由他人更新，请重新核对后再载入"), "warning")
        return redirect(url_for("pages.calendar.index"))
    flash(_("已载入工作日历第%(version)s版，在办期限正在重算", version=loaded.draft.base_version + 1), "done")
    return redirect(url_for("pages.calendar.index"))


def _index(notice: str, errors: tuple[FieldError, ...] = ()) -> str:
    session = reading()
    found = problems(errors, label_of=_label, anchor_of=lambda _path: "notice")
    return render_template(
        "calendar/index.html",
        versions=list_versions(session),
        last_year=max(CALENDARS.current(session).published_years, default=None),
        notice=notice,
        problems=found,
    )


def _label(path: str) -> str:
    return "" if path == "notice" else path
