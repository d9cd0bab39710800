"""What the page of the measures shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AgencyName:
    """An agency or group named in a clause; `mine` when it is, or contains, the reader's own agency."""

    code: str
    name: str
    mine: bool


@dataclass(frozen=True)
class LineCard:
    """One responsibility line: who leads (牵头), who supports (配合), and the clause word for word."""

    no: str
    title: str
    clause: str
    leads: tuple[AgencyName, ...]
    supports: tuple[AgencyName, ...]


@dataclass(frozen=True)
class LightCount:
    """Cases under way with one light, and where they are listed."""

    colour: str
    number: int
    address: str


@dataclass(frozen=True)
class LineCounts:
    """The cases of one responsibility line; `no` is said only where the measure has several."""

    no: str | None
    counts: tuple[LightCount, ...]


@dataclass(frozen=True)
class MeasureCard:
    """One measure with its lines.

    Args:
        worst: the light of its worst case, None where nothing is under way.
        cases: the cases under way, by line.
        case_types: names of what can be handled under it.
        links: (address, label) of what the reader can do there.
    """

    no: str
    title: str
    lines: tuple[LineCard, ...]
    case_types: tuple[str, ...]
    worst: str | None
    cases: tuple[LineCounts, ...]
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """Measures under one heading of the policy."""

    title: str
    measures: tuple[MeasureCard, ...]


@dataclass(frozen=True)
class RoleChoice:
    """An entry of the role filter, or of the one by light."""

    label: str
    address: str
    current: bool
    colour: str | None = None


@dataclass(frozen=True)
class AgencyChoice:
    """An entry of the agency filter."""

    code: str
    name: str
    current: bool


@dataclass(frozen=True)
class Wall:
    """The whole page.

    Args:
        title: the answer: how many measures have something overdue.
        lights: measures by their worst light; empty for readers who see no cases.
        total, lines: numbers of measures and responsibility lines of the policy, before filtering.
        own_name: the reader's agency, None when it appears in no clause.
        own_leads, own_supports: number of measures it leads and supports.
    """

    title: str
    lights: tuple[RoleChoice, ...]
    document_number: str
    total: int
    lines: int
    own_name: str | None
    own_leads: int
    own_supports: int
    sections: tuple[Section, ...]
    roles: tuple[RoleChoice, ...]
    agencies: tuple[AgencyChoice, ...]
    filtered: bool
