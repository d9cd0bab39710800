"""Whether anybody may be offered a step; if not, which rule follows."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.posts import Candidate, candidates
from workflows.agencies.remembering import remember
from workflows.cases.aggregate import Family
from workflows.cases.apart import applicants_of, steps_apart, who_did
from workflows.cases.assignment.defaults import defaults_at
from workflows.cases.assignment.rules import Cause, Rule, RuleActed, rule_for
from workflows.cases.models import HumanTask
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.engine.model import Node
from workflows.permissions import PostKind
from workflows.processes.models import ProcessVersion

SUPERIOR = {
    PostKind.CLERK: PostKind.REVIEWER,
    PostKind.HANDLER: PostKind.REVIEWER,
    PostKind.REVIEWER: PostKind.LEADER,
}
"""Kind of post → its superior in the same agency; the leader in charge has none there."""


class Judge:
    """Looks at the open steps of one case; what several of them ask alike is looked up once.

    Who stands in for somebody counts for both, so only whoever holds a post can make the difference.

    Args:
        session: for reading.
        family: the case, locked.
        clock: tells today.
    """

    def __init__(self, session: Session, family: Family, clock: Clock) -> None:
        self._session, self._family, self._clock = session, family, clock
        self._on = office_date(clock.now())
        self._holders: dict[tuple[int, PostKind], dict[int, Candidate]] = {}

    def is_clear(self, node: Node, agency_id: int, kind: PostKind) -> bool:
        """Tell, without looking at the task, whether somebody holds the post who is kept apart from nothing there."""
        holders = self._held(agency_id, kind).keys()
        return not steps_apart(self._family.process.model, node) and bool(holders - self._applicants)

    def judge(self, task: HumanTask) -> RuleActed | None:
        """Return the rule that follows for an open task, or None where somebody may do it."""
        model = self._family.process.model
        node = model.nodes[task.node_id]
        kind = PostKind(task.post_kind)
        hindered = self._hindrance(task, kind)
        if hindered is None:
            return None
        cause, persons = hindered
        rule, asked, source, version = rule_for(
            model, node, cause, defaults_at(self._session, task.created_at), process_version=self._process_version
        )
        offered_to = self._superior(task, kind) if rule is Rule.SUPERIOR else None
        return RuleActed(
            cause=cause,
            rule=Rule.REFUSE if rule is Rule.SUPERIOR and offered_to is None else rule,
            asked=asked,
            source=source,
            version=version,
            persons=tuple(Named(each.username, each.name_zh, each.name_en) for each in persons),
            post_kind=kind.value,
            offered_to=offered_to.value if offered_to else None,
        )

    def _hindrance(self, task: HumanTask, kind: PostKind) -> tuple[Cause, list[Candidate]] | None:
        """Return why nobody in posts of that kind may do a task, and who could but for that."""
        holding = self._held(task.agency_id, kind)
        holders = holding.keys()
        if not holders:
            return Cause.NOBODY, []
        model = self._family.process.model
        did = holders & who_did(self._session, task, steps_apart(model, model.nodes[task.node_id])).keys()
        if did == holders:
            return Cause.SAME_PERSON, list(holding.values())
        applied = holders & self._applicants
        return (Cause.APPLICANT, [holding[key] for key in sorted(applied)]) if did | applied == holders else None

    def _superior(self, task: HumanTask, kind: PostKind) -> PostKind | None:
        """Return the next superior post that somebody holds who may do the task."""
        higher = SUPERIOR.get(kind)
        while higher is not None and self._hindrance(task, higher) is not None:
            higher = SUPERIOR.get(higher)
        return higher

    def _held(self, agency_id: int, kind: PostKind) -> dict[int, Candidate]:
        key = (agency_id, kind)
        if key not in self._holders:
            found = remember(
                self._family.directory,
                ("holders", agency_id, kind, self._on),
                lambda: candidates(self._session, agency_id, kind, self._on),
            )
            self._holders[key] = {each.person_id: each for each in found}
        return self._holders[key]

    @cached_property
    def _applicants(self) -> frozenset[int]:
        known = self._family.applicants
        return applicants_of(self._session, self._family.id, clock=self._clock) if known is None else known

    @cached_property
    def _process_version(self) -> int:
        query = select(ProcessVersion.number).where(ProcessVersion.id == self._family.process_version_id)
        return int(self._session.scalars(query).one() or 0)
