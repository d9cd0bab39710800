"""What a personal token is good for: parts of what its owner's post may do, never more."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from workflows.permissions import Permission


class Scope(StrEnum):
    """One part; a token has one or several."""

    READ = "read"
    """Everything the post may read, and nothing that changes anything."""
    CASES = "cases"
    TASKS = "tasks"
    PAYMENTS = "payments"
    PROCESSES = "processes"
    PEOPLE = "people"
    MESSAGES = "messages"
    ALL = "all"
    """Everything the post may do."""


_SUBJECTS: dict[Scope, frozenset[str]] = {
    Scope.CASES: frozenset({"case", "document", "measure"}),
    Scope.TASKS: frozenset({"task", "measure"}),
    Scope.PAYMENTS: frozenset({"payment"}),
    Scope.PROCESSES: frozenset({"process", "rule-change", "incident"}),
    Scope.PEOPLE: frozenset({"people", "grant"}),
    Scope.MESSAGES: frozenset({"message"}),
}
"""Scope → the first words of the permissions in it; what is named nowhere is in `all` only."""


def permissions_of(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """Return what a token of these scopes may do at most; what its owner's post may not do, it may not either."""
    given = frozenset(scopes)
    return frozenset(permission for permission in Permission if any(_holds(scope, permission) for scope in given))


def _holds(scope: Scope, permission: Permission) -> bool:
    subject, _, action = permission.value.partition(":")
    if scope is Scope.READ:
        return action == "read"
    return scope is Scope.ALL or subject in _SUBJECTS[scope]
