"""The fewest rows on which cases, timers and payments can stand, made without going through their services."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from sqlalchemy.orm import Session

from workflows.agencies.models import Agency, AgencyKind, Person, Post
from workflows.cases.models import Case, CaseStatus, HumanTask, TaskStatus
from workflows.permissions import Actor, PostKind
from workflows.processes.models import ProcessDefinition, ProcessVersion

AT = datetime(2019, 10, 14, 2, tzinfo=UTC)
_numbers = count(1)


def add_agency(session: Session, code: str = "CZ") -> Agency:
    agency = Agency(
        code=code,
        name_zh="运城市财政局",
        short_zh="市财政局",
        name_en="Yuncheng Finance Bureau",
        short_en="Finance Bureau",
        kind=AgencyKind.MUNICIPAL,
    )
    session.add(agency)
    session.flush()
    return agency


def add_officer(session: Session, agency: Agency, kind: PostKind = PostKind.HANDLER) -> Actor:
    """Add a person in a post of their own."""
    number = next(_numbers)
    person = Person(
        username=f"officer{number}",
        name_zh=f"经办人{number}",
        name_en=f"Officer {number}",
        password_hash="-",
        created_at=AT,
    )
    post = Post(agency_id=agency.id, kind=kind, seat=number, name_zh="岗位", name_en="Post")
    session.add_all([person, post])
    session.flush()
    return Actor(person.id, person.name_zh, post.id, kind, agency.id, agency.code, agency.short_zh)


def add_process(session: Session, key: str = "bond_subsidy") -> ProcessVersion:
    if session.get(ProcessDefinition, key) is None:
        names = {"name_zh": "债券融资补助", "name_en": "Bond financing subsidy", "case_prefix": "运债补"}
        session.add(ProcessDefinition(key=key, case_type="CT2", measure_no="2", **names))
        session.flush()
    version = ProcessVersion(key=key, status="published", sha256="0" * 64, sources=b"", created_at=AT)
    session.add(version)
    session.flush()
    return version


def add_case(
    session: Session, opener: Actor, *, parent: Case | None = None, status: CaseStatus = CaseStatus.IN_PROGRESS
) -> Case:
    """Add a case, or a child case of `parent`."""
    number = next(_numbers)
    case = Case(
        no=f"运债补〔2019〕{number}号",
        parent_id=parent.id if parent else None,
        root_id=parent.id if parent else None,
        child_index=number if parent else None,
        process_version_id=parent.process_version_id if parent else add_process(session).id,
        measure_no="2",
        title="集合票据补助",
        applicant_name="甲玻璃有限公司",
        opened_by_person_id=opener.person_id,
        opened_by_agency_id=opener.agency_id,
        status=status,
        opened_at=AT,
    )
    session.add(case)
    session.flush()
    return case


def add_task(session: Session, case: Case, agency_id: int) -> HumanTask:
    task = HumanTask(
        case_id=case.id,
        root_id=case.root_id or case.id,
        token=f"t{next(_numbers)}",
        node_id="formal_check",
        agency_id=agency_id,
        post_kind=PostKind.HANDLER,
        role="lead",
        status=TaskStatus.READY,
        created_at=AT,
        queue_at=AT,
        data={},
    )
    session.add(task)
    session.flush()
    return task
