"""From a case to its approval sheet (呈批表)."""

from __future__ import annotations

from flask_babel import force_locale
from sqlalchemy.orm import Session

from webapp.documents.fields import CHINESE, ApprovalSheet
from webapp.ui.forms import Answer, answers
from webapp.ui.groups import group_options
from workflows.cases.documents import list_documents
from workflows.cases.official.approval import approval_notes
from workflows.cases.reading import get_case
from workflows.cases.views import CaseDetail
from workflows.clock import Clock, office_date
from workflows.permissions import Actor

MOST_ATTACHMENTS = 30


def approval_sheet(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> ApprovalSheet:
    """Gather the sheet as the case stands.

    Raises:
        NotFoundError: no such case for the actor, or an applicant.
    """
    notes = approval_notes(session, case_no, actor=actor, clock=clock)
    case = get_case(session, case_no, actor=actor, clock=clock)
    with force_locale(CHINESE):
        summary = _summary(session, case, clock)
    names = [document.name for document in list_documents(session, case_no, actor=actor)]
    more = [f"等{len(names)}份"] if len(names) > MOST_ATTACHMENTS else []
    due = [task.due_at for task in case.open_tasks if task.due_at]
    issued = [notice.document_no for notice in case.notices if notice.document_no and not notice.voided_at]
    return ApprovalSheet(
        case_no=case.row.no,
        title=f"{case.row.title}（{case.process_name.zh}）",
        sender=case.row.applicant_name,
        document_no="\n".join(issued) or "—",
        received_on=office_date(case.row.opened_at),
        leads="、".join(agency.zh for agency in case.leads) or "—",
        supports="、".join(agency.zh for agency in case.supports) or "—",
        handler=notes["draft"][0].by if notes["draft"] else "—",
        due_on=office_date(min(due)) if due else None,
        summary=summary,
        attachments="\n".join([*names[:MOST_ATTACHMENTS], *more]) or "—",
        notes=notes,
    )


def _summary(session: Session, case: CaseDetail, clock: Clock) -> str:
    options = group_options(session, office_date(clock.now()))
    return "\n".join(_line(answer) for answer in answers(case.application_schema, case.data, options=options))


def _line(answer: Answer) -> str:
    """A list is told by the first column, such as the names of the issuers."""
    text = "、".join(row[0].text for row in answer.rows if row) if answer.rows else answer.text
    return f"{answer.label}：{text}"
