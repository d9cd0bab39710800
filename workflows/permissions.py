"""Who acts, and what each kind of post may do. What is not named here is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PostKind(StrEnum):
    """The posts an agency can have."""

    CLERK = "clerk"
    HANDLER = "handler"
    REVIEWER = "reviewer"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    APPLICANT = "applicant"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    INTEGRATION = "integration"
    """Not a person's: an outside system that answers through the inbox."""


class Permission(StrEnum):
    """`scope:action`; each route and each transition names one."""

    MEASURE_READ = "measure:read"
    PROCESS_READ = "process:read"
    PROCESS_DRAFT = "process:draft"
    PROCESS_APPROVE = "process:approve"
    RULE_CHANGE_READ = "rule-change:read"
    RESPONSIBILITY_CHANGE = "responsibility:change"
    CASE_OPEN = "case:open"
    CASE_READ = "case:read"
    CASE_WITHDRAW = "case:withdraw"
    CASE_SUSPEND = "case:suspend"
    CASE_SUPERVISE = "case:supervise"
    DOCUMENT_ADD = "document:add"
    REGISTER_READ = "register:read"
    REGISTER_VOID = "register:void"
    MATERIAL_REVIEW = "material:review"
    TASK_READ = "task:read"
    TASK_RECEIVE = "task:receive"
    TASK_CLAIM = "task:claim"
    TASK_ASSIGN = "task:assign"
    TASK_COMPLETE = "task:complete"
    TASK_DELEGATE = "task:delegate"
    TASK_URGE = "task:urge"
    WORK_HAND_OVER = "work:hand-over"
    CASE_COPY = "case:copy"
    PAYMENT_PROPOSE = "payment:propose"
    PAYMENT_REVIEW = "payment:review"
    PAYMENT_APPROVE = "payment:approve"
    PAYMENT_SETTLE = "payment:settle"
    CALENDAR_LOAD = "calendar:load"
    INCIDENT_READ = "incident:read"
    INCIDENT_RETRY = "incident:retry"
    AUDIT_READ = "audit:read"
    PEOPLE_READ = "people:read"
    PEOPLE_MANAGE = "people:manage"
    PEOPLE_RESET_SECOND_FACTOR = "people:reset-second-factor"
    GRANT_APPROVE = "grant:approve"
    MESSAGE_DELIVER = "message:deliver"
    NOTIFICATION_READ = "notification:read"
    DELEGATION_MAKE = "delegation:make"


_OFFICER = frozenset(
    {
        Permission.MEASURE_READ,
        Permission.PROCESS_READ,
        Permission.NOTIFICATION_READ,
        Permission.CASE_OPEN,
        Permission.CASE_READ,
        Permission.DOCUMENT_ADD,
        Permission.REGISTER_READ,
        Permission.MATERIAL_REVIEW,
        Permission.TASK_READ,
        Permission.TASK_RECEIVE,
        Permission.TASK_CLAIM,
        Permission.TASK_COMPLETE,
        Permission.TASK_DELEGATE,
        Permission.TASK_URGE,
        Permission.CASE_COPY,
        Permission.DELEGATION_MAKE,
    }
)
_HANDLER = _OFFICER | {Permission.PAYMENT_PROPOSE, Permission.PAYMENT_SETTLE, Permission.WORK_HAND_OVER}
_HEAD = _OFFICER | {
    Permission.TASK_ASSIGN,
    Permission.WORK_HAND_OVER,
    Permission.CASE_SUSPEND,
    Permission.REGISTER_VOID,
    Permission.PAYMENT_REVIEW,
    Permission.PAYMENT_APPROVE,
}

GRANTS: dict[PostKind, frozenset[Permission]] = {
    PostKind.CLERK: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.CASE_READ,
            Permission.REGISTER_READ,
            Permission.TASK_READ,
            Permission.TASK_RECEIVE,
            Permission.CASE_COPY,
            Permission.DELEGATION_MAKE,
        }
    ),
    PostKind.HANDLER: _HANDLER,
    PostKind.REVIEWER: _HEAD,
    PostKind.LEADER: _HEAD,
    PostKind.SUPERVISOR: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.CASE_READ,
            Permission.CASE_SUPERVISE,
            Permission.TASK_READ,
            Permission.TASK_URGE,
            Permission.CASE_COPY,
            Permission.DELEGATION_MAKE,
        }
    ),
    PostKind.APPLICANT: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.CASE_OPEN,
            Permission.CASE_READ,
            Permission.CASE_WITHDRAW,
            Permission.DOCUMENT_ADD,
            Permission.TASK_READ,
            Permission.TASK_CLAIM,
            Permission.TASK_COMPLETE,
        }
    ),
    PostKind.SYSTEM_ADMIN: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.WORK_HAND_OVER,
            Permission.RESPONSIBILITY_CHANGE,
            Permission.PROCESS_DRAFT,
            Permission.CALENDAR_LOAD,
            Permission.INCIDENT_READ,
            Permission.INCIDENT_RETRY,
            Permission.RULE_CHANGE_READ,
            Permission.PEOPLE_READ,
            Permission.PEOPLE_MANAGE,
        }
    ),
    PostKind.SECURITY_ADMIN: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.PROCESS_APPROVE,
            Permission.RULE_CHANGE_READ,
            Permission.PEOPLE_READ,
            Permission.PEOPLE_RESET_SECOND_FACTOR,
            Permission.GRANT_APPROVE,
        }
    ),
    PostKind.AUDIT_ADMIN: frozenset(
        {
            Permission.MEASURE_READ,
            Permission.PROCESS_READ,
            Permission.NOTIFICATION_READ,
            Permission.AUDIT_READ,
            Permission.RULE_CHANGE_READ,
            Permission.PEOPLE_READ,
        }
    ),
    PostKind.INTEGRATION: frozenset({Permission.MESSAGE_DELIVER}),
}
"""三员 see no case content and act in no case: the separation is in this table and in the tests over it."""


@dataclass(frozen=True)
class Actor:
    """A person acting in a post; every act carries the post it was done in.

    Args:
        person_id: the person.
        person_name: as shown to colleagues.
        post_id: the post acted in.
        post_kind: its kind, from which the permissions follow.
        agency_id: the post's agency.
        agency_code: such as `JR`.
        agency_name: short form, such as 市金融办.
        on_behalf_of: key of the person whose post and work this is, where the actor stands in for them; the act is
            the actor's own all the same, and what must be kept apart is kept apart from both.
        scope: what of that work the actor may do: None is all of it, else `measure:<no>`.
        limited_to: set where the actor comes with a token for a purpose: nothing else is granted, whatever the post is.
    """

    person_id: int
    person_name: str
    post_id: int
    post_kind: PostKind
    agency_id: int
    agency_code: str
    agency_name: str
    on_behalf_of: int | None = None
    scope: str | None = None
    limited_to: frozenset[Permission] | None = None

    @property
    def holder_id(self) -> int:
        """Whose tasks the actor works on: their own, or those of the person they stand in for."""
        return self.on_behalf_of or self.person_id

    @property
    def measure_only(self) -> str | None:
        """The one measure whose work the actor may do, or None for all."""
        return self.scope.removeprefix("measure:") if self.scope else None

    @property
    def person_ids(self) -> frozenset[int]:
        """The persons this act counts for where two steps must be done by different ones."""
        return frozenset({self.person_id, self.holder_id})

    def may(self, permission: Permission) -> bool:
        """Tell whether the acting post is granted `permission`, and the token in hand is good for it."""
        return permission in GRANTS[self.post_kind] and (self.limited_to is None or permission in self.limited_to)
