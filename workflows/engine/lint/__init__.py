"""The check of a diagram before anything can run: what the engine would silently get wrong is refused in plain words.

`diagram` what every check works on · `words` how elements are named to a reader · `elements` which elements and
attributes may stand in a file · `processes` what is started and called · `structure` nodes, flows, gateways ·
`ways` the ways through · `events` events and timers · `expressions` FEEL with the names in scope · `routing` who
does what · `limits` by when, and what silence may mean · `several` steps that several do · `assignment` what follows
when nobody may be offered a step · `parsed` our reading against the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.engine.findings import DiagramRefusedError, Finding, error
from workflows.engine.lint.assignment import check_assignment
from workflows.engine.lint.diagram import Diagram
from workflows.engine.lint.elements import check_elements, check_ids
from workflows.engine.lint.events import check_events
from workflows.engine.lint.expressions import check_expressions
from workflows.engine.lint.parsed import check_parsed
from workflows.engine.lint.processes import check_processes
from workflows.engine.lint.routing import check_routing
from workflows.engine.lint.several import check_several
from workflows.engine.lint.structure import check_structure
from workflows.engine.lint.ways import check_ways
from workflows.engine.types import Sources
from workflows.engine.xml import read_all

__all__ = ["MAX_FINDINGS", "check"]

MAX_FINDINGS = 500
"""More would help nobody."""

_Check = Callable[[Diagram], Iterator[Finding]]
_ALWAYS: tuple[_Check, ...] = (check_elements, check_ids, check_processes, check_structure, check_events)
# These follow flows and scopes, which means nothing while ids are missing or doubled.
_IF_SOUND: tuple[_Check, ...] = (check_ways, check_expressions)
_WHO: tuple[_Check, ...] = (check_routing, check_several, check_assignment)


def check(sources: Sources, *, routing: bool = True) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in a definition; empty when it may be published.

    Args:
        sources: any bytes at all.
        routing: also ask that every task says who does it; off where a diagram is run without agencies.

    Returns:
        Errors first, in the order of the diagram; the same bytes always give the same findings.
    """
    try:
        diagram = Diagram.of(read_all(sources))
    except DiagramRefusedError as refused:
        return refused.findings
    except RecursionError:
        return (_too_deep(),)
    found = _collect(diagram, _ALWAYS)
    if not any(finding.code in _BROKEN for finding in found):
        found += _collect(diagram, (*_IF_SOUND, *_WHO) if routing else _IF_SOUND)
    if not any(finding.severity == "error" for finding in found):
        found += check_parsed(sources, diagram)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda finding: finding.severity != "error"))[:MAX_FINDINGS]


_BROKEN = frozenset(
    ["id-missing", "id-twice", "flow-end-missing", "no-process", "process-calls-itself", "too-many-parts"]
)


def _collect(diagram: Diagram, checks: tuple[_Check, ...]) -> list[Finding]:
    found: list[Finding] = []
    for one in checks:
        found.extend(one(diagram))
    return found


def _too_deep() -> Finding:
    return error(
        "nested-too-deep",
        None,
        "子流程嵌套过深，请把里层的子流程改为单独的流程，用调用活动引用。",
        "Sub-processes are nested too deeply; make the inner ones processes of their own and call them.",
    )
