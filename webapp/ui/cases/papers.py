"""公文: the official documents told to the applicant."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.ui.cases.opened import OpenedCase
from workflows.cases.views import NoticeRow


@dataclass(frozen=True)
class Papers:
    """What the tab shows."""

    notices: tuple[NoticeRow, ...]


def build(_session: Session, case: OpenedCase) -> Papers:
    """Gather what the tab shows."""
    return Papers(case.detail.notices)
