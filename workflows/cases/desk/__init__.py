"""What a person keeps on their own desk: unfinished answers, phrases, views of the queues, what they have looked at.

None of it changes a case, so none of it is in the audit chain; nobody else sees it.
"""

from workflows.cases.desk.drafts import SaveDraft, TaskDraftView, discard_draft, find_draft, save_draft
from workflows.cases.desk.phrases import PhraseView, add_phrase, list_phrases, remove_phrase
from workflows.cases.desk.saved_views import SavedViewRow, list_views, remove_view, save_view
from workflows.cases.desk.seen import mark_seen, unseen
from workflows.cases.desk.waiting import list_waiting

__all__ = [
    "PhraseView",
    "SaveDraft",
    "SavedViewRow",
    "TaskDraftView",
    "add_phrase",
    "discard_draft",
    "find_draft",
    "list_phrases",
    "list_views",
    "list_waiting",
    "mark_seen",
    "remove_phrase",
    "remove_view",
    "save_draft",
    "save_view",
    "unseen",
]
