"""Steps that several do: who they are, how many must answer, and one of them asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.factories.play import DIAGRAMS, NOW, Play, play_sources
from workflows import engine
from workflows.engine import Sources, Step, check
from workflows.errors import EngineError, StateConflictError


def sources(name: str, changes: Mapping[str, str]) -> Sources:
    text = (DIAGRAMS / f"{name}.bpmn").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return Sources("d.bpmn", {"d.bpmn": text.encode()})


def ruled(rule: str, signers: Sequence[str], *, in_turn: bool = False) -> Play:
    """A countersign with a completion rule, its draft done."""
    task = 'id="countersign" name="countersign" lianban:role="support"'
    changed = {task: f'{task} lianban:completion="{rule}"'}
    play = play_sources(
        sources("countersign_in_turn", {**changed, **({} if in_turn else {' isSequential="true"': ""})})
    )
    play = Play(play.spec, {"signers": list(signers)})
    play.do("draft")
    return play


@pytest.mark.parametrize("in_turn", [False, True], ids=["at once", "in turn"])
@pytest.mark.parametrize(
    ("rule", "signers", "needed"),
    [
        ("all", "abc", 3),
        ("until_due", "abc", 3),
        ("2", "abc", 2),
        ("2", "a", 1),
        ("60%", "abc", 2),
        ("60%", "abcde", 3),
    ],
)
def test_the_step_is_done_when_as_many_as_the_rule_says_have_answered(
    rule: str, signers: str, needed: int, in_turn: bool
) -> None:
    play = ruled(rule, signers, in_turn=in_turn)
    for number, signer in enumerate(signers[:needed], start=1):
        assert "countersign" in play.nodes
        step = play.do("countersign", f"by {signer}", signer)
        assert ("issue" in play.nodes) is (number == needed)
    assert play.nodes == ["issue"]
    left = 0 if in_turn else len(signers) - needed
    assert [token.node_id for token in step.closed] == ["countersign"] * left
    assert len(play.token("issue").variables["opinions"]) == needed


def again(play: Play, node_id: str, target: str, index: int) -> Step:
    token = play.token(node_id).token
    play.step = engine.ask_again(play.spec, play.step.state, token, target, index, now=NOW)
    return play.step


def test_after_the_join_one_is_asked_again_and_what_the_others_said_stands() -> None:
    play = Play("countersign", {"signers": ["a", "b", "c"]})
    play.do("draft")
    for signer in "abc":
        play.do("countersign", f"by {signer}", signer)
    step = again(play, "issue", "countersign", 1)
    assert [t.node_id for t in step.closed] == ["issue"]
    assert [(t.node_id, t.scope[0].index, t.scope[0].item) for t in step.opened] == [("countersign", 1, "b")]
    play.do("countersign", "b anew", "b")
    assert play.token("issue").variables["opinions"] == ["by a", "b anew", "by c"]
    again(play, "issue", "countersign", 2)
    play.do("countersign", "c anew", "c")
    assert play.token("issue").variables["opinions"] == ["by a", "b anew", "c anew"]


@pytest.mark.parametrize("order", ["opinions first", "visit first"])
def test_behind_the_join_of_branches_one_agency_is_asked_again_and_the_visit_is_not_repeated(order: str) -> None:
    play = Play("opinions_beside_visit", {"agencies": ["x", "y"]})
    play.do("apply")
    if order == "visit first":
        play.do("visit")
    for node, item in (("read", "x"), ("write", "x"), ("read", "y"), ("write", "y")):
        play.do(node, f"{node} {item}", item)
    if order == "opinions first":
        play.do("visit")
    step = again(play, "decide", "opinions", 0)
    assert [token.node_id for token in step.closed] == ["decide"]
    assert [(t.node_id, t.scope[0].item) for t in step.opened] == [("read", "x")]
    play.do("read", "ok", "x")
    play.do("write", "x anew", "x")
    assert play.nodes == ["decide"]
    assert play.token("decide").variables["written"] == ["x anew", "write y"]
    assert play.targets("decide") == ("apply",)
    again(play, "decide", "opinions", 1)
    play.do("read", "ok", "y")
    play.do("write", "y anew", "y")
    assert play.do("decide").finished


def test_from_a_branch_beside_it_one_is_asked_again_while_the_others_still_write() -> None:
    play = Play("opinions_beside_visit", {"agencies": ["x", "y"]})
    play.do("apply")
    play.do("read", "ok", "x")
    play.do("write", "first", "x")
    step = again(play, "visit", "opinions", 0)
    assert step.closed == ()
    assert [(t.node_id, t.scope[0].item) for t in step.opened] == [("read", "x")]
    play.do("read", "ok", "x")
    play.do("write", "second", "x")
    play.do("read", "ok", "y")
    play.do("write", "y", "y")
    play.do("visit")
    assert play.token("decide").variables["written"] == ["second", "y"]


def test_who_has_not_answered_cannot_be_asked_again() -> None:
    play = Play("countersign", {"signers": ["a", "b"]})
    play.do("draft")
    play.do("countersign", "by a", "a")
    play.do("countersign", "by b", "b")
    for index in (2, -1):
        with pytest.raises(StateConflictError):
            again(play, "issue", "countersign", index)
    with pytest.raises(StateConflictError):
        again(play, "issue", "draft", 0)


def test_completing_one_may_have_another_done_again_first() -> None:
    play = Play("countersign", {"signers": ["a", "b"]})
    play.do("draft")
    play.do("countersign", "by a", "a")
    token = play.token("countersign", "b").token
    play.step = engine.complete(
        play.spec, play.step.state, token, {"opinion": "by b"}, now=NOW, again=[0], shared={"figure": 65}
    )
    assert [(t.scope[0].index, t.scope[0].item) for t in play.step.opened] == [(0, "a")]
    play.do("countersign", "a anew", "a")
    assert play.token("issue").variables["opinions"] == ["a anew", "by b"]
    assert play.token("issue").variables["figure"] == 65


# ── lists of agencies ─────────────────────────────────────────────────────────────────────────────

LIST = "<bpmn:loopDataInputRef>{}</bpmn:loopDataInputRef>"
LEADS = {LIST.format("signers"): LIST.format("leads")}


class Led:
    """A case of a diagram repeated over `leads`, who may change while it runs."""

    def __init__(self, name: str, *leads: str) -> None:
        self.leads: list[str] = list(leads)
        self.play = play_sources(sources(name, LEADS))

    def do(self, node_id: str, decision: Any, *path: Any) -> Step:
        play = self.play
        token = play.token(node_id, *path).token
        play.step = engine.complete(
            play.spec, play.step.state, token, {node_id: decision}, now=NOW, members=lambda _name: self.leads
        )
        return play.step


def test_a_step_over_leads_is_for_those_who_lead_when_it_opens() -> None:
    led = Led("countersign", "CZ", "JR")
    led.leads = ["CZ", "YBJ"]
    led.do("draft", "ok")
    assert [token.scope[0].item for token in led.play.open] == ["CZ", "YBJ"]


def test_in_turn_a_lead_that_was_merged_into_another_is_passed_over() -> None:
    led = Led("countersign_in_turn", "JR", "ZX")
    led.do("draft", "ok")
    led.leads = ["JR"]
    led.do("countersign", "agree", "JR")
    assert led.play.nodes == ["issue"]
    assert led.play.token("issue").variables["opinions"] == ["agree"]


def test_nobody_to_tell_who_leads_stops_the_case_and_names_the_step() -> None:
    led = Led("countersign", "CZ")
    token = led.play.token("draft").token
    with pytest.raises(EngineError) as failed:
        engine.complete(led.play.spec, led.play.step.state, token, {"draft": "ok"}, now=NOW)
    assert failed.value.node_id == "countersign"


# ── the check of a diagram ────────────────────────────────────────────────────────────────────────

TASK = 'id="countersign" name="countersign" lianban:role="support"'


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('lianban:completion="some"', "completion-rule"),
        ('lianban:completion="0"', "completion-rule"),
        ('lianban:completion="101%"', "completion-rule"),
        ('lianban:completion="until_due"', "until-due-silence"),
        ('lianban:figures="amount_fen"', "figures-unsigned"),
    ],
)
def test_a_wrong_rule_is_refused_in_plain_words(attributes: str, code: str) -> None:
    found = check(sources("countersign_in_turn", {TASK: f"{TASK} {attributes}"}))
    assert code in {finding.code for finding in found if finding.severity == "error"}


@pytest.mark.parametrize("rule", ["all", "2", "60%", "until_due"])
def test_a_right_rule_is_accepted(rule: str) -> None:
    expiry = 'lianban:workingDays="5" lianban:onExpiry="deem_no_opinion"'
    found = check(sources("countersign_in_turn", {TASK: f'{TASK} {expiry} lianban:completion="{rule}"'}))
    assert [finding for finding in found if finding.severity == "error"] == []


def test_a_rule_beside_a_condition_or_at_a_step_of_one_is_refused() -> None:
    twice = check(sources("countersign", {TASK: f'{TASK} lianban:completion="2"'}))
    assert "completion-twice" in {finding.code for finding in twice}
    draft = 'id="draft" name="draft" lianban:role="lead"'
    one = check(sources("countersign", {draft: f'{draft} lianban:completion="2"'}))
    assert "completion-of-one" in {finding.code for finding in one}


def test_a_step_over_leads_must_be_the_leads_and_name_each() -> None:
    codes = {finding.code for finding in check(sources("countersign_in_turn", LEADS))}
    assert "group-member" in codes
    right = {**LEADS, TASK: 'id="countersign" name="countersign" lianban:role="lead" lianban:member="signer"'}
    found = check(sources("countersign_in_turn", right))
    assert [finding for finding in found if finding.severity == "error"] == []


def test_leads_is_no_name_for_a_variable() -> None:
    found = check(sources("countersign_in_turn", {'name="signers" type="list"': 'name="leads" type="list"'}))
    assert "variable-declaration" in {finding.code for finding in found}
