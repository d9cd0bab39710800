"""What the task centre and the task page show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.ui.cases.checklist import Materials
from webapp.ui.clocks import DueStrip
from webapp.ui.forms.fields import Answer, Field, Option
from webapp.ui.opinions import OpinionLine
from webapp.ui.problems import Problem
from webapp.ui.tasks.asked import Asked
from webapp.ui.together.models import TaskTogether
from workflows.cases.desk import SavedViewRow, TaskDraftView
from workflows.cases.opinions.views import OpinionRow
from workflows.cases.views import DecisionOption, Named, NextStep, StepHeld, TaskDetail, TaskRow


@dataclass(frozen=True)
class PaymentLine:
    """A payment order in one row."""

    payee: str
    account: str
    amount_fen: int
    light: str
    word: str
    note: str


@dataclass(frozen=True)
class Choice:
    """A link that narrows a list; `colour` names the light it stands for, `count` how many are behind it."""

    label: str
    address: str
    current: bool
    colour: str | None = None
    count: str | None = None


@dataclass(frozen=True)
class Empty:
    """Why a list is empty and what to do next."""

    reason: str
    advice: str | None = None
    address: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Taken:
    """Somebody was faster; `sentence` says who and when."""

    sentence: str


@dataclass(frozen=True)
class PostQueue:
    """One of the reader's posts, with what waits for it; acting in it is a step of its own.

    Args:
        principal: whose post it is, where the reader only stands in for them.
    """

    post_id: int
    kind: str
    agency_name: str
    current: bool
    available: str
    mine: str
    principal: str | None = None


@dataclass(frozen=True)
class BulkAct:
    """Something that can be done with several chosen tasks at once; `to` and `reason` tell what it asks for."""

    verb: str
    icon: str
    label: str
    to: bool = False
    reason: bool = False


@dataclass(frozen=True)
class BulkLine:
    """What came of one task of a bulk act; `refusal` says why not."""

    row: TaskRow
    refusal: str | None


@dataclass(frozen=True)
class BulkResult:
    """What came of a bulk act, in one sentence and task by task."""

    sentence: str
    lines: tuple[BulkLine, ...]

    @property
    def refused(self) -> bool:
        """Some task was not acted on."""
        return any(line.refusal for line in self.lines)


@dataclass(frozen=True)
class Centre:
    """The task centre: one queue, filtered, one page of it.

    Args:
        posts: the reader's posts, when there are several.
        measures, roles, dues: what can be chosen to narrow the queue.
        views: the reader's saved views; `here` the filters as one would save them.
        unread: keys of rows the reader has not opened.
        held: where the cases of rows are now that the reader has passed on, by the key of the case.
        acts: what can be done with several rows; `colleagues` to whom they can be given.
        result: what came of a bulk act just done.
    """

    asked: Asked
    summary: str
    posts: tuple[PostQueue, ...]
    tabs: tuple[Choice, ...]
    lights: tuple[Choice, ...]
    measures: tuple[Option, ...]
    roles: tuple[Option, ...]
    dues: tuple[Option, ...]
    views: tuple[SavedViewRow, ...]
    here: str
    rows: tuple[TaskRow, ...]
    unread: frozenset[int]
    held: Mapping[int, tuple[StepHeld, ...]]
    acts: tuple[BulkAct, ...]
    colleagues: tuple[Named, ...]
    result: BulkResult | None
    empty: Empty
    first_address: str | None
    next_address: str | None

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self.asked.queue


@dataclass(frozen=True)
class Signature:
    """What another agency has decided, with its opinion and what it filled in, such as an amount."""

    row: TaskRow
    opinion: str | None
    light: str
    filled: tuple[str, ...] = ()
    said: OpinionLine | None = None


@dataclass(frozen=True)
class AnswerBox:
    """Where the lead answers one objection or condition.

    Args:
        anchor: id and name of the field.
        opinion: what is to be answered.
        must: it is an objection without an answer; the lead cannot decide before.
        value: typed so far.
    """

    anchor: str
    opinion: OpinionRow
    must: bool
    value: str


@dataclass(frozen=True)
class Askable:
    """An agency that can be asked for a new opinion; `chosen` so far."""

    task_id: int
    agency: Named
    chosen: bool


@dataclass(frozen=True)
class ReturnTarget:
    """An earlier step the case can go back to."""

    node_id: str
    name: str


@dataclass(frozen=True)
class PhraseChoice:
    """A sentence to put into the opinion with one click; `decisions` are those it suits, none for any."""

    text: str
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class Confirmation:
    """What is about to be submitted, and where it goes.

    Args:
        answers: the task's form as filled in.
        outlook: what submitting would bring, in sentences.
        stops: the process would stop at this step.
        carried: names and values of the form, to be sent again.
    """

    row: TaskRow
    queue: str
    decision: Named
    opinion: str
    answers: tuple[Answer, ...]
    outlook: tuple[str, ...]
    stops: bool
    carried: tuple[tuple[str, str], ...]
    answered: tuple[AnswerBox, ...] = ()


@dataclass(frozen=True)
class SupplyLine:
    """One thing the applicant must supply.

    Args:
        what: what it is called.
        anchor: id of its field or line on the task page; None where it has no place there.
        path: of its field, if it is one.
        supplied: a new paper lies on its line.
    """

    what: str
    problem: str
    requirement: str | None
    anchor: str | None
    path: str | None
    supplied: bool


@dataclass(frozen=True)
class SupplyList:
    """What the applicant must supply, and what the officer wrote beside the list."""

    lines: tuple[SupplyLine, ...]
    opinion: str | None


@dataclass(frozen=True)
class TaskPage:
    """The task page.

    Args:
        detail: the task itself.
        facts: the application as label and text, groups and all.
        item_facts: the part this task is about, when it is about one part.
        fields: the task's own form, with the reader's values.
        chosen, opinion: what the reader has entered so far.
        colleagues: who the task could be given to.
        together: what else can be done about it with others.
        returning, handing_over: the reader is filling in that form.
        saved: the reader's own draft, if the form shows it.
        following: the task behind this one in the queue.
        supplies: what the applicant must supply, on their own task.
    """

    detail: TaskDetail
    facts: tuple[Answer, ...]
    item_facts: tuple[Answer, ...]
    materials: Materials
    payments: tuple[PaymentLine, ...]
    strip: DueStrip | None
    signatures: tuple[Signature, ...]
    fields: tuple[Field, ...]
    return_targets: tuple[ReturnTarget, ...]
    colleagues: tuple[Named, ...]
    together: TaskTogether
    phrases: tuple[PhraseChoice, ...]
    queue: str
    chosen: str | None = None
    opinion: str = ""
    reason: str = ""
    return_to: str | None = None
    to: str | None = None
    returning: bool = False
    handing_over: bool = False
    problems: tuple[Problem, ...] = ()
    stale: bool = False
    saved: TaskDraftView | None = None
    following: int | None = None
    answer_boxes: tuple[AnswerBox, ...] = ()
    askable: tuple[Askable, ...] = ()
    asking: bool = False
    supplies: SupplyList | None = None

    @property
    def row(self) -> TaskRow:
        """The task as a row."""
        return self.detail.row

    @property
    def decisions(self) -> tuple[DecisionOption, ...]:
        """What the task can be completed with."""
        return self.detail.decisions

    @property
    def renews(self) -> bool:
        """The task's form is the application itself, filled in anew: showing it twice would only confuse."""
        return self.detail.form_schema is not None and self.detail.form_schema == self.detail.application_schema

    @property
    def next_steps(self) -> Mapping[str, tuple[NextStep, ...]]:
        """Decision → what follows."""
        return self.detail.next_steps

    @property
    def errors(self) -> Mapping[str, Any]:
        """Path → sentence, for the fields."""
        return {problem.path: problem.text for problem in self.problems}
