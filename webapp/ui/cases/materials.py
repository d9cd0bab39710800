"""材料: the papers of a case, and the form to add one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.context import config
from webapp.ui.cases.opened import OpenedCase
from workflows.cases.documents import list_documents
from workflows.cases.views import DocumentRow

MEGABYTE = 2**20


@dataclass(frozen=True)
class Materials:
    """What the tab shows."""

    documents: tuple[DocumentRow, ...]
    upload_max_mb: int


def build(session: Session, case: OpenedCase) -> Materials:
    """Gather what the tab shows."""
    return Materials(list_documents(session, case.no, actor=case.actor), config().upload_max_bytes // MEGABYTE)
