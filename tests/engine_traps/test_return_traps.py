"""Going back: what the library's reset does, and that ours does not."""

from __future__ import annotations

from SpiffWorkflow.util.task import TaskState

from tests.engine_traps import stock
from tests.factories.play import Play
from workflows.errors import StateConflictError


def _completed(workflow: object, node_id: str) -> object:
    tasks = workflow.get_tasks(state=TaskState.COMPLETED)  # type: ignore[attr-defined]
    return next(t for t in tasks if t.task_spec.bpmn_id == node_id)


def test_stock_forgets_later_data_unless_it_is_passed() -> None:
    workflow = stock.begin("three_tasks")
    stock.do(workflow, "apply", applied=1)
    stock.do(workflow, "check", checked=2)
    workflow.reset_from_task_id(_completed(workflow, "apply").id)  # type: ignore[attr-defined]
    assert stock.ready(workflow)[0].data == {}


def test_ours_keeps_what_is_known() -> None:
    play = Play("three_tasks")
    play.do("apply", 1)
    play.do("check", 2)
    play.back("confirm", "apply")
    assert play.token("apply").variables == {"apply": 1, "check": 2}


def test_stock_has_two_tokens_after_a_reset_into_a_branch_that_was_joined() -> None:
    workflow = stock.begin("fork_in_a_branch")
    for node in ("apply", "left", "inner_left", "inner_right", "after", "right"):
        stock.do(workflow, node)
    assert stock.names(workflow) == ["decide"]
    workflow.reset_from_task_id(_completed(workflow, "left").id)  # type: ignore[attr-defined]
    workflow.do_engine_steps()
    assert stock.names(workflow) == ["decide", "left"]


def test_ours_offers_no_node_of_a_joined_branch() -> None:
    play = Play("fork_in_a_branch")
    for node in ("apply", "left", "inner_left", "inner_right", "after", "right"):
        play.do(node)
    assert play.targets("decide") == ("apply",)


def test_after_an_inner_join_the_outer_branch_is_offered_but_not_the_inner_ones() -> None:
    play = Play("fork_in_a_branch")
    for node in ("apply", "left", "inner_left", "inner_right"):
        play.do(node)
    assert play.targets("after") == ("apply", "left")
    play.back("after", "left")
    assert play.nodes == ["left", "right"]


def test_a_return_out_of_an_inner_branch_leaves_the_outer_one_alone() -> None:
    play = Play("fork_in_a_branch")
    for node in ("apply", "right", "left", "inner_left"):
        play.do(node)
    step = play.back("inner_right", "left")
    assert [t.node_id for t in step.closed] == ["inner_right"]
    for node in ("left", "inner_left", "inner_right", "after"):
        assert "decide" not in play.nodes
        play.do(node)
    assert play.nodes == ["decide"]


def test_stock_keeps_the_old_timers_in_memory_after_a_reset() -> None:
    workflow = stock.begin("boundary_timers")
    stock.do(workflow, "apply")
    workflow.reset_from_task_id(_completed(workflow, "apply").id)  # type: ignore[attr-defined]
    assert len(workflow.waiting_events()) == 2
    assert stock.save_and_load(workflow).waiting_events() == []


def test_ours_closes_the_timers_and_starts_new_ones() -> None:
    play = Play("boundary_timers")
    old = {t.token for t in play.do("apply").timers}
    step = play.back("opinion", "apply")
    assert old <= {t.token for t in step.closed}
    assert step.timers == ()
    assert old.isdisjoint(t.token for t in play.do("apply").timers)


def test_an_illegal_target_changes_nothing() -> None:
    play = Play("three_tasks")
    play.do("apply")
    state = play.step.state
    for target in ("confirm", "check", "nowhere", "start"):
        try:
            play.back("check", target)
        except StateConflictError:
            continue
        raise AssertionError(target)
    assert play.step.state == state
