"""What the pages of applying show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from webapp.ui.forms import Answer, Field
from webapp.ui.problems import Problem
from webapp.ui.tasks.models import SupplyList
from workflows.cases.materials.drafts import DraftView
from workflows.cases.views import CaseRow, NextStep, TaskRow


@dataclass(frozen=True)
class ProcessChoice:
    """Something that can be applied for."""

    key: str
    name: str
    measure_no: str


@dataclass(frozen=True)
class FormSection:
    """A part of the form, for the list above it.

    Args:
        anchor: id of its first field.
        wrong: how many of its fields have to be mended.
        filled: every field that has to be is filled in.
    """

    label: str
    anchor: str
    wrong: int
    filled: bool


@dataclass(frozen=True)
class PaperAsked:
    """A paper an application has to come with.

    Args:
        word: whether it must be there.
        each: one for each row of a list of the form, such as each issuer.
    """

    name: str
    hint: str
    word: str
    each: bool


@dataclass(frozen=True)
class FormPage:
    """The application form.

    Args:
        action: where it is sent.
        takes_papers: papers are laid to it before it is checked.
        papers: which, so that they can be got ready first.
        limit_days: working days a case has from its acceptance.
    """

    key: str
    name: str
    action: str
    takes_papers: bool
    papers: tuple[PaperAsked, ...]
    limit_days: int | None
    fields: tuple[Field, ...]
    sections: tuple[FormSection, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class CheckPage:
    """The answers, to be checked before they are sent.

    Args:
        carried: (path, text) of every field, for the hidden inputs.
        once: names this application, so that sending it twice opens one case.
        first_agency: who checks it first.
    """

    key: str
    name: str
    answers: tuple[Answer, ...]
    carried: tuple[tuple[str, str], ...]
    once: str
    first_agency: str | None


@dataclass(frozen=True)
class DraftPage:
    """An application that is being put together: its papers, or all of it to be checked.

    Args:
        answers: what was filled in; empty on the page of papers.
        max_mb: of one file, whatever a line allows.
    """

    draft: DraftView
    name: str
    problems: tuple[Problem, ...]
    max_mb: int
    answers: tuple[Answer, ...] = ()
    first_agency: str | None = None

    @property
    def errors(self) -> Mapping[str, str]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}


@dataclass(frozen=True)
class Receipt:
    """What the applicant keeps."""

    no: str
    title: str
    applicant: str
    agency: str
    received_at: datetime
    next_steps: tuple[NextStep, ...]


@dataclass(frozen=True)
class MyApplications:
    """An applicant's own page.

    Args:
        title: the heading: what they have to do, if anything.
        waiting: tasks that wait for them.
        drafts: applications not submitted yet.
        query: what they look for among those submitted.
        refused: why it cannot be looked for.
        supplies: task → what must be supplied with it.
    """

    title: str
    waiting: tuple[TaskRow, ...]
    rows: tuple[CaseRow, ...]
    next_address: str | None
    drafts: tuple[DraftView, ...] = ()
    query: str = ""
    refused: str | None = None
    supplies: Mapping[int, SupplyList] = field(default_factory=dict)
