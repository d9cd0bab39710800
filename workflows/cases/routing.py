"""Which agency does a step: read from the responsibility lines and the process's participants, never from the diagram.

A diagram says "the lead" or "the supporting agency that the issuer's county names"; who that is today is data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy.orm import Session

from workflows.agencies.directory import AgencyRef, agency_ref, get_agency
from workflows.agencies.models import Agency
from workflows.agencies.remembering import remember
from workflows.cases.aggregate import Family
from workflows.cases.models import TaskRole
from workflows.decisions import compile_expression
from workflows.engine import Token
from workflows.engine.model import Node
from workflows.errors import EngineError, NotFoundError, RoutingError
from workflows.permissions import PostKind
from workflows.policies.responsibilities import leads, participants, supports

SIGNER = "agency"
"""Key in the item of an added signer: the agency was named by the officer who added it."""


@dataclass(frozen=True)
class Assignment:
    """Where a task goes.

    Args:
        post_kind: the posts of the agency that may claim it.
        limit_days: time limit in working days, or None.
    """

    agency: AgencyRef
    post_kind: PostKind
    role: TaskRole
    limit_days: int | None


def post_of(node: Node) -> PostKind:
    """Return the posts a step is for, as the diagram says."""
    return PostKind(node.attributes.get("post", PostKind.HANDLER))


class Router:
    """Finds agencies for the steps of one move; what several steps ask alike is looked up once.

    Args:
        session: for reading.
        family: the case.
        on: the office date; responsibilities are effective-dated.
    """

    def __init__(self, session: Session, family: Family, on: date) -> None:
        self._session, self._family, self._on = session, family, on
        self._known: dict[tuple[TaskRole, str], Sequence[AgencyRef]] = {}

    def route(self, token: Token) -> Assignment:
        """Find the agency for an open step.

        Raises:
            RoutingError: no agency, or more than one, is responsible.
            EngineError: the member expression fails.
        """
        node = self._family.node(token.node_id)
        role = TaskRole(node.attributes["role"])
        post_kind = post_of(node)
        agency = self._agency(node, token, role)
        if role is TaskRole.APPLICANT:
            post_kind = PostKind.APPLICANT if agency.outside else PostKind.HANDLER
        return Assignment(agency, post_kind, role, limit_days(node))

    def _agency(self, node: Node, token: Token, role: TaskRole) -> AgencyRef:
        added = _added_signer(token)
        if added is not None:
            return _one_named(self._session, node, role, added, self._on)
        if role is TaskRole.APPLICANT:
            agency = self._session.get(Agency, self._family.applicant_agency_id or self._family.opened_by_agency_id)
            if agency is None:
                raise RoutingError(node.id, role, "applicant")
            return agency_ref(agency)
        candidates = self._candidates(node, role)
        member = node.attributes.get("member")
        if member is not None:
            code = _member_code(node, member, {**token.variables, **self._groups(member)})
            named = {code} if code in {agency.code for agency in candidates} else {self._acting_for(code)}
            chosen = [agency for agency in candidates if agency.code in named]
            return _only(node, role, chosen, f"{code} is not among {_codes(candidates)}")
        return _only(node, role, candidates, _codes(candidates))

    def _groups(self, member: str) -> Mapping[str, Sequence[str]]:
        """Whom `leads` and `supports` stand for, where a member expression may speak of them."""
        roles = {"leads": TaskRole.LEAD, "supports": TaskRole.SUPPORT}
        return {
            name: [agency.code for agency in self._known_of(role, "")] for name, role in roles.items() if name in member
        }

    def _acting_for(self, code: object) -> object:
        """The code of whoever has taken over from the agency of that code, if it has ended."""
        try:
            return get_agency(self._session, code, self._on).code if isinstance(code, str) else code
        except NotFoundError:
            return code

    def _candidates(self, node: Node, role: TaskRole) -> Sequence[AgencyRef]:
        return self._known_of(role, node.attributes.get("duty", ""))

    def _known_of(self, role: TaskRole, duty: str) -> Sequence[AgencyRef]:
        key = (role, duty)
        if key not in self._known:
            asked = (role, duty, self._family.measure_no, self._family.process_key, self._on)
            self._known[key] = remember(self._family.directory, asked, lambda: self._look_up(*key))
        return self._known[key]

    def _look_up(self, role: TaskRole, duty: str) -> Sequence[AgencyRef]:
        if role is TaskRole.LEAD:
            return leads(self._session, self._family.measure_no, self._on)
        if role is TaskRole.SUPPORT:
            return supports(self._session, self._family.measure_no, self._on)
        return participants(self._session, self._family.process_key, duty, self._on)


def limit_days(node: Node) -> int | None:
    """Return a node's time limit in working days, or None where it has none."""
    days = node.attributes.get("workingDays")
    return int(days) if days else None


def _added_signer(token: Token) -> str | None:
    for scope in reversed(token.scope):
        if isinstance(scope.item, dict) and isinstance(scope.item.get(SIGNER), str):
            return str(scope.item[SIGNER])
    return None


_compiled = lru_cache(maxsize=512)(compile_expression)


def _member_code(node: Node, member: str, variables: Mapping[str, object]) -> object:
    try:
        return _compiled(member).evaluate(variables)
    except Exception as error:
        raise EngineError(node.id, f"{member}: {error}") from error


def _one_named(session: Session, node: Node, role: TaskRole, code: str, on: date) -> AgencyRef:
    try:
        return get_agency(session, code, on)
    except NotFoundError as error:
        raise RoutingError(node.id, role, code) from error


def _only(node: Node, role: TaskRole, agencies: Sequence[AgencyRef], detail: str) -> AgencyRef:
    if len(agencies) != 1:
        raise RoutingError(node.id, role, detail or "none")
    return agencies[0]


def _codes(agencies: Sequence[AgencyRef]) -> str:
    return ", ".join(agency.code for agency in agencies)
