"""流程图: the diagram, the same in a table, and the history beside it; each selects the others."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.ui.cases.models import EventLine, NodeLine
from webapp.ui.cases.opened import OpenedCase
from webapp.ui.cases.progress import node_lines
from webapp.ui.cases.record import newest_first
from workflows.cases.reading import list_events

EVENTS = 100


@dataclass(frozen=True)
class Flow:
    """What the tab shows."""

    nodes: tuple[NodeLine, ...]
    events: tuple[EventLine, ...]

    @property
    def told(self) -> frozenset[str]:
        """The steps the history speaks of."""
        return frozenset(event.node_id for event in self.events if event.node_id)


def build(session: Session, case: OpenedCase) -> Flow:
    """Gather what the tab shows; a long history goes on under 办理记录."""
    events = list_events(session, case.no, actor=case.actor, limit=EVENTS)
    return Flow(node_lines(case.detail, case.process.model), newest_first(events.items, case.names))
