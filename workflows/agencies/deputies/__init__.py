"""Standing in for somebody: 委托 over dates, leave, and the B角 of a post."""

from workflows.agencies.deputies.absences import AbsenceView, NewAbsence, add_absence, end_absence, list_absences
from workflows.agencies.deputies.backups import BackupView, NewBackup, add_backup, end_backup, list_backups
from workflows.agencies.deputies.delegating import (
    ALL_WORK,
    DelegationView,
    NewDelegation,
    end_delegation,
    list_delegations,
    make_delegation,
)
from workflows.agencies.deputies.stand_ins import StandIn, act_for, find_stand_in, load_acting, stand_ins

__all__ = [
    "ALL_WORK",
    "AbsenceView",
    "BackupView",
    "DelegationView",
    "NewAbsence",
    "NewBackup",
    "NewDelegation",
    "StandIn",
    "act_for",
    "add_absence",
    "add_backup",
    "end_absence",
    "end_backup",
    "end_delegation",
    "find_stand_in",
    "list_absences",
    "list_backups",
    "list_delegations",
    "load_acting",
    "make_delegation",
    "stand_ins",
]
