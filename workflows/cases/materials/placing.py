"""Where a new paper goes: which line of the checklist, whose, and which version of which file."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.cases.materials.folder import Folder
from workflows.cases.materials.lines import MaterialState
from workflows.cases.paper_views import DocumentRow
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor, PostKind
from workflows.processes import Checklist, MaterialItem

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Place:
    """A place in a case's folder."""

    item: str | None = None
    subject: str | None = None
    file_no: int = 1
    version: int = 1
    internal: bool = False


def find_item(checklist: Checklist, item_id: str, actor: Actor) -> MaterialItem:
    """Return a line that the actor may add papers to.

    Raises:
        InvalidInputError: there is none; officers' own do not exist for applicants (`item`).
    """
    item = checklist.find(item_id)
    if item is None or (item.supplied_by == "officer" and actor.post_kind is PostKind.APPLICANT):
        raise InvalidInputError([FieldError("item", "not-in-list")])
    return item


def check_fits(item: MaterialItem, name: str, size: int) -> None:
    """Refuse a file that is not of a kind or size the line takes.

    Raises:
        InvalidInputError: naming `file`.
    """
    ending = name.lower().rpartition(".")[2].replace("jpeg", "jpg")
    if ending not in item.kinds:
        kinds = ", ".join(kind.upper() for kind in item.kinds)
        raise InvalidInputError([FieldError("file", "file-kind", {"kinds": kinds})])
    if size > item.max_mb * MEGABYTE:
        raise InvalidInputError([FieldError("file", "file-size", {"maximum": item.max_mb})])


def find_subject(folder: Folder, item: MaterialItem, given: str | None) -> str | None:
    """Return which row of the application a paper of this line is about; the only one there is needs no telling.

    Raises:
        InvalidInputError: none was told of several, or one that is not there (`subject`).
    """
    subjects = [subject for line, subject, _row in folder.lines() if line.id == item.id and subject is not None]
    if item.per is None:
        if given is not None:
            raise InvalidInputError([FieldError("subject", "unknown-field")])
        return None
    if given is None and len(subjects) == 1:
        return subjects[0]
    if given not in subjects:
        raise InvalidInputError([FieldError("subject", "required" if given is None else "not-in-list")])
    return given


def place(item: MaterialItem, subject: str | None, there: tuple[DocumentRow, ...], *, replaces: int | None) -> Place:
    """Return the place of a further file: behind the one it replaces, or beside the others while there is room.

    Args:
        there: the papers of the line, every version.
        replaces: a file of the line; a line of one file needs no telling.

    Raises:
        InvalidInputError: `replaces` is no file of the line, or is missing where the line is full.
    """
    internal = item.supplied_by == "officer"
    files = {row.file_no: row for row in there if row.is_newest}
    last = {row.file_no: row.version for row in there}  # blocked ones have had their number, too
    if replaces is not None:
        replaced = next((row for row in files.values() if row.id == replaces), None)
        if replaced is None:
            raise InvalidInputError([FieldError("replaces", "not-in-list")])
        return Place(item.id, subject, replaced.file_no, last[replaced.file_no] + 1, internal)
    if item.max_files == 1:
        return Place(item.id, subject, 1, last.get(1, 0) + 1, internal)
    if len(files) >= item.max_files:
        raise InvalidInputError([FieldError("replaces", "files-full", {"maximum": item.max_files})])
    return Place(item.id, subject, max(last, default=0) + 1, 1, internal)


FINAL = frozenset({MaterialState.ACCEPTED})
"""An applicant changes such a line no more: what was taken in is what is decided upon."""
