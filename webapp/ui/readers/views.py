"""Routes of reading rights: why I see a case, and for those who watch over it, who does."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from webapp import wording
from webapp.context import clock
from webapp.transaction import reading
from webapp.translation import _
from webapp.ui.acting import get_actor, needs
from webapp.ui.formats import named
from webapp.ui.readers.present import by_person, notice_lines, paper_lines, responsibilities, seen_lines
from workflows.cases.who_sees import who_sees
from workflows.cases.why_seen import Seen, why_seen
from workflows.cases.why_seen_item import why_notice_seen, why_paper_seen, why_task_seen
from workflows.errors import NotFoundError
from workflows.permissions import Permission, PostKind

blueprint = Blueprint("readers", __name__)

MOST_TYPED = 64


@blueprint.get("/cases/<no>/why")
@needs(Permission.CASE_READ)
def own(no: str) -> str:
    """Tell the reader why they see a case."""
    actor = get_actor()
    seen = why_seen(reading(), no, actor=actor, clock=clock())
    lines = () if actor.post_kind is PostKind.APPLICANT else responsibilities(reading(), seen, clock())
    return render_template("readers/own.html", no=no, seen=seen_lines((seen,))[0], lines=lines)


@blueprint.get("/tasks/<key:task_id>/why")
@needs(Permission.TASK_READ)
def own_task(task_id: int) -> str:
    """Tell the reader why they may open a task."""
    seen = why_task_seen(reading(), task_id, actor=get_actor(), clock=clock())
    back = url_for("pages.tasks.detail", task_id=task_id)
    return _item(
        _("任务“%(name)s”", name=named(seen.name)), back, seen.seen, (_("任务送到本单位，由本单位的岗位办理"),)
    )


@blueprint.get("/cases/<no>/documents/<key:document_id>/why")
@needs(Permission.CASE_READ)
def own_paper(no: str, document_id: int) -> str:
    """Tell the reader why they see a paper."""
    seen = why_paper_seen(reading(), no, document_id, actor=get_actor(), clock=clock())
    back = url_for("pages.cases.detail", no=no, tab="materials")
    return _item(_("材料“%(name)s”", name=seen.paper.name), back, seen.seen, paper_lines(seen))


@blueprint.get("/cases/<no>/notices/<key:notice_id>/why")
@needs(Permission.CASE_READ)
def own_notice(no: str, notice_id: int) -> str:
    """Tell the reader why they see an official document."""
    seen = why_notice_seen(reading(), no, notice_id, actor=get_actor(), clock=clock())
    back = url_for("pages.cases.detail", no=no, tab="papers")
    name = seen.notice.document_no or wording.notice_kind(seen.notice.kind)
    return _item(_("公文“%(name)s”", name=name), back, seen.seen, notice_lines(seen))


def _item(name: str, back: str, seen: Seen, lines: tuple[str, ...]) -> str:
    return render_template("readers/item.html", name=name, back=back, lines=lines, seen=seen_lines((seen,))[0])


@blueprint.get("/cases/<no>/readers")
@needs(Permission.CASE_SUPERVISE)
def of_case(no: str) -> str:
    """Tell the supervision office who sees a case and why."""
    seen = who_sees(reading(), no, actor=get_actor(), clock=clock())
    who = _typed("who")
    found = by_person(seen, who) if who else seen
    return render_template(
        "readers/who.html", no=no, who=who, found=seen_lines(found), missing=False, asks_for_case=False
    )


@blueprint.get("/audit/readers")
@needs(Permission.AUDIT_READ)
def audited() -> str:
    """Let the audit administrator ask who sees a case, by its number; the case itself is not shown."""
    no, who = _typed("no"), _typed("who")
    try:
        seen = who_sees(reading(), no, actor=get_actor(), clock=clock()) if no else ()
        missing = False
    except NotFoundError:
        seen, missing = (), True
    found = by_person(seen, who) if who else seen
    return render_template(
        "readers/who.html",
        no=no,
        who=who,
        found=seen_lines(found),
        total=len(seen),
        missing=missing,
        asks_for_case=True,
    )


def _typed(name: str) -> str:
    return (request.args.get(name) or "").strip()[:MOST_TYPED]
