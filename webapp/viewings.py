"""Noting who opened what, beside the answer: no answer fails for want of the note, and none waits long for it."""

from __future__ import annotations

import structlog
from flask import request
from sqlalchemy.exc import SQLAlchemyError

from webapp.context import clock
from webapp.transaction import reading, writing
from workflows.cases.paper_views import DocumentRow
from workflows.cases.viewings.noting import Opened, is_noted, note_viewing
from workflows.cases.viewings.tables import Viewed, Way
from workflows.permissions import Actor

log = structlog.get_logger(__name__)

PATIENCE_MS = 2_000
"""Acts hold locks for a few of these; whoever reads does not wait for one that has got stuck."""


def note_opened(opened: Opened, actor: Actor) -> None:
    """Note that the actor is being given something, once the answer is ready; what was asked before is forgotten.

    Where it cannot be noted the log says so, with all that would have been noted.
    """
    if request.method == "HEAD":  # gets nothing of it
        return
    try:
        if is_noted(reading(), opened, actor=actor, clock=clock()):
            return
        with writing(patience_ms=PATIENCE_MS) as session:
            note_viewing(session, opened, actor=actor, clock=clock())
    except SQLAlchemyError as error:
        log.error(
            "viewing-not-noted",
            person=actor.person_id,
            post=actor.post_id,
            on_behalf_of=actor.on_behalf_of,
            case=opened.case_no,
            kind=opened.kind.value,
            item=opened.item_id,
            version=opened.version,
            way=opened.way.value,
            error=type(error).__name__,
        )


def case_opened(case_no: str) -> Opened:
    """Name a case, with what was applied for in it."""
    return Opened(Viewed.CASE, case_no)


def paper_opened(case_no: str, row: DocumentRow, way: Way) -> Opened:
    """Name one version of a paper."""
    return Opened(Viewed.PAPER, case_no, row.id, row.version, way)


def notice_opened(case_no: str, notice_id: int, way: Way) -> Opened:
    """Name an official document."""
    return Opened(Viewed.NOTICE, case_no, notice_id, way=way)


def approval_opened(case_no: str, way: Way) -> Opened:
    """Name the approval sheet of a case."""
    return Opened(Viewed.APPROVAL, case_no, way=way)
