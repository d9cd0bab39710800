"""Every example that lies with a process of the library is played, and must end as it says.

An example is a list of steps `{as, step, decision | return_to, opinion?, answers?, data?, case?, refused?}`. The first
step is the start event, with the application as its data; `case` counts child cases from 1; `refused` names the fields
for which the step must be turned down, after which the example goes on as if nothing had happened. `posts` gives people
further posts beforehand, `{person, agency, post}`; a step names the `post` it is done in where it is such a one. What
is expected names the `rules` that acted where nobody could be offered a step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import LIBRARY, Office, seed_everything
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import cases, payments
from workflows.agencies.posts import load_actor
from workflows.cases import CompleteTask, OpenCase, OpinionAnswer, TaskQuery
from workflows.cases.commands import ReturnTask
from workflows.cases.models import Case, HumanTask
from workflows.cases.numbering import child_case_no
from workflows.clock import Clock, office_date
from workflows.engine import read_model
from workflows.errors import InvalidInputError
from workflows.permissions import PostKind
from workflows.processes.sources import ProcessFiles

EXAMPLES = sorted(LIBRARY.glob("*/scenarios/*.json"))


def test_every_process_of_the_library_has_an_example() -> None:
    processes = {path.parent.name for path in LIBRARY.glob("*/process.bpmn")}
    assert processes == {path.parents[1].name for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_the_example_ends_as_it_says(path: Path, session: Session, clock: Clock) -> None:
    seed_everything(session, clock)
    example = json.loads(path.read_text())
    player = Player(Office(session, clock), path.parents[1].name)
    for given in example.get("posts", ()):
        player.give(given)
    for number, step in enumerate(example["steps"], start=1):
        player.do(step, f"step {number} {step['step']}")
    assert player.ended() == example["expect"]


def test_the_examples_of_a_process_make_every_decision_of_its_diagram() -> None:
    for folder in sorted({path.parents[1] for path in EXAMPLES}):
        model = read_model(ProcessFiles.from_folder(folder).engine_sources())
        offered = {(node.id, decision.id) for node in model.user_tasks() for decision in node.decisions}
        made = {
            (step["step"], step["decision"])
            for path in folder.glob("scenarios/*.json")
            for step in json.loads(path.read_text())["steps"]
            if "decision" in step and "refused" not in step
        }
        assert made == offered


class Player:
    """Plays one example as the people it names."""

    def __init__(self, office: Office, process: str) -> None:
        self.office, self.process = office, process
        self.case_no = ""
        self.applicant = ""
        self.given: dict[tuple[str, str], int] = {}

    def give(self, wanted: Mapping[str, Any]) -> None:
        """Give somebody a further post."""
        session, who = self.office.session, person(self.office.session, wanted["person"])
        post = make_post(session, agency(session, wanted["agency"]), PostKind(wanted["post"]), seat=9)
        appoint(session, who, post, from_on=office_date(self.office.clock.now()))
        session.commit()
        self.given[who.username, wanted["post"]] = post.id

    def do(self, step: Mapping[str, Any], where: str) -> None:
        """Carry out a step; one that should be refused must be, for just the fields it names."""
        if "refused" not in step:
            self._act(step)
            return
        with pytest.raises(InvalidInputError) as refusal:
            self._act(step)
        assert sorted(error.field for error in refusal.value.errors) == sorted(step["refused"]), where

    def _act(self, step: Mapping[str, Any]) -> None:
        act, who = self._acting(step), step["as"]
        if "decision" not in step and "return_to" not in step:
            self.case_no = act(cases.open_case, who, OpenCase(self.process, step["data"])).case_no
            self.applicant = who
            return
        task_id = self._take(step)
        opinion = step.get("opinion")
        if "return_to" in step:
            act(cases.return_task, who, ReturnTask(task_id, opinion, step["return_to"]))
        else:
            answers = tuple(self._answer(one) for one in step.get("answers", ()))
            command = CompleteTask(task_id, step["decision"], opinion, step.get("data", {}), answers=answers)
            act(cases.complete_task, who, command)

    def _acting(self, step: Mapping[str, Any]) -> Callable[..., Any]:
        """Return what calls a service as the person of a step, in the post it names."""
        if "post" not in step:
            return self.office.act
        session, clock = self.office.session, self.office.clock
        who = person(session, step["as"])
        acting = load_actor(session, who.id, self.given[who.username, step["post"]], office_date(clock.now()))

        def act(service: Callable[..., Any], _username: str, *args: Any, **kwargs: Any) -> Any:
            answer = service(session, *args, actor=acting, clock=clock, **kwargs)
            session.commit()
            return answer

        return act

    def _answer(self, given: Mapping[str, Any]) -> OpinionAnswer:
        case_no = child_case_no(self.case_no, given["case"] - 1) if "case" in given else self.case_no
        said = self.office.act(cases.list_opinions, "jr.handler", self.case_no)
        found = [row.task.id for row in said if row.task.case_no == case_no and row.state == "given"]
        return OpinionAnswer(found[-1], given["answer"])

    def _take(self, step: Mapping[str, Any]) -> int:
        case_no = child_case_no(self.case_no, step["case"] - 1) if "case" in step else None
        act = self._acting(step)
        for queue in ("mine", "available"):
            for row in act(cases.list_tasks, step["as"], TaskQuery(queue)).items:
                if row.node_id == step["step"] and row.case_no == (case_no or row.case_no):
                    if queue == "available":
                        act(cases.claim_task, step["as"], row.id)
                    return int(row.id)
        raise AssertionError(f"{step['as']} has no task {step['step']}")

    def ended(self) -> dict[str, Any]:
        """How the case stands, in the words of an example's `expect`."""
        session, clock = self.office.session, self.office.clock
        who = actor(session, self.applicant, clock)
        detail = cases.get_case(session, self.case_no, actor=who, clock=clock)
        numbers = {child.no: child.index + 1 for child in detail.children}
        stand: dict[str, Any] = {"status": detail.row.status}
        if detail.row.outcome:
            stand["outcome"] = detail.row.outcome
        if detail.children:
            stand["children"] = [child.outcome for child in detail.children]
        if detail.open_tasks:
            stand["waiting"] = [{"step": row.node_id, "agency": row.agency.code} for row in detail.open_tasks]
        ruled = select(HumanTask).join(Case, Case.id == HumanTask.root_id).where(Case.no == self.case_no)
        rules = [
            {"step": task.node_id, "cause": task.rule["cause"], "rule": task.rule["rule"]}
            for task in session.scalars(ruled.where(HumanTask.rule.is_not(None)).order_by(HumanTask.id))
        ]
        if rules:
            stand["rules"] = rules
        orders = payments.list_orders(session, session.scalars(select(Case.id).where(Case.no == self.case_no)).one())
        stand["payments"] = [
            {
                **({"case": numbers[order.case_no]} if order.case_no in numbers else {}),
                "amount_fen": order.amount_fen,
                "status": order.status,
            }
            for order in orders
        ]
        return stand
