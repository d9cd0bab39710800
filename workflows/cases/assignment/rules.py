"""Which rule follows when nobody may be offered a step, and the record of one that acted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from workflows.cases.assignment.defaults import Defaults
from workflows.cases.views import Named
from workflows.engine.assignment import may_go_up, may_pass, written_rule
from workflows.engine.model import Node, ProcessModel


class Cause(StrEnum):
    """Why nobody may be offered a step."""

    NOBODY = "nobody"
    """The post is empty: all appointments have ended, or the accounts are closed."""
    SAME_PERSON = "same_person"
    """Whoever could do it did a step that must be another person's."""
    APPLICANT = "applicant"
    """Whoever could do it is the applicant, or acted for them."""


class Rule(StrEnum):
    """What follows."""

    REFUSE = "refuse"
    PASS = "pass_with_record"  # noqa: S105  # a rule, no secret
    SUPERIOR = "next_superior"


Source = Literal["step", "process", "deployment"]


@dataclass(frozen=True)
class RuleActed:
    """One rule that acted at one step.

    Args:
        cause: why nobody could be offered it.
        rule: what followed.
        asked: what was written, where another rule had to follow: no superior could do it, or the step may not pass.
        source: where it was written.
        version: of the process, or of the deployment's own rules (0: those the program comes with).
        persons: who could have done it but for the cause; `code` is the user name.
        post_kind: whose step it was, by the diagram.
        offered_to: the post it was offered to instead.
    """

    cause: Cause
    rule: Rule
    asked: Rule
    source: Source
    version: int
    persons: tuple[Named, ...] = ()
    post_kind: str = ""
    offered_to: str | None = None

    def facts(self) -> dict[str, Any]:
        """As JSON, for the task's row and the audit entry."""
        return {
            "cause": self.cause.value,
            "rule": self.rule.value,
            "asked": self.asked.value,
            "source": self.source,
            "version": self.version,
            "persons": [[each.code, each.zh, each.en] for each in self.persons],
            "post_kind": self.post_kind,
            "offered_to": self.offered_to,
        }


def rule_acted(facts: Mapping[str, Any] | None) -> RuleActed | None:
    """Read what `RuleActed.facts` wrote."""
    if not facts:
        return None
    return RuleActed(
        cause=Cause(facts["cause"]),
        rule=Rule(facts["rule"]),
        asked=Rule(facts["asked"]),
        source=facts["source"],
        version=facts["version"],
        persons=tuple(Named(*each) for each in facts["persons"]),
        post_kind=facts["post_kind"],
        offered_to=facts["offered_to"],
    )


def passed_by_rule(facts: Mapping[str, Any] | None) -> bool:
    """Tell whether a completed task completed itself."""
    return bool(facts) and (facts or {}).get("rule") == Rule.PASS.value


def rule_for(
    model: ProcessModel, node: Node, cause: Cause, defaults: Defaults, *, process_version: int
) -> tuple[Rule, Rule, Source, int]:
    """Return the rule that follows, the one that was written, where, and in which version of it.

    The step's own comes before the process's, that before the deployment's. What a step may not do is never done,
    whoever asked for it: then the answer is to refuse.
    """
    written = written_rule(model, node, cause.value)
    if written is None:
        asked, source, version = Rule(defaults.rules[cause.value]), "deployment", defaults.number
    else:
        asked, source, version = Rule(written[0]), written[1], process_version
    forbidden = (asked is Rule.PASS and not may_pass(node)) or (asked is Rule.SUPERIOR and not may_go_up(node))
    return (Rule.REFUSE if forbidden else asked), asked, source, version  # type: ignore[return-value]  # one of three
