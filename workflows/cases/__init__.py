"""The case and its tasks: one aggregate under one lock; one module per command, queues for reading."""

from workflows.cases.archive import archive_case, register_section
from workflows.cases.assignment.emptied import review_open_tasks
from workflows.cases.calendar_loading import CalendarPreview, load_calendar, preview_calendar, recount_touched
from workflows.cases.claiming import assign_task, claim_task, receive_task, release_task, transfer_task
from workflows.cases.collaboration.delegate import delegate_task, hand_back_task, take_back_task
from workflows.cases.commands import (
    AskAgain,
    ChangeSigner,
    CompleteTask,
    OpenCase,
    OpinionAnswer,
    OutsideMessage,
    ReturnTask,
)
from workflows.cases.complete_task import complete_task
from workflows.cases.documents import (
    NewDocument,
    add_document,
    get_document,
    get_readable,
    list_documents,
    require_room,
)
from workflows.cases.effects import EffectContext, EffectUndo, TaskEffect, register_effect, registered_effects
from workflows.cases.incidents import list_incidents
from workflows.cases.lifecycle import resume_case, suspend_case, withdraw_case
from workflows.cases.listing import CaseQuery, list_cases
from workflows.cases.materials.drafts import (
    NewPaper,
    add_paper,
    discard_application,
    forget_old_drafts,
    get_application,
    list_applications,
    remove_paper,
    require_application,
    save_application,
    submit_application,
)
from workflows.cases.materials.quota import Quota
from workflows.cases.materials.reading import list_materials
from workflows.cases.materials.scans import ScanRule, claim_scan, has_due_scans, put_off, record_scan
from workflows.cases.materials.send_back import SendBack, send_back, undo_send_back
from workflows.cases.messages import match_inbox, receive_message
from workflows.cases.models import Case, CaseStatus, HumanTask, TaskRole, TaskStatus
from workflows.cases.official.reading import get_notice, list_case_notices, list_notices
from workflows.cases.official.register import RegisterQuery, list_register, void_notice
from workflows.cases.open_case import open_case
from workflows.cases.opinions.asking import ask_again, askable
from workflows.cases.opinions.reading import list_opinions
from workflows.cases.paper_views import DocumentRow
from workflows.cases.queues import QUEUES, TaskQuery, count_desk, count_tasks, list_tasks
from workflows.cases.reading import get_case, list_events
from workflows.cases.recall_task import recall_task
from workflows.cases.retry_incident import retry_incident
from workflows.cases.return_task import return_targets, return_task
from workflows.cases.signers import add_signer, remove_signer
from workflows.cases.task_detail import get_task
from workflows.cases.timers import fire_due_timers
from workflows.cases.views import (
    CaseDetail,
    CaseRow,
    EventRow,
    IncidentRow,
    Moved,
    Named,
    NextStep,
    NodeState,
    NoticeRow,
    Page,
    TaskDetail,
    TaskRow,
)

OUTBOX_HANDLERS = {
    "assignment.review": review_open_tasks,
    "calendar.recount": recount_touched,
    "case.archive": archive_case,
    "inbox.match": match_inbox,
}
"""Side effects of cases, by topic."""

__all__ = [
    "OUTBOX_HANDLERS",
    "QUEUES",
    "AskAgain",
    "CalendarPreview",
    "Case",
    "CaseDetail",
    "CaseQuery",
    "CaseRow",
    "CaseStatus",
    "ChangeSigner",
    "CompleteTask",
    "DocumentRow",
    "EffectContext",
    "EffectUndo",
    "EventRow",
    "HumanTask",
    "IncidentRow",
    "Moved",
    "Named",
    "NewDocument",
    "NewPaper",
    "NextStep",
    "NodeState",
    "NoticeRow",
    "OpenCase",
    "OpinionAnswer",
    "OutsideMessage",
    "Page",
    "Quota",
    "RegisterQuery",
    "ReturnTask",
    "ScanRule",
    "SendBack",
    "TaskDetail",
    "TaskEffect",
    "TaskQuery",
    "TaskRole",
    "TaskRow",
    "TaskStatus",
    "add_document",
    "add_paper",
    "add_signer",
    "archive_case",
    "ask_again",
    "askable",
    "assign_task",
    "claim_scan",
    "claim_task",
    "complete_task",
    "count_desk",
    "count_tasks",
    "delegate_task",
    "discard_application",
    "fire_due_timers",
    "forget_old_drafts",
    "get_application",
    "get_case",
    "get_document",
    "get_notice",
    "get_readable",
    "get_task",
    "hand_back_task",
    "has_due_scans",
    "list_applications",
    "list_case_notices",
    "list_cases",
    "list_documents",
    "list_events",
    "list_incidents",
    "list_materials",
    "list_notices",
    "list_opinions",
    "list_register",
    "list_tasks",
    "load_calendar",
    "match_inbox",
    "open_case",
    "preview_calendar",
    "put_off",
    "recall_task",
    "receive_message",
    "receive_task",
    "record_scan",
    "register_effect",
    "register_section",
    "registered_effects",
    "release_task",
    "remove_paper",
    "remove_signer",
    "require_application",
    "require_room",
    "resume_case",
    "retry_incident",
    "return_targets",
    "return_task",
    "save_application",
    "send_back",
    "submit_application",
    "suspend_case",
    "take_back_task",
    "transfer_task",
    "undo_send_back",
    "void_notice",
    "withdraw_case",
]
