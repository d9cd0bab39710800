"""From draft to use: check, ask, approve by somebody else; and the library that ships with the program."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.clock import Clock
from workflows.engine import Finding, compile_spec, read_model
from workflows.errors import DefinitionError, NotFoundError, PermissionDeniedError, SamePersonError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor, Permission
from workflows.processes.models import ProcessDefinition, ProcessVersion, VersionStatus
from workflows.processes.naming import check_files
from workflows.processes.sources import ProcessFiles


@dataclass(frozen=True)
class Draft:
    """A version on its way.

    Args:
        id: key of the version.
        number: given at publication.
        findings: of the last check.
    """

    id: int
    key: str
    status: str
    number: int | None
    sha256: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Nothing stands against publishing."""
        return not any(finding.severity == "error" for finding in self.findings)


class FindingsError(DefinitionError):
    """A version with errors cannot be published."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{f.code} {f.element_id or ''}" for f in findings))


def load_library(session: Session, folder: Path, *, clock: Clock) -> tuple[str, ...]:
    """Publish each process of the library that has changed since it was last published; runs at set-up.

    Args:
        session: the transaction.
        folder: holds one folder per process key.
        clock: tells when.

    Returns:
        The keys that got a new version.

    Raises:
        FindingsError: a diagram of the library does not pass the check.
    """
    published = []
    for process_folder in sorted(path for path in folder.iterdir() if (path / "process.bpmn").is_file()):
        files = ProcessFiles.from_folder(process_folder)
        newest = session.scalar(
            select(ProcessVersion.sha256)
            .where(
                ProcessVersion.key == process_folder.name,
                ProcessVersion.status == VersionStatus.PUBLISHED,
                # What administrators have published since is theirs; only a library that has changed goes before it.
                ProcessVersion.drafted_by.is_(None),
            )
            .order_by(ProcessVersion.number.desc())
            .limit(1)
        )
        if newest == files.sha256():
            continue
        version = _new_version(session, process_folder.name, files, actor=None, clock=clock)
        _publish(session, version, files, actor=None, clock=clock)
        published.append(process_folder.name)
    return tuple(published)


def create_draft(session: Session, key: str, xml: bytes, *, actor: Actor, clock: Clock) -> Draft:
    """Keep a changed diagram as a draft; the forms are those of the newest published version.

    A draft may be faulty: it is checked, not refused.

    Raises:
        NotFoundError: no such process.
        PermissionDeniedError: not a system administrator.
    """
    _require(actor, Permission.PROCESS_DRAFT)
    sources = session.scalar(
        select(ProcessVersion.sources)
        .where(ProcessVersion.key == key, ProcessVersion.status == VersionStatus.PUBLISHED)
        .order_by(ProcessVersion.number.desc())
        .limit(1)
    )
    if sources is None:
        raise NotFoundError("process", key)
    version = _new_version(session, key, ProcessFiles.from_bytes(sources).with_diagram(xml), actor=actor, clock=clock)
    return _draft(version)


def check_draft(session: Session, key: str, draft_id: int, *, actor: Actor) -> Draft:
    """Check a draft again and keep the findings.

    Raises:
        NotFoundError: no such draft of this process.
        PermissionDeniedError: neither a system nor a security administrator.
    """
    if not actor.may(Permission.PROCESS_APPROVE):
        _require(actor, Permission.PROCESS_DRAFT)
    version = _get(session, key, draft_id)
    if version.status in {VersionStatus.DRAFT, VersionStatus.REQUESTED}:
        version.findings = [asdict(f) for f in check_files(ProcessFiles.from_bytes(version.sources))]
    return _draft(version)


def request_publish(session: Session, key: str, draft_id: int, *, actor: Actor, clock: Clock) -> Draft:
    """Ask for a draft to be published.

    Raises:
        NotFoundError: no such draft.
        StateConflictError: not a draft any more.
        FindingsError: the check found errors.
    """
    _require(actor, Permission.PROCESS_DRAFT)
    draft = check_draft(session, key, draft_id, actor=actor)
    version = _get(session, key, draft_id)
    if version.status != VersionStatus.DRAFT:
        raise StateConflictError("draft", draft_id, version.status, "request-publish")
    if not draft.ok:
        raise FindingsError(draft.findings)
    version.status, version.requested_by = VersionStatus.REQUESTED, actor.person_id
    _audit(session, EventType.PROCESS_PUBLISH_REQUESTED, version, actor, clock)
    return _draft(version)


def approve(session: Session, key: str, draft_id: int, *, actor: Actor, clock: Clock) -> Draft:
    """Publish what another person asked for; new cases use it from now on, running ones keep theirs.

    Raises:
        NotFoundError: no such draft.
        StateConflictError: nobody has asked for it.
        SamePersonError: the approver drafted it or asked for it.
    """
    _require(actor, Permission.PROCESS_APPROVE)
    version = _get(session, key, draft_id)
    if version.status != VersionStatus.REQUESTED:
        raise StateConflictError("draft", draft_id, version.status, "approve")
    if actor.person_id in {version.requested_by, version.drafted_by}:
        raise SamePersonError("approve", "publish-request")
    version.approved_by = actor.person_id
    _publish(session, version, ProcessFiles.from_bytes(version.sources), actor=actor, clock=clock)
    return _draft(version)


def _require(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDeniedError(permission)


def _get(session: Session, key: str, draft_id: int) -> ProcessVersion:
    version = session.get(ProcessVersion, draft_id, with_for_update=True)
    if version is None or version.key != key:
        raise NotFoundError("draft", draft_id)
    return version


def _draft(version: ProcessVersion) -> Draft:
    findings = tuple(Finding(**finding) for finding in version.findings)
    return Draft(version.id, version.key, version.status, version.number, version.sha256, findings)


def _new_version(
    session: Session, key: str, files: ProcessFiles, *, actor: Actor | None, clock: Clock
) -> ProcessVersion:
    if session.get(ProcessDefinition, key) is None:
        _define(session, key, files)
    version = ProcessVersion(
        key=key,
        status=VersionStatus.DRAFT,
        sha256=files.sha256(),
        sources=files.to_bytes(),
        findings=[asdict(finding) for finding in check_files(files)],
        drafted_by=actor.person_id if actor else None,
        created_at=clock.now(),
    )
    session.add(version)
    session.flush()
    _audit(session, EventType.PROCESS_DRAFTED, version, actor, clock)
    return version


def _define(session: Session, key: str, files: ProcessFiles) -> None:
    model = read_model(files.engine_sources())
    session.add(
        ProcessDefinition(
            key=key,
            name_zh=model.name,
            name_en=model.name_en or model.name,
            case_type=model.attributes.get("caseType", ""),
            measure_no=model.attributes.get("measure", ""),
            case_prefix=model.attributes.get("prefix", ""),
        )
    )
    session.flush()


def _publish(
    session: Session, version: ProcessVersion, files: ProcessFiles, *, actor: Actor | None, clock: Clock
) -> None:
    errors = tuple(Finding(**f) for f in version.findings if f["severity"] == "error")
    if errors:
        raise FindingsError(errors)
    version.spec = compile_spec(files.engine_sources()).payload
    last = session.scalar(select(func.max(ProcessVersion.number)).where(ProcessVersion.key == version.key))
    version.number = (last or 0) + 1
    version.status, version.published_at = VersionStatus.PUBLISHED, clock.now()
    session.flush()
    _audit(session, EventType.PROCESS_PUBLISHED, version, actor, clock)


def _audit(session: Session, event: EventType, version: ProcessVersion, actor: Actor | None, clock: Clock) -> None:
    payload = {"process": version.key, "draft": version.id, "number": version.number, "sha256": version.sha256}
    audit.append(session, actor=actor, event=event, payload=payload, clock=clock)
