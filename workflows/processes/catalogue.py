"""Published versions, ready to run: loaded once per program, addressed by their hash."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflows.engine import ProcessModel, Spec, SpecStore
from workflows.errors import NotFoundError
from workflows.persistence import once
from workflows.processes.materials import Checklist, read_checklist
from workflows.processes.models import ProcessDefinition, ProcessVersion, VersionStatus
from workflows.processes.sources import MAIN, ProcessFiles

_SPECS = SpecStore(capacity=64)
_FORMS_CAPACITY = 256


@dataclass(frozen=True)
class ProcessSummary:
    """A process in a list.

    Args:
        version: the newest published version's number.
        version_id: its key.
        sha256: its address.
    """

    key: str
    name_zh: str
    name_en: str
    case_type: str
    measure_no: str
    case_prefix: str
    version: int
    version_id: int
    sha256: str


@dataclass(frozen=True)
class PublishedProcess:
    """A version that cases run on."""

    spec: Spec
    files: ProcessFiles

    @property
    def model(self) -> ProcessModel:
        """The diagram as this program reads it."""
        return self.spec.model

    def form(self, key: str | None) -> Mapping[str, Any] | None:
        """Return the JSON Schema of a form, or None where there is no such form."""
        return self.files.forms.get(key) if key else None

    @cached_property
    def checklist(self) -> Checklist:
        """The papers its applications come with."""
        return read_checklist(self.files.materials, self.form(self.model.attributes.get("applyForm")))


class _Cache:
    """An LRU of published versions by sha256; versions never change, so entries never go stale."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, PublishedProcess] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str) -> PublishedProcess | None:
        with self._lock:
            entry = self._entries.get(sha256)
            if entry is not None:
                self._entries.move_to_end(sha256)
            return entry

    def put(self, sha256: str, entry: PublishedProcess) -> None:
        with self._lock:
            self._entries[sha256] = entry
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)


_CACHE = _Cache(_FORMS_CAPACITY)


def get_published(session: Session, version_id: int, sha256: str) -> PublishedProcess:
    """Return the version that a case runs on.

    Args:
        session: used only the first time this program needs the version.
        version_id: key of the version.
        sha256: its address, read with the case.

    Raises:
        NotFoundError: no such version, or one that was never compiled.
    """
    cached = _CACHE.get(sha256)
    if cached is not None:
        return cached
    row = session.execute(
        select(ProcessVersion.sources, ProcessVersion.spec).where(ProcessVersion.id == version_id)
    ).one_or_none()
    if row is None or row.spec is None:
        raise NotFoundError("process version", version_id)
    payload: bytes = row.spec
    published = PublishedProcess(_SPECS.get(sha256, lambda: payload), ProcessFiles.from_bytes(row.sources))
    _CACHE.put(sha256, published)
    return published


@dataclass(frozen=True)
class VersionRef:
    """A version, without its files.

    Args:
        id, key, number: which version of which process; no number while it is a draft.
        sha256: its address.
        process: the process itself.
    """

    id: int
    key: str
    number: int | None
    sha256: str
    process: PublishedProcess


def load_version(session: Session, version_id: int) -> VersionRef:
    """Return the version that a case runs on, by its key.

    Raises:
        NotFoundError: no such version, or one that was never compiled.
    """
    return once(session, ("process version", version_id), lambda: _load_version(session, version_id))


def _load_version(session: Session, version_id: int) -> VersionRef:
    columns = select(ProcessVersion.key, ProcessVersion.number, ProcessVersion.sha256)
    row = session.execute(columns.where(ProcessVersion.id == version_id)).one_or_none()
    if row is None:
        raise NotFoundError("process version", version_id)
    return VersionRef(version_id, row.key, row.number, row.sha256, get_published(session, version_id, row.sha256))


def list_processes(session: Session) -> tuple[ProcessSummary, ...]:
    """List the processes that have a published version, by key."""
    newest: dict[str, ProcessSummary] = {}
    for row in session.execute(_PUBLISHED, {"published": VersionStatus.PUBLISHED}):
        newest.setdefault(row.key, _summary(row))
    return tuple(newest.values())


def get_process(session: Session, key: str) -> ProcessSummary:
    """Return one process in its newest published version.

    Raises:
        NotFoundError: no such process, or nothing of it is published.
    """
    row = session.execute(_NEWEST, {"key": key, "published": VersionStatus.PUBLISHED}).one_or_none()
    if row is None:
        raise NotFoundError("process", key)
    return _summary(row)


_COLUMNS = (
    ProcessDefinition.key,
    ProcessDefinition.name_zh,
    ProcessDefinition.name_en,
    ProcessDefinition.case_type,
    ProcessDefinition.measure_no,
    ProcessDefinition.case_prefix,
    ProcessVersion.number,
    ProcessVersion.id,
    ProcessVersion.sha256,
)
_PUBLISHED = (
    select(*_COLUMNS)
    .join(ProcessVersion, ProcessVersion.key == ProcessDefinition.key)
    .where(ProcessVersion.status == bindparam("published"))
    .order_by(ProcessDefinition.key, ProcessVersion.number.desc())
)
_NEWEST = _PUBLISHED.where(ProcessDefinition.key == bindparam("key")).limit(1)


def _summary(row: Any) -> ProcessSummary:
    return ProcessSummary(
        key=row.key,
        name_zh=row.name_zh,
        name_en=row.name_en,
        case_type=row.case_type,
        measure_no=row.measure_no,
        case_prefix=row.case_prefix,
        version=row.number,
        version_id=row.id,
        sha256=row.sha256,
    )


def get_bpmn(session: Session, key: str, number: int) -> bytes:
    """Return the main diagram of a published (or retired) version as XML.

    Raises:
        NotFoundError: no such version.
    """
    sources = session.scalar(
        select(ProcessVersion.sources).where(ProcessVersion.key == key, ProcessVersion.number == number)
    )
    if sources is None:
        raise NotFoundError("process version", f"{key} {number}")
    return ProcessFiles.from_bytes(sources).diagrams[MAIN]


def form_schema(session: Session, version_id: int, form_key: str) -> Mapping[str, Any]:
    """Return a form of a version as JSON Schema.

    Raises:
        NotFoundError: no such version or form.
    """
    sha256 = session.scalar(select(ProcessVersion.sha256).where(ProcessVersion.id == version_id))
    schema = get_published(session, version_id, sha256).form(form_key) if sha256 else None
    if schema is None:
        raise NotFoundError("form", form_key)
    return schema
