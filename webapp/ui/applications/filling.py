"""Filling in an application: the form until nothing is wrong with it, then its papers, or straight to the check."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.context import clock
from webapp.transaction import reading, writing
from webapp.translation import _
from webapp.ui.acting import get_actor
from webapp.ui.applications.models import CheckPage, FormPage, PaperAsked
from webapp.ui.applications.process import Applicable, check_answers, first_agency
from webapp.ui.applications.sections import sections
from webapp.ui.forms import Filled, anchor, answers, count_rows, fields, label_of, read
from webapp.ui.groups import group_options
from webapp.ui.language import pick
from webapp.ui.problems import Problem, problems
from workflows.cases.materials.drafts import save_application
from workflows.clock import office_date
from workflows.errors import InvalidInputError
from workflows.processes.materials import MaterialItem

FIRST_ROWS = 2
"""Rows a new form offers in each list; empty ones are dropped when it is sent."""

Answer = Response | str | tuple[str, int]


def fill_in(process: Applicable, draft_id: int | None = None, values: Mapping[str, Any] | None = None) -> Answer:
    """Show the form, or take what was sent of it.

    Args:
        draft_id: the draft it is filled in for; None begins a new one where papers are to be laid to it.
        values: what the form starts with.
    """
    if request.method == "GET":
        rows = FIRST_ROWS if draft_id is None else 1
        return form_page(process, values or {}, (), spare_rows=rows, draft_id=draft_id)
    filled = read(process.schema, request.form, remove=request.form.get("remove"))
    go = request.form.get("go")
    if "add" in request.form:
        rows = count_rows(request.form, request.form["add"]) + 1
        return form_page(process, filled.data, (), spare_rows=rows, draft_id=draft_id)
    if go == "save":
        _save(process, filled, draft_id)
        flash(_("已保存，没有提交；在“我的申请”可以接着办"), "done")
        return redirect(url_for("pages.applications.mine"))
    if go != "check" or "remove" in request.form:
        return form_page(process, filled.data, (), draft_id=draft_id)
    try:
        check_answers(reading(), process, filled, clock=clock())
    except InvalidInputError as error:
        return form_page(process, filled.data, problems_of(process, error), draft_id=draft_id), 422
    if not process.takes_papers:
        return _check(process, filled.data)
    return redirect(url_for("pages.applications.papers", draft_id=_save(process, filled, draft_id)))


def form_page(
    process: Applicable,
    values: Mapping[str, Any],
    found: tuple[Problem, ...],
    *,
    spare_rows: int = 1,
    draft_id: int | None = None,
) -> str:
    """Show the form with what was entered and what is wrong with it."""
    options = group_options(reading(), office_date(clock().now()))
    errors = {problem.path: problem.text for problem in found}
    parts = fields(process.schema, values, options=options, errors=errors, spare_rows=spare_rows)
    if draft_id is None:
        action = url_for("pages.applications.form", key=process.key)
    else:
        action = url_for("pages.applications.edit", draft_id=draft_id)
    page = FormPage(
        key=process.key,
        name=process.name,
        action=action,
        takes_papers=process.takes_papers,
        papers=tuple(_asked(item) for item in process.papers),
        limit_days=process.limit_days,
        fields=parts,
        sections=sections(parts, found),
        problems=found,
    )
    return render_template("applications/form.html", page=page)


def _asked(item: MaterialItem) -> PaperAsked:
    always, never = item.required is True, item.required is False
    word = _("必交") if always else _("选交") if never else _("视情况")
    return PaperAsked(pick(item.name, item.name_en), pick(item.hint, item.hint_en), word, item.per is not None)


def problems_of(process: Applicable, error: InvalidInputError) -> tuple[Problem, ...]:
    """Return what is wrong with a form in the reader's words."""
    return problems(error.errors, label_of=lambda path: label_of(process.schema, path), anchor_of=anchor)


def _save(process: Applicable, filled: Filled, draft_id: int | None) -> int:
    with writing() as session:
        return save_application(session, process.key, filled.data, draft_id=draft_id, actor=get_actor(), clock=clock())


def _check(process: Applicable, data: Mapping[str, Any]) -> str:
    transaction, at = reading(), clock()
    options = group_options(transaction, office_date(at.now()))
    page = CheckPage(
        key=process.key,
        name=process.name,
        answers=answers(process.schema, data, options=options),
        carried=tuple((name, value) for name, value in request.form.items() if _is_answer(name, process.schema)),
        once=secrets.token_hex(8),
        first_agency=first_agency(transaction, process, at),
    )
    return render_template("applications/check.html", page=page)


def _is_answer(name: str, schema: Mapping[str, Any]) -> bool:
    return name.partition(".")[0] in schema.get("properties", {})
