"""Who stands in for whom: 委托 over dates, leave, B角."""

from __future__ import annotations

from webapp.api.endpoint import Call, Routes
from webapp.api.v1.blueprint import blueprint
from webapp.api.v1.content.base import Nothing, PageQuery
from webapp.api.v1.content.deputies import (
    Absence,
    AbsenceList,
    Backup,
    BackupList,
    Delegation,
    DelegationList,
    NewAbsence,
    NewBackup,
    NewDelegation,
    absence,
    backup,
    delegation,
    delegation_list,
)
from webapp.api.v1.paging import page_of
from workflows.agencies import deputies
from workflows.cases.collaboration.deputising import (
    cut_absence_short,
    delegate_work,
    delegations_page,
    dismiss_backup,
    name_backup,
    record_absence,
    stop_delegation,
)
from workflows.permissions import Permission

routes = Routes(blueprint, "Deputies")


@routes.get("/delegations", Permission.DELEGATION_MAKE, query=PageQuery, answer=DelegationList)
def list_delegations(call: Call, query: PageQuery) -> DelegationList:
    """List the delegations the caller gave or received; a head sees those of the agency."""
    page = delegations_page(call.session, actor=call.actor, cursor=query.cursor, limit=query.limit, clock=call.clock)
    return delegation_list(page, call.language)


@routes.post("/delegations", Permission.DELEGATION_MAKE, body=NewDelegation, answer=Delegation, status=201)
def make_delegation(call: Call, body: NewDelegation) -> Delegation:
    """Delegate the work of the acting post over dates (委托)."""
    wanted = deputies.NewDelegation(body.to, body.from_on, body.to_on, body.scope)
    made, due = delegate_work(call.session, wanted, actor=call.actor, clock=call.clock)
    return delegation(made, due, call.language)


@routes.post("/delegations/<number:delegation_id>/end", Permission.DELEGATION_MAKE, body=Nothing, answer=Delegation)
def end_delegation(call: Call, delegation_id: int, body: Nothing) -> Delegation:
    """End a delegation at once."""
    ended = stop_delegation(call.session, delegation_id, actor=call.actor, clock=call.clock)
    return delegation(ended, (), call.language)


@routes.get("/absences", Permission.DELEGATION_MAKE, query=PageQuery, answer=AbsenceList)
def list_absences(call: Call, query: PageQuery) -> AbsenceList:
    """List who of the agency is away today or will be."""
    rows = deputies.list_absences(call.session, actor=call.actor, clock=call.clock)
    shown, following = page_of(rows, lambda row: str(row.id), query)
    return AbsenceList(items=[absence(row, call.language) for row in shown], next=following)


@routes.post("/absences", Permission.DELEGATION_MAKE, body=NewAbsence, answer=Absence, status=201)
def add_absence(call: Call, body: NewAbsence) -> Absence:
    """Record that the caller, or for a head a colleague, is away."""
    wanted = deputies.NewAbsence(body.username, body.from_on, body.to_on, body.reason)
    return absence(record_absence(call.session, wanted, actor=call.actor, clock=call.clock), call.language)


@routes.post("/absences/<number:absence_id>/end", Permission.DELEGATION_MAKE, body=Nothing, answer=Absence)
def end_absence(call: Call, absence_id: int, body: Nothing) -> Absence:
    """Somebody is back, or does not leave after all."""
    return absence(cut_absence_short(call.session, absence_id, actor=call.actor, clock=call.clock), call.language)


@routes.get("/backups", Permission.DELEGATION_MAKE, query=PageQuery, answer=BackupList)
def list_backups(call: Call, query: PageQuery) -> BackupList:
    """List the B角 of the agency's posts."""
    rows = deputies.list_backups(call.session, actor=call.actor, clock=call.clock)
    shown, following = page_of(rows, lambda row: str(row.id), query)
    return BackupList(items=[backup(row, call.language) for row in shown], next=following)


@routes.post("/backups", Permission.TASK_ASSIGN, body=NewBackup, answer=Backup, status=201)
def add_backup(call: Call, body: NewBackup) -> Backup:
    """Name the B角 of a post of the agency."""
    wanted = deputies.NewBackup(body.post_id, body.to, body.from_on, body.to_on)
    return backup(name_backup(call.session, wanted, actor=call.actor, clock=call.clock), call.language)


@routes.post("/backups/<number:backup_id>/end", Permission.TASK_ASSIGN, body=Nothing, answer=Backup)
def end_backup(call: Call, backup_id: int, body: Nothing) -> Backup:
    """Somebody is B角 no longer."""
    return backup(dismiss_backup(call.session, backup_id, actor=call.actor, clock=call.clock), call.language)
