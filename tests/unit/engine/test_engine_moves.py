"""What each move of a case does, on small diagrams."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.factories.play import DIAGRAMS, NOW, Play, sources_of, spec_of
from workflows import engine
from workflows.engine import DiagramRefusedError
from workflows.errors import DefinitionError, EngineError, StateConflictError


def test_a_case_goes_through_its_tasks_to_its_end() -> None:
    play = Play("three_tasks")
    for node in ("apply", "check", "confirm"):
        assert play.nodes == [node]
        play.do(node)
    assert (play.step.finished, play.step.end_node_id, play.nodes) == (True, "done", [])


def test_a_completed_token_is_neither_open_nor_closed_and_cannot_be_completed_again() -> None:
    play = Play("three_tasks")
    token = play.token("apply").token
    assert play.do("apply").closed == ()
    with pytest.raises(StateConflictError):
        engine.complete(play.spec, play.step.state, token, {}, now=NOW)


def test_a_token_keeps_its_name_while_others_move() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    before = play.token("right").token
    play.do("left_first")
    assert play.token("right").token == before


def test_a_condition_reads_the_decision_of_the_task_before_it() -> None:
    play = Play("rework_loop")
    play.do("apply")
    assert play.do("check", "supplement").opened[0].node_id == "supplement"
    play.do("supplement")
    assert play.do("check", "refuse").end_node_id == "refused"


def test_a_join_waits_for_both_branches_and_what_both_wrote_is_kept() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    play.do("left_first")
    play.do("left_second", "L")
    assert play.nodes == ["right"]
    play.do("right", "R")
    variables = play.token("sum_up").variables
    assert (variables["left_second"], variables["right"]) == ("L", "R")


def test_an_inclusive_join_waits_for_the_branches_that_were_taken() -> None:
    play = Play("inclusive")
    play.step = engine.complete(
        play.spec, play.step.state, play.token("apply").token, {"apply": {"money": True, "land": True}}, now=NOW
    )
    assert play.nodes == ["land", "money"]
    play.do("money")
    assert play.nodes == ["land"]
    assert [t.node_id for t in play.do("land").opened] == ["sum_up"]


def test_an_inclusive_gateway_takes_its_default_when_no_condition_holds() -> None:
    play = Play("inclusive")
    play.do("apply", {"money": False, "land": False})
    assert play.nodes == ["people"]
    assert [t.node_id for t in play.do("people").opened] == ["sum_up"]


def test_a_terminate_end_closes_what_is_still_open() -> None:
    play = Play("terminate")
    step = play.do("left")
    assert step.finished
    assert [t.node_id for t in step.closed] == ["right"]
    assert step.end_node_id == "stopped"


def test_a_service_task_waits_across_save_and_load_until_it_is_completed() -> None:
    play = Play("service")
    step = play.do("apply")
    assert [(t.node_id, t.kind) for t in step.opened] == [("transfer", "service")]
    assert play.do("transfer").finished


def test_an_interrupting_timer_closes_the_task_and_the_other_timer() -> None:
    play = Play("boundary_timers")
    step = play.do("apply")
    assert {t.node_id: t.due_at - NOW for t in step.timers} == {"slow": timedelta(days=2), "late": timedelta(days=5)}
    step = play.fire("late")
    assert sorted(t.node_id for t in step.closed) == ["opinion", "slow"]
    assert play.nodes == ["overdue"]


def test_a_reminder_leaves_the_task_open_and_outlives_it() -> None:
    play = Play("boundary_timers")
    play.do("apply")
    play.fire("slow")
    assert play.nodes == ["late", "opinion", "remind"]
    play.do("opinion")
    play.do("decide")
    assert not play.step.finished
    step = play.do("remind")
    assert (step.finished, step.end_node_id) == (True, "done")


def test_a_cycle_asks_to_be_woken_again_under_the_same_token() -> None:
    play = Play("weekly_reminder")
    first = play.step.timers[0]
    second = play.fire("weekly").timers[0]
    assert (second.token, second.due_at - first.due_at) == (first.token, timedelta(days=7))
    play.fire("weekly")
    assert play.fire("weekly").timers == ()
    assert play.nodes == ["opinion", "remind", "remind", "remind"]


def test_a_reminder_of_a_cycle_outlives_the_task_it_hangs_on() -> None:
    play = Play("weekly_reminder")
    play.fire("weekly")
    play.do("opinion")
    assert play.nodes == ["remind"]
    assert play.do("remind").finished


def test_a_message_is_delivered_to_the_receive_task_that_waits() -> None:
    play = Play("messages")
    play.do("send")
    assert play.token("answer").kind == "receive"
    play.deliver("answer", {"number": "2026-1"})
    assert {t.node_id: t.kind for t in play.open} == {"receipt": "message", "too_late": "timer"}
    assert play.token("receipt").variables["number"] == "2026-1"


def test_of_a_message_and_a_timer_the_first_to_come_closes_the_other() -> None:
    play = Play("messages")
    play.do("send")
    play.deliver("answer", {})
    assert [t.node_id for t in play.deliver("receipt", {}).closed] == ["too_late"]
    other = Play("messages")
    other.do("send")
    other.deliver("answer", {})
    assert other.fire("too_late").end_node_id == "lapsed"


def test_a_user_task_takes_no_message_and_no_timer() -> None:
    play = Play("three_tasks")
    token = play.token("apply").token
    with pytest.raises(StateConflictError):
        engine.deliver_message(play.spec, play.step.state, token, {}, now=NOW)
    with pytest.raises(StateConflictError):
        engine.fire_timer(play.spec, play.step.state, token, now=NOW)


def test_cancelling_a_case_closes_everything() -> None:
    play = Play("parallel_branches")
    play.do("apply")
    step = engine.cancel(play.spec, play.step.state, now=NOW)
    assert (step.finished, step.end_node_id) == (True, None)
    assert sorted(t.node_id for t in step.closed) == ["left_first", "right"]
    assert engine.active(play.spec, step.state) == ()


def test_a_failing_condition_names_its_node_and_leaves_the_state_usable() -> None:
    play = Play("countersign", {"signers": "nobody"})
    state = play.step.state
    with pytest.raises(EngineError) as caught:
        play.do("draft")
    assert caught.value.node_id == "countersign"
    assert play.step.state == state
    play.step = engine.complete(play.spec, state, play.token("draft").token, {"draft": "ok", "signers": ["a"]}, now=NOW)
    assert play.nodes == ["countersign"]


def test_a_definition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(DefinitionError):
        engine.compile_spec(engine.Sources("a.bpmn", {"a.bpmn": b"<definitions/>"}))


def test_a_definition_the_check_refuses_is_not_compiled() -> None:
    sources = sources_of("rework_loop")
    broken = sources.files[sources.main].replace(b'check = "refuse"', b"check = unknown_name")
    with pytest.raises(DiagramRefusedError) as caught:
        engine.compile_spec(engine.Sources(sources.main, {sources.main: broken}))
    assert [finding.severity for finding in caught.value.findings] == ["error"]


def test_the_address_of_a_definition_changes_with_any_file_and_name() -> None:
    files = {"a.bpmn": b"one", "b.bpmn": b"two"}
    addresses = {
        engine.hash_sources(engine.Sources("a.bpmn", files)),
        engine.hash_sources(engine.Sources("b.bpmn", files)),
        engine.hash_sources(engine.Sources("a.bpmn", {**files, "b.bpmn": b"twO"})),
        engine.hash_sources(engine.Sources("a.bpmn", {"a.bpmn": b"one", "c.bpmn": b"two"})),
        engine.hash_sources(engine.Sources("a.bpmn", {"a.bpmn": b"on", "b.bpmn": b"etwo"})),
    }
    assert len(addresses) == 5
    assert engine.hash_sources(engine.Sources("a.bpmn", dict(reversed(files.items())))) in addresses


def test_the_store_restores_a_definition_once_and_forgets_the_least_used() -> None:
    payloads = {n: engine.compile_spec(sources_of(n)).payload for n in ("three_tasks", "service", "terminate")}
    loaded: list[str] = []

    def load(name: str) -> bytes:
        loaded.append(name)
        return payloads[name]

    store = engine.SpecStore(capacity=2)
    first = store.get("three_tasks", lambda: load("three_tasks"))
    store.get("service", lambda: load("service"))
    assert store.get("three_tasks", lambda: load("three_tasks")) is first
    store.get("terminate", lambda: load("terminate"))
    store.get("service", lambda: load("service"))
    assert loaded == ["three_tasks", "service", "terminate", "service"]


def test_threads_that_ask_at_once_share_one_definition() -> None:
    payload = engine.compile_spec(sources_of("three_tasks")).payload
    store = engine.SpecStore()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.get("three_tasks", lambda: payload), range(16)))
    assert len({id(spec) for spec in found}) == 1


def test_a_definition_carries_our_own_reading_of_its_files() -> None:
    assert "check" in spec_of("three_tasks").model.nodes


def test_every_diagram_of_the_tests_passes_the_check() -> None:
    for file in sorted(DIAGRAMS.glob("*.bpmn")):
        errors = [f for f in engine.check(sources_of(file.stem)) if f.severity == "error"]
        assert errors == [], file
