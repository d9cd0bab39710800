"""Parallel branches and joins."""

from __future__ import annotations

from tests.engine_traps import stock
from tests.factories.play import Play
from workflows import engine


def test_stock_loses_list_entries_at_a_join() -> None:
    workflow = stock.begin("fork_in_a_branch", {})
    stock.do(workflow, "apply", notes=["a"])
    stock.do(workflow, "right", notes=["a", "r1", "r2"])
    stock.do(workflow, "left")
    stock.do(workflow, "inner_left")
    stock.do(workflow, "inner_right")
    stock.do(workflow, "after")
    assert stock.ready(workflow)[0].data["notes"] != ["a", "r1", "r2"]


def test_ours_keeps_what_the_earlier_branch_wrote() -> None:
    play = Play("fork_in_a_branch", {"notes": ["a"]})
    play.do("apply")
    token = play.token("right").token
    play.step = engine.complete(play.spec, play.step.state, token, {"notes": ["a", "r1", "r2"]}, now=play.now)
    for node in ("left", "inner_left", "inner_right", "after"):
        play.do(node)
    assert play.token("decide").variables["notes"] == ["a", "r1", "r2"]


def test_stock_lets_a_slow_branch_overwrite_with_what_it_knew_before() -> None:
    workflow = stock.begin("fork_in_a_branch")
    stock.do(workflow, "apply", opinion="of the first round")
    stock.do(workflow, "right", opinion="of the second round")
    for node in ("left", "inner_left", "inner_right", "after"):
        stock.do(workflow, node)
    assert stock.ready(workflow)[0].data["opinion"] == "of the first round"


def test_ours_keeps_the_newest_value_whichever_branch_is_slow() -> None:
    play = Play("fork_in_a_branch", {"right": "of the first round"})
    play.do("apply")
    play.do("right", "of the second round")
    for node in ("left", "inner_left", "inner_right", "after"):
        play.do(node)
    assert play.token("decide").variables["right"] == "of the second round"


def test_in_the_second_round_of_a_loop_the_join_waits_for_both_branches_again() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    for _ in range(3):
        play.do("right")
        play.do("left_first")
        play.do("left_second")
        play.do("sum_up", "again")
        assert play.nodes == ["left_first", "right"]
        play.do("left_first")
        play.do("left_second")
        assert play.nodes == ["right"]
        play.do("right")
        play.do("sum_up", "again")


def test_a_flow_back_into_the_fork_does_not_block_the_first_round() -> None:
    play = Play("parallel_branches")
    assert [t.node_id for t in play.do("apply").opened] == ["left_first", "right"]
