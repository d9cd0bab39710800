"""Routes of reading rights: why I see a case, and for those who watch over it, who does."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp.context import clock
from webapp.transaction import reading
from webapp.ui.acting import get_actor, needs
from webapp.ui.readers.present import by_person, responsibilities, seen_lines
from workflows.cases.who_sees import who_sees
from workflows.cases.why_seen import why_seen
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
