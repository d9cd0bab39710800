"""Rules for steps that nobody may be offered, as content."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from flask_babel import force_locale
from pydantic import Field, StringConstraints

from webapp import rule_words
from webapp.api.sentences import Language
from webapp.api.v1.content.base import Incoming, Outgoing, PageQuery, name_of
from workflows.cases.assignment.changes import Change
from workflows.cases.assignment.defaults import Defaults
from workflows.cases.assignment.rules import RuleActed

RuleName = Literal["refuse", "pass_with_record", "next_superior"]
ChangeStanding = Literal["requested", "approved", "rejected", "withdrawn"]


class ActedRule(Outgoing):
    """A rule that acted when nobody could be offered a step."""

    cause: Literal["nobody", "same_person", "applicant"]
    rule: RuleName
    """What followed."""
    asked: RuleName
    """What was written; another rule followed where no superior could do the step, or it may not pass."""
    source: Literal["step", "process", "deployment"]
    version: int
    """Of the process, or of the deployment's rules; 0 is what the program comes with."""
    persons: list[str]
    """Who could have done the step but for the cause."""
    offered_to: str | None
    text: str


class AssignmentRules(Outgoing):
    """What follows in this deployment where a diagram does not say."""

    number: int
    nobody: RuleName
    same_person: RuleName
    applicant: RuleName
    note: str
    set_at: datetime | None
    set_by: str | None
    """Who put them in force."""
    requested_by: str | None
    """Who asked for them; null for those that one person set, before it took two."""


class RulesForCauses(Outgoing):
    """A rule for each cause."""

    nobody: RuleName
    same_person: RuleName
    applicant: RuleName


class RulesChange(Outgoing):
    """A change of the deployment's rules that was asked for."""

    id: int
    status: ChangeStanding
    replaces: int
    """The version whose place it was to take."""
    before: RulesForCauses
    after: RulesForCauses
    note: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    """Why it was rejected or withdrawn."""
    number: int | None
    """The version it became."""


class RulesChangeList(Outgoing):
    """Changes that were asked for, the newest first."""

    items: list[RulesChange]
    next: str | None


class RulesChangeQuery(PageQuery):
    """Which changes."""

    status: ChangeStanding | None = None


class RulesReason(Incoming):
    """Why a change is rejected or withdrawn."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NewAssignmentRules(Incoming):
    """The next version of the deployment's rules, as it is asked for."""

    number: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Of the version they replace, as it was read."""
    nobody: RuleName
    same_person: RuleName
    applicant: RuleName
    note: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def acted_rule(acted: RuleActed | None, language: Language) -> ActedRule | None:
    """Return a rule that acted as content."""
    if acted is None:
        return None
    with force_locale(language):
        text = rule_words.rule_sentence(acted)
    return ActedRule(
        cause=acted.cause.value,
        rule=acted.rule.value,
        asked=acted.asked.value,
        source=acted.source,
        version=acted.version,
        persons=[name_of(each, language) for each in acted.persons],
        offered_to=acted.offered_to,
        text=text,
    )


def assignment_rules(defaults: Defaults, language: Language) -> AssignmentRules:
    """Return the deployment's rules as content."""
    return AssignmentRules(
        number=defaults.number,
        note=defaults.note,
        set_at=defaults.set_at,
        set_by=name_of(defaults.set_by, language) if defaults.set_by else None,
        requested_by=name_of(defaults.requested_by, language) if defaults.requested_by else None,
        **defaults.rules,  # type: ignore[arg-type]  # the database holds no other words
    )


def rules_change(change: Change, language: Language) -> RulesChange:
    """Return a change as content."""
    return RulesChange(
        id=change.id,
        status=change.status.value,
        replaces=change.replaces,
        before=RulesForCauses(**change.before),  # type: ignore[arg-type]  # the database holds no other words
        after=RulesForCauses(**change.after),  # type: ignore[arg-type]
        note=change.note,
        requested_by=name_of(change.requested_by, language),
        requested_at=change.requested_at,
        decided_by=name_of(change.decided_by, language) if change.decided_by else None,
        decided_at=change.decided_at,
        reason=change.reason,
        number=change.number,
    )
