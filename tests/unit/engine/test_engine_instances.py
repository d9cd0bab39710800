"""Multi-instance activities: outputs, completion conditions, signers added and removed, child cases."""

from __future__ import annotations

import pytest

from tests.factories.play import Play
from workflows import engine
from workflows.engine import ScopeItem
from workflows.errors import StateConflictError


def countersign(*signers: str) -> Play:
    play = Play("countersign", {"signers": list(signers)})
    play.do("draft")
    return play


def test_each_instance_sees_its_own_item() -> None:
    tokens = countersign("JR", "CZ", "FG").open
    assert [t.variables["signer"] for t in tokens] == ["JR", "CZ", "FG"]
    assert [t.scope for t in tokens] == [(ScopeItem("countersign", i, s),) for i, s in enumerate(("JR", "CZ", "FG"))]


def test_results_are_collected_in_the_order_of_the_items() -> None:
    play = countersign("a", "b", "c")
    for signer in ("c", "a", "b"):
        play.do("countersign", f"by {signer}", signer)
    assert play.token("issue").variables["opinions"] == ["by a", "by b", "by c"]


def test_the_item_and_the_result_of_an_instance_are_not_seen_outside() -> None:
    play = countersign("a")
    play.do("countersign", "ok", "a")
    assert not {"signer", "opinion", "countersign"} & set(play.token("issue").variables)


def test_the_completion_condition_counts_and_the_rest_is_closed() -> None:
    play = countersign("a", "b", "c", "d")
    play.do("countersign", "agree", "b")
    token = play.token("countersign", "c").token
    play.step = engine.complete(play.spec, play.step.state, token, {"opinion": "object"}, now=play.now)
    assert [t.scope[0].item for t in play.step.closed] == ["a", "d"]
    assert play.token("issue").variables["opinions"] == ["agree", "object"]


def test_no_items_means_no_waiting() -> None:
    play = countersign()
    assert play.nodes == ["issue"]
    assert play.token("issue").variables["opinions"] == []


def test_an_added_signer_is_awaited_also_after_save_and_load() -> None:
    play = countersign("a", "b")
    step = play.add("countersign", "c", "a")
    assert [(t.scope[0].index, t.scope[0].item) for t in step.opened] == [(2, "c")]
    play.do("countersign", "A", "a")
    play.do("countersign", "B", "b")
    assert play.nodes == ["countersign"]
    play.do("countersign", "C", "c")
    variables = play.token("issue").variables
    assert (variables["opinions"], variables["signers"]) == (["A", "B", "C"], ["a", "b", "c"])


def test_removing_the_last_signer_awaited_lets_the_case_go_on() -> None:
    play = countersign("a", "b")
    play.do("countersign", "A", "a")
    step = play.remove("countersign", "b")
    assert [t.scope[0].item for t in step.closed] == ["b"]
    assert play.nodes == ["issue"]
    assert play.token("issue").variables["signers"] == ["a"]


def test_an_index_is_never_used_twice() -> None:
    play = countersign("a", "b")
    play.remove("countersign", "b")
    assert play.add("countersign", "c", "a").opened[0].scope[0].index == 2


def test_in_turn_one_signer_waits_at_a_time_and_an_added_one_comes_last() -> None:
    play = Play("countersign_in_turn", {"signers": ["a", "b"]})
    play.do("draft")
    assert [t.scope[0].item for t in play.open] == ["a"]
    play.add("countersign", "c", "a")
    for signer in ("a", "b", "c"):
        assert [t.scope[0].item for t in play.open] == [signer]
        play.do("countersign", f"by {signer}", signer)
    assert play.token("issue").variables["opinions"] == ["by a", "by b", "by c"]


def test_in_turn_a_removed_signer_hands_on_to_the_next() -> None:
    play = Play("countersign_in_turn", {"signers": ["a", "b"]})
    play.do("draft")
    play.remove("countersign", "a")
    assert [t.scope[0].item for t in play.open] == ["b"]


def test_a_token_outside_any_multi_instance_has_no_signers() -> None:
    play = Play("three_tasks")
    with pytest.raises(StateConflictError):
        play.add("apply", "x")


def test_each_child_case_ends_by_its_own_end_event() -> None:
    play = Play("issuers", {"issuers": ["first", "second"]})
    play.do("apply")
    play.do("verify", "refuse", "first")
    step = play.do("amend", "ok", "first")
    assert [(end.scope[0].item, end.end_node_id) for end in step.scopes_ended] == [("first", "refused_end")]
    play.do("verify", "ok", "second")
    step = play.do("amend", "ok", "second")
    assert [(end.scope[0].index, end.end_node_id) for end in step.scopes_ended] == [(1, "verified_end")]
    assert play.nodes == ["report"]


def test_a_child_case_can_be_added_while_others_run() -> None:
    play = Play("issuers", {"issuers": ["first"]})
    play.do("apply")
    play.add("verify", "second", "first")
    play.do("verify", "ok", "first")
    play.do("amend", "ok", "first")
    assert [t.scope[0].item for t in play.open] == ["second"]


def test_a_removed_child_case_is_reported_as_ended_without_an_end_event() -> None:
    play = Play("issuers", {"issuers": ["first", "second"]})
    play.do("apply")
    step = play.remove("verify", "second")
    assert [(end.scope[0].item, end.end_node_id) for end in step.scopes_ended] == [("second", None)]
