"""申报: an applicant, or an officer for one, opens a case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflows import audit, engine
from workflows.agencies.directory import group_members
from workflows.agencies.remembering import read_stamp
from workflows.cases.access import require
from workflows.cases.aggregate import Family
from workflows.cases.apart import applicants_of
from workflows.cases.assignment.offering import write
from workflows.cases.commands import OpenCase
from workflows.cases.forms import FormContext, validate_form
from workflows.cases.members import members
from workflows.cases.models import Case, CaseForm, CaseStatus
from workflows.cases.numbering import next_case_no
from workflows.cases.projection import plan
from workflows.cases.renewal import case_names
from workflows.cases.search.indexing import index_opened
from workflows.cases.search.pieces import own_pieces
from workflows.cases.variables import routing_variables
from workflows.cases.views import Moved
from workflows.cases.workdays import workdays
from workflows.clock import Clock, office_date
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.events import EventType
from workflows.permissions import Actor, Permission, PostKind
from workflows.persistence import table_of
from workflows.policies.responsibilities import serves
from workflows.processes import ProcessSummary, PublishedProcess, get_process, get_published

_ADD_FORM = insert(table_of(CaseForm))


def open_case(session: Session, command: OpenCase, *, actor: Actor, clock: Clock) -> Moved:
    """Open a case in the newest published version of a process.

    Raises:
        PermissionDeniedError: the post may not apply.
        InvalidInputError: the process, the measure or a field is wrong.
        RoutingError: nobody is responsible for the first step.
        EngineError: the process cannot start.
    """
    require(actor, Permission.CASE_OPEN)
    directory = read_stamp(session)
    summary = _process(session, command.process_key)
    measure_no = _measure(session, command, summary, clock)
    process = get_published(session, summary.version_id, summary.sha256)
    schema = process.form(process.model.attributes.get("applyForm")) or {}
    data = validate_form(schema, command.data, form_context(session, clock))
    step = engine.start(
        process.spec,
        routing_variables(process.model, data),
        now=clock.now(),
        workdays=workdays(session),
        members=members(session, measure_no, clock),
    )
    case = _new_case(session, summary, process, measure_no, data, actor, clock)
    family = _family(case, summary, process)
    family.stamp = family.directory = directory
    family.applicants = actor.person_ids
    if case.applicant_agency_id is not None:  # their colleagues are the applicant too
        family.applicants |= applicants_of(session, case.id, clock=clock)
    planned = plan(session, family, step, clock=clock)
    payload = {"no": case.no, "process": summary.key, "version": summary.version, "applicant": case.applicant_name}
    audit.append(session, actor=actor, event=EventType.CASE_OPENED, case_id=case.id, payload=payload, clock=clock)
    index_opened(session, case.id, own_pieces(case, process, data))
    return write(session, family, planned, actor=actor, clock=clock, form=lambda: data, values={"root_id": case.id})


def form_context(session: Session, clock: Clock, decision: str | None = None) -> FormContext:
    """What forms are checked against today."""
    today = office_date(clock.now())
    known: dict[str, Collection[str]] = {}

    def members(group: str) -> Collection[str]:
        if group not in known:
            known[group] = {agency.code for agency in group_members(session, group, today)}
        return known[group]

    lookup_group: Callable[[str], Collection[str]] = members
    return FormContext(today=today, groups=lookup_group, decision=decision)


def _process(session: Session, key: str) -> ProcessSummary:
    try:
        return get_process(session, key)
    except NotFoundError:
        raise InvalidInputError([FieldError("process", "not-in-list")]) from None


def _measure(session: Session, command: OpenCase, summary: ProcessSummary, clock: Clock) -> str:
    """The applicant's measure must be one the process serves, or they could choose who decides; the process's own is
    its publisher's word, and routing finds out anyway.
    """
    if command.measure_no is None or command.measure_no == summary.measure_no:
        return summary.measure_no
    if not serves(session, summary.case_type, command.measure_no, office_date(clock.now())):
        raise InvalidInputError([FieldError("measure", "not-in-list")])
    return command.measure_no


def _new_case(
    session: Session,
    summary: ProcessSummary,
    process: PublishedProcess,
    measure_no: str,
    data: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
) -> Case:
    now = clock.now()
    applies_for_itself = actor.post_kind is PostKind.APPLICANT
    case = Case(
        no=next_case_no(session, summary.case_prefix, office_date(now).year),
        process_version_id=summary.version_id,
        measure_no=measure_no,
        **case_names(process.model, data, title=summary.name_zh, applicant_name=actor.agency_name),
        applicant_agency_id=actor.agency_id if applies_for_itself else None,
        opened_by_person_id=actor.person_id,
        opened_by_agency_id=actor.agency_id,
        status=CaseStatus.SUBMITTED,
        rev=0,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    form = {"case_id": case.id, "number": 1, "data": data, "saved_at": now, "saved_by_person_id": actor.person_id}
    session.connection().execute(_ADD_FORM, form)
    return case


def _family(case: Case, summary: ProcessSummary, process: PublishedProcess) -> Family:
    return Family(
        id=case.id,
        no=case.no,
        status=CaseStatus.SUBMITTED,
        rev=0,
        state=b"",
        title=case.title,
        measure_no=case.measure_no,
        process_key=summary.key,
        applicant_name=case.applicant_name,
        applicant_agency_id=case.applicant_agency_id,
        opened_by_agency_id=case.opened_by_agency_id,
        opened_by_person_id=case.opened_by_person_id,
        accepted_at=None,
        process=process,
        process_version_id=summary.version_id,
    )
