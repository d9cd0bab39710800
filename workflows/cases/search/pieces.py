"""What is written in cases, piece by piece, and for whom: the one place that says what a search may find where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from workflows.cases.materials.folder import list_of_children
from workflows.cases.materials.models import ContentScan, ScanStatus
from workflows.cases.models import Case, CaseDocument, CaseForm, Notice
from workflows.cases.official.tables import MadePaper
from workflows.cases.part_of_family import Part
from workflows.cases.search.tables import Audience, ContentText
from workflows.cases.search.views import Field
from workflows.cases.views import Named
from workflows.processes import PublishedProcess, get_published
from workflows.processes.models import ProcessVersion


@dataclass(frozen=True)
class Piece:
    """A text of a case.

    Args:
        is_key: a number of which parts are looked for, too.
        label: what the text is called beside its field: the question of the form, or the paper's name.
        content: address of the paper in which the text stands; `Texts` reads it, and `text` is empty.
    """

    field: Field
    text: str
    is_key: bool = False
    label: Named | None = None
    content: str | None = None


@dataclass(frozen=True)
class Written:
    """All that is written in a case for one audience."""

    case_id: int
    root_id: int
    audience: Audience
    pieces: tuple[Piece, ...]


@dataclass
class _Family:
    root: Any
    process: PublishedProcess
    children: list[Any] = field(default_factory=list)
    form: Mapping[str, Any] = field(default_factory=dict)
    documents: list[Any] = field(default_factory=list)
    notices: list[Any] = field(default_factory=list)


def gather(session: Session, root_ids: Collection[int], *, with_contents: bool = True) -> list[Written]:
    """Return what is written in families of cases, in a fixed number of queries.

    Args:
        session: read only.
        root_ids: of the root cases.
        with_contents: what stands inside uploaded papers, too; their texts are not read yet.
    """
    families = _families(session, root_ids)
    readable = {
        paper.sha256
        for family in families.values()
        for paper in family.documents
        if paper.status not in (ScanStatus.WAITING, ScanStatus.INFECTED)
    }
    contents = _with_text(session, readable) if with_contents and readable else frozenset()
    return [written for family in families.values() for written in _written(family, contents)]


def own_pieces(facts: Mapping[str, Any] | Any, process: PublishedProcess, form: Mapping[str, Any]) -> tuple[Piece, ...]:
    """Return the pieces of a case that has only been applied for: its names, and the application."""
    return (*_names(facts, process), *_form_pieces(process, form))


def _families(session: Session, root_ids: Collection[int]) -> dict[int, _Family]:
    families: dict[int, _Family] = {}
    rows = session.execute(
        select(
            Case.id,
            Case.no,
            Case.parent_id,
            Case.child_index,
            Case.title,
            Case.applicant_name,
            Case.applicant_uscc,
            Case.process_version_id,
            ProcessVersion.sha256,
        )
        .join(ProcessVersion, ProcessVersion.id == Case.process_version_id)
        .where(or_(Case.id.in_(root_ids), Case.parent_id.in_(root_ids)))
        .order_by(Case.id)
    ).all()
    root_of = {row.id: row.parent_id or row.id for row in rows}
    for row in rows:
        if row.parent_id is None:
            families[row.id] = _Family(row, get_published(session, row.process_version_id, row.sha256))
        elif row.parent_id in families:
            families[row.parent_id].children.append(row)
    newest = select(CaseForm.case_id, func.max(CaseForm.number)).where(CaseForm.case_id.in_(root_ids))
    latest = newest.group_by(CaseForm.case_id).subquery()
    for form in session.execute(
        select(CaseForm.case_id, CaseForm.data).join(
            latest, (latest.c.case_id == CaseForm.case_id) & (latest.c[1] == CaseForm.number)
        )
    ):
        families[form.case_id].form = form.data
    for paper in _documents(session, root_of):
        families[root_of[paper.case_id]].documents.append(paper)
    for notice in _notices(session, root_of):
        families[root_of[notice.case_id]].notices.append(notice)
    return families


def _documents(session: Session, case_ids: Collection[int]) -> Sequence[Any]:
    return session.execute(
        select(
            CaseDocument.case_id,
            CaseDocument.name,
            CaseDocument.item,
            CaseDocument.subject,
            CaseDocument.internal,
            CaseDocument.sha256,
            ContentScan.status,
        )
        .outerjoin(ContentScan, ContentScan.sha256 == CaseDocument.sha256)
        .where(CaseDocument.case_id.in_(case_ids))
        .order_by(CaseDocument.id)
    ).all()


def _notices(session: Session, case_ids: Collection[int]) -> Sequence[Any]:
    return session.execute(
        select(Notice.case_id, Notice.document_no, Notice.content, MadePaper.text)
        .outerjoin(MadePaper, MadePaper.id == Notice.paper_id)
        .where(Notice.case_id.in_(case_ids))
        .order_by(Notice.id)
    ).all()


def _with_text(session: Session, addresses: Collection[str]) -> frozenset[str]:
    held = ContentText.sha256.in_(addresses), ContentText.text.is_not(None)
    return frozenset(session.scalars(select(ContentText.sha256).where(*held)))


def _written(family: _Family, contents: Collection[str]) -> Iterator[Written]:
    process, root_id = family.process, family.root.id
    pieces: dict[tuple[int, Audience], list[Piece]] = defaultdict(list)
    pieces[root_id, Audience.ALL] += own_pieces(family.root, process, family.form)
    list_name = list_of_children(process.model)
    rows = family.form.get(list_name) if list_name else None
    subjects: dict[int, str | None] = {}
    for child in family.children:
        index = child.child_index or 0
        part = Part(root_id, {child.id: index}, whole=False)
        pieces[child.id, Audience.ALL] += own_pieces(child, process, part.form(process.model, family.form))
        pieces[root_id, Audience.ALL] += [one for one in _names(child, process) if one.field is not Field.TITLE]
        subjects[child.id] = None
        if list_name is not None and isinstance(rows, list) and index < len(rows):
            subjects[child.id] = process.checklist.subject(list_name, index, rows[index])
    for notice in family.notices:
        # What a notice of the whole case says names others' companies as well: it is found by who sees the whole.
        for case_id in {root_id, notice.case_id}:
            pieces[case_id, Audience.ALL] += notice_pieces(notice.document_no, notice.content, notice.text)
    for paper in family.documents:
        audience = Audience.OFFICERS if paper.internal else Audience.ALL
        for case_id in (
            root_id,
            *(child for child, subject in subjects.items() if _goes_with(paper, root_id, child, subject)),
        ):
            pieces[case_id, audience] += _paper_pieces(paper, contents)
    for (case_id, audience), found in pieces.items():
        yield Written(case_id, root_id, audience, tuple(found))


def _goes_with(paper: Any, root_id: int, child_id: int, subject: str | None) -> bool:
    """Tell whether a paper of a family is seen with a child: its own, and the root's that are shared or its.

    What was laid to another child is never, whatever line it is for.
    """
    if paper.case_id == child_id:
        return True
    if paper.case_id != root_id:
        return False
    of_others = paper.subject is not None and paper.subject != subject
    return paper.item is not None and not of_others


def _names(case: Any, process: PublishedProcess) -> Iterator[Piece]:
    yield Piece(Field.NUMBER, case.no, is_key=True)
    yield Piece(Field.TITLE, case.title)
    if process.model.name and process.model.name != case.title:
        yield Piece(Field.TITLE, process.model.name)
    yield Piece(Field.APPLICANT, case.applicant_name)
    if case.applicant_uscc:
        yield Piece(Field.USCC, case.applicant_uscc, is_key=True)


def _form_pieces(process: PublishedProcess, form: Mapping[str, Any]) -> Iterator[Piece]:
    schema = process.form(process.model.attributes.get("applyForm")) or {}
    yield from _values(schema, form)


def _values(schema: Mapping[str, Any], value: Any) -> Iterator[Piece]:
    """The texts of an application; what was chosen from a list is a code, not a text."""
    if isinstance(value, str):
        if value and "enum" not in schema and not str(schema.get("format", "")).startswith("agency:"):
            title = schema.get("title")
            label = Named("", title, schema.get("x-title-en") or title) if title else None
            yield Piece(Field.FORM, value, is_key=schema.get("format") == "uscc", label=label)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _values(schema.get("properties", {}).get(name, {}), part)
    elif isinstance(value, list):
        for part in value:
            yield from _values(schema.get("items", {}), part)


def notice_pieces(document_no: str | None, content: Any, blocks: Any) -> Iterator[Piece]:
    """The pieces of an official document: its number, and its paragraphs, or what they will be made of."""
    if document_no:
        yield Piece(Field.NOTICE, document_no, is_key=True)
    if blocks:
        yield Piece(Field.NOTICE, "\n".join(str(block.get("text", "")) for block in blocks))
    elif isinstance(content, Mapping):
        said = [content.get(name) for name in ("to", "sender", "subject", "reason", "basis", "contact")]
        for listed in ("items", "parts"):
            said += [text for one in content.get(listed) or () for text in one.values() if isinstance(text, str)]
        yield Piece(Field.NOTICE, "\n".join(str(text) for text in said if text))


def _paper_pieces(paper: Any, contents: Collection[str]) -> Iterator[Piece]:
    yield Piece(Field.PAPER, paper.name)
    if paper.sha256 in contents and paper.status not in (ScanStatus.WAITING, ScanStatus.INFECTED):
        yield Piece(Field.PAPER_TEXT, "", label=Named("", paper.name, paper.name), content=paper.sha256)
