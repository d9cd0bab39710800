"""What the page of the deployment's rules shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from webapp.rule_words import CAUSES, CHANGE_STATUS, RULES
from webapp.ui.formats import named
from webapp.ui.problems import Problem
from workflows.cases.assignment.changes import Change, list_changes
from workflows.cases.assignment.changing import may_decide
from workflows.cases.assignment.defaults import Defaults, read_defaults
from workflows.cases.assignment.rules import Cause, Rule
from workflows.cases.assignment.tables import ChangeStatus
from workflows.cases.views import Page
from workflows.permissions import Actor, Permission

PART = 20


@dataclass(frozen=True)
class Attempt:
    """What was sent and did not pass."""

    given: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def problem(self, name: str) -> str | None:
        """Return what is wrong with a field, if anything."""
        return next((problem.text for problem in self.problems if problem.path == name), None)


@dataclass(frozen=True)
class RuleLine:
    """What a change does to the rule for one cause."""

    cause: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True)
class ChangeLine:
    """A change that was asked for: what, by whom, and what became of it."""

    id: int
    status: str
    standing: str
    rules: tuple[RuleLine, ...]
    note: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    number: int | None


@dataclass(frozen=True)
class RulesPage:
    """The page.

    Args:
        labels: cause → its words.
        options: rule → its words.
        chosen: cause → rule, as the form shows them.
        waiting: the change that waits for its decision, for those who may see it.
        decided: one part of the earlier changes; None for whoever may not see them.
        may_ask, may_decide, may_withdraw: what the reader may do now.
    """

    defaults: Defaults
    labels: Mapping[str, str]
    options: Mapping[str, str]
    chosen: Mapping[str, str]
    attempt: Attempt
    waiting: ChangeLine | None
    decided: tuple[ChangeLine, ...] | None
    next_address: str | None
    may_ask: bool
    may_decide: bool
    may_withdraw: bool


def rules_page(session: Session, attempt: Attempt, *, cursor: str | None, actor: Actor) -> RulesPage:
    """Build the page.

    Raises:
        InvalidInputError: cursor of another list.
    """
    defaults = read_defaults(session, actor=actor)
    sees = actor.may(Permission.RULE_CHANGE_READ)
    requested = list_changes(session, actor=actor, status=ChangeStatus.REQUESTED, limit=1).items if sees else ()
    waiting = requested[0] if requested else None
    found = list_changes(session, actor=actor, cursor=cursor, limit=PART) if sees else Page[Change]((), None)
    decided = tuple(_line(each) for each in found.items if each.status is not ChangeStatus.REQUESTED)
    labels = {cause.value: CAUSES[cause]() for cause in Cause}
    drafts = actor.may(Permission.PROCESS_DRAFT)
    return RulesPage(
        defaults=defaults,
        labels=labels,
        options={rule.value: RULES[rule]() for rule in Rule},
        chosen={**defaults.rules, **{name: value for name, value in attempt.given.items() if name in labels}},
        attempt=attempt,
        waiting=_line(waiting) if waiting else None,
        decided=decided if sees else None,
        next_address=url_for("pages.rules.index", cursor=found.next) if found.next else None,
        may_ask=drafts and waiting is None,
        may_decide=waiting is not None and may_decide(waiting, actor),
        may_withdraw=waiting is not None and drafts,
    )


def _line(change: Change) -> ChangeLine:
    return ChangeLine(
        id=change.id,
        status=change.status.value,
        standing=CHANGE_STATUS[change.status](),
        rules=tuple(
            RuleLine(
                CAUSES[cause](),
                RULES[Rule(change.before[cause.value])](),
                RULES[Rule(change.after[cause.value])](),
                change.before[cause.value] != change.after[cause.value],
            )
            for cause in Cause
        ),
        note=change.note,
        requested_by=named(change.requested_by),
        requested_at=change.requested_at,
        decided_by=named(change.decided_by) if change.decided_by else None,
        decided_at=change.decided_at,
        reason=change.reason,
        number=change.number,
    )
