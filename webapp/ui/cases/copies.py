"""抄送: who may read the case without having to act, and who has read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.ui.cases.opened import OpenedCase
from webapp.ui.together.models import CaseCopies
from webapp.ui.together.present import case_copies


def build(session: Session, case: OpenedCase) -> CaseCopies:
    """Gather what the tab shows."""
    return case_copies(session, case.no, actor=case.actor, clock=case.clock)
