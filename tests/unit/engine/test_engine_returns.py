"""Returns: to which nodes, and what is closed by them."""

from __future__ import annotations

import pytest

from tests.factories.play import Play
from workflows.errors import StateConflictError


def test_only_what_was_passed_and_leads_here_is_offered() -> None:
    play = Play("rework_loop")
    play.do("apply")
    assert play.targets("check") == ("apply",)
    play.do("check", "supplement")
    assert play.targets("supplement") == ("apply", "check")
    play.do("supplement")
    assert play.targets("check") == ("apply", "supplement")


def test_a_return_keeps_the_routing_variables() -> None:
    play = Play("three_tasks")
    play.do("apply", "A")
    play.do("check", "B")
    step = play.back("confirm", "apply")
    assert [t.node_id for t in step.closed] == ["confirm"]
    assert play.token("apply").variables == {"apply": "A", "check": "B"}


def test_after_a_return_the_nodes_behind_it_are_no_targets() -> None:
    play = Play("three_tasks")
    play.do("apply")
    play.do("check")
    play.back("confirm", "apply")
    assert play.targets("apply") == ()
    play.do("apply")
    assert play.targets("check") == ("apply",)


def test_within_a_branch_the_other_branch_is_left_alone() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    play.do("left_first")
    right = play.token("right").token
    step = play.back("left_second", "left_first")
    assert [t.node_id for t in step.closed] == ["left_second"]
    assert play.token("right").token == right


def test_within_a_branch_the_arrival_of_the_other_branch_still_counts() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    play.do("right")
    play.do("left_first")
    play.back("left_second", "left_first")
    play.do("left_first")
    play.do("left_second")
    assert play.nodes == ["sum_up"]


def test_out_of_a_branch_to_before_the_fork_closes_all_branches() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    play.do("left_first")
    step = play.back("left_second", "apply")
    assert sorted(t.node_id for t in step.closed) == ["left_second", "right"]
    play.do("apply")
    play.do("right")
    play.do("left_first")
    assert play.nodes == ["left_second"]


def test_after_the_join_no_node_of_a_branch_is_offered() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    for node in ("left_first", "left_second", "right"):
        play.do(node)
    assert play.targets("sum_up") == ("apply",)
    with pytest.raises(StateConflictError):
        play.back("sum_up", "right")


def test_to_a_countersign_as_a_whole_opens_it_for_all_signers_again() -> None:
    play = Play("countersign", {"signers": ["a", "b"]})
    play.do("draft")
    play.do("countersign", "A", "a")
    play.do("countersign", "B", "b")
    assert play.targets("issue") == ("draft", "countersign")
    play.back("issue", "countersign")
    assert [t.scope[0].item for t in play.open] == ["a", "b"]
    play.do("countersign", "A2", "a")
    play.do("countersign", "B2", "b")
    assert play.token("issue").variables["opinions"] == ["A2", "B2"]


def test_out_of_a_countersign_closes_all_signers() -> None:
    play = Play("countersign", {"signers": ["a", "b", "c"]})
    play.do("draft")
    assert play.targets("countersign", "b") == ("draft",)
    assert len(play.back("countersign", "draft", "b").closed) == 3
    assert play.nodes == ["draft"]


def test_within_one_child_case_only_that_one_goes_back() -> None:
    play = Play("issuers", {"issuers": ["first", "second"]})
    play.do("apply")
    play.do("verify", "ok", "first")
    assert play.targets("amend", "first") == ("apply", "verify")
    step = play.back("amend", "verify", "first")
    assert [(t.node_id, t.scope[0].item) for t in step.closed] == [("amend", "first")]
    assert [(t.node_id, t.scope[0].item) for t in step.opened] == [("verify", "first")]
    assert step.scopes_ended == ()
    assert step.opened[0].variables["issuer"] == "first"


def test_out_of_a_child_case_to_before_it_closes_the_others_too() -> None:
    play = Play("issuers", {"issuers": ["first", "second", "third"]})
    play.do("apply")
    play.do("verify", "ok", "first")
    step = play.back("verify", "apply", "second")
    assert len(step.closed) == 3
    assert [(end.scope[0].item, end.end_node_id) for end in step.scopes_ended] == [
        ("first", None),
        ("second", None),
        ("third", None),
    ]
    assert play.nodes == ["apply"]


def test_into_a_sub_process_that_is_complete() -> None:
    play = Play("inspection")
    for node in ("apply", "inspect", "record"):
        play.do(node)
    assert play.targets("decide") == ("apply", "inspect", "record")
    play.back("decide", "record")
    assert play.nodes == ["record"]
    assert play.targets("record") == ("apply", "inspect")
    play.do("record")
    assert play.do("decide").finished


def test_inside_a_sub_process_and_out_of_it() -> None:
    play = Play("inspection")
    play.do("apply")
    play.do("inspect")
    assert play.targets("record") == ("apply", "inspect")
    play.back("record", "inspect")
    assert play.nodes == ["inspect"]
    play.back("inspect", "apply")
    assert play.nodes == ["apply"]


def test_from_a_child_case_in_a_branch_to_before_the_fork() -> None:
    play = Play("opinions_beside_visit", {"agencies": ["x", "y"]})
    play.do("apply")
    play.do("read", "ok", "x")
    assert play.targets("write", "x") == ("apply", "read")
    play.back("write", "apply", "x")
    assert play.nodes == ["apply"]


def test_to_a_task_with_timers_starts_its_timers_anew_and_closes_the_reminder() -> None:
    play = Play("boundary_timers")
    play.do("apply")
    play.fire("slow")
    play.do("opinion")
    step = play.back("decide", "opinion")
    assert sorted(t.node_id for t in step.closed) == ["decide", "remind"]
    assert sorted(t.node_id for t in step.timers) == ["late", "slow"]
    assert play.nodes == ["late", "opinion", "slow"]
