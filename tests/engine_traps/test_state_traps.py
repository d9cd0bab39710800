"""What is stored of a case."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
import zstandard
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from tests.engine_traps import stock
from tests.factories.play import NOW, Play, play_sources, spec_of
from workflows import engine
from workflows.engine.compiler import REGISTRY
from workflows.errors import DefinitionError, EngineError

TYPED: dict[str, Any] = {
    "amount": Decimal("750000.00"),
    "on": date(2026, 2, 28),
    "at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "id": UUID("12345678-1234-5678-1234-567812345678"),
    "seal": b"\x00\xff",
    "large": 2**70,
    "nested": [{"rate": Decimal("0.015"), "days": [date(2026, 1, 31)]}],
}


def test_stock_cannot_load_a_case_with_a_variable_named_typename() -> None:
    workflow = stock.begin("three_tasks")
    stock.do(workflow, "apply", applicant={"typename": "Company"})
    with pytest.raises(Exception, match=r".*"):
        stock.save_and_load(workflow)


def test_a_variable_named_typename_is_harmless() -> None:
    play = Play("three_tasks", {"typename": "Task", "applicant": {"typename": "Company"}})
    play.do("apply", {"typename": "BpmnWorkflow"})
    variables = play.token("check").variables
    assert variables == {
        "typename": "Task",
        "applicant": {"typename": "Company"},
        "apply": {"typename": "BpmnWorkflow"},
    }


def test_stock_cannot_store_a_decimal() -> None:
    workflow = stock.begin("three_tasks")
    stock.do(workflow, "apply", amount=Decimal("1.50"))
    with pytest.raises(TypeError):
        BpmnWorkflowSerializer().serialize_json(workflow)


def test_decimals_dates_uuids_and_bytes_come_back_as_they_were() -> None:
    play = Play("three_tasks", TYPED)
    play.do("apply")
    variables = dict(play.token("check").variables)
    del variables["apply"]
    assert variables == TYPED
    assert {k: type(v) for k, v in variables.items()} == {k: type(v) for k, v in TYPED.items()}


def test_a_variable_of_a_type_without_codec_is_refused_before_anything_is_stored() -> None:
    play = Play("three_tasks")
    with pytest.raises(EngineError):
        play.do("apply", object())
    assert play.nodes == ["apply"]


def test_stock_reads_wrong_data_when_the_store_reorders_keys() -> None:
    workflow = stock.begin("three_tasks")
    stock.do(workflow, "apply", amount=5)
    serializer = BpmnWorkflowSerializer()
    document = json.loads(serializer.serialize_json(workflow))
    document["tasks"] = dict(reversed(document["tasks"].items()))
    loaded = serializer.deserialize_json(json.dumps(document))
    assert stock.ready(workflow)[0].data == {"amount": 5}
    assert stock.ready(loaded)[0].data != {"amount": 5}


def test_our_state_depends_on_no_order_of_keys() -> None:
    play = Play("issuers", {"issuers": ["first", "second"], "amount": 5})
    play.do("apply")
    document = orjson.loads(zstandard.decompress(play.step.state))
    shuffled = zstandard.compress(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))
    assert engine.active(play.spec, shuffled) == play.open


def test_the_definition_is_not_in_the_state() -> None:
    play = Play("twelve_tasks")
    text = zstandard.decompress(play.step.state)
    assert b"step_01" in text
    assert b"step_05" not in text
    assert len(play.step.state) < 200


def test_stock_wedges_without_a_word_in_a_loop_of_some_hundred_rounds() -> None:
    steps = [f"g{n}" for n in range(8)]
    gateways = "".join(f'<bpmn:exclusiveGateway id="{g}" />' for g in steps)
    sources = stock.diagram(
        f'<bpmn:startEvent id="s" />{stock.user("check")}{gateways}{stock.chain("s", "check", *steps, "check")}'
    )
    workflow = stock.begin(sources)
    for _ in range(111):
        stock.do(workflow, "check")
    assert stock.names(workflow) == []
    assert workflow.is_completed()


def test_a_loop_of_a_thousand_completed_tasks_goes_on_and_stays_small() -> None:
    play = Play("rework_loop")
    play.do("apply")
    play.do("check", "supplement")
    early = len(play.step.state)
    for _ in range(500):
        play.do("supplement")
        play.do("check", "supplement")
    assert play.nodes == ["supplement"]
    assert len(play.step.state) <= early + 10
    play.do("supplement")
    assert play.do("check", "accept").end_node_id == "done"


def test_a_loop_with_attached_timers_and_signers_goes_on_and_stays_small() -> None:
    play = Play("boundary_timers")
    play.do("apply")
    early = len(play.step.state)
    for _ in range(100):
        play.do("opinion")
        play.back("decide", "opinion")
    assert play.nodes == ["late", "opinion", "slow"]
    assert len(play.step.state) <= early + 20


def test_a_loop_over_a_countersign_goes_on_and_stays_small() -> None:
    play = Play("countersign", {"signers": ["a", "b"]})
    play.do("draft")
    early = len(play.step.state)
    for _ in range(100):
        play.do("countersign", "x", "a")
        play.do("countersign", "y", "b")
        play.back("issue", "countersign")
    assert len(play.step.state) <= early + 20


def test_cases_do_not_change_the_definition_they_share() -> None:
    for name in ("issuers", "boundary_timers", "messages", "countersign", "error_boundary"):
        spec = spec_of(name)
        before = orjson.dumps([REGISTRY.convert(spec.process), *map(REGISTRY.convert, spec.subprocesses.values())])
        play = Play(name, {"issuers": [1, 2], "signers": ["a", "b"]})
        for _ in range(6):
            for token in play.open:
                if token.kind == "user" and token in play.open:
                    play.step = engine.complete(spec, play.step.state, token.token, {token.node_id: "ok"}, now=NOW)
        after = orjson.dumps([REGISTRY.convert(spec.process), *map(REGISTRY.convert, spec.subprocesses.values())])
        assert after == before


def test_threads_may_share_a_definition() -> None:
    def play(number: int) -> tuple[int, str | None]:
        case = Play("issuers", {"issuers": list(range(number % 4 + 1))})
        case.do("apply")
        while not case.step.finished:
            token = case.open[-1]
            case.step = engine.complete(case.spec, case.step.state, token.token, {token.node_id: "ok"}, now=NOW)
        return number, case.step.end_node_id

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(play, range(40))) == [(n, "done") for n in range(40)]


def test_a_chain_too_long_for_the_library_is_refused_with_the_definition() -> None:
    ids = [f"t{n}" for n in range(900)]
    sources = stock.diagram(
        f'<bpmn:startEvent id="s" />{stock.user(*ids)}<bpmn:endEvent id="e" />{stock.chain("s", *ids, "e")}'
    )
    with pytest.raises(DefinitionError):
        play_sources(sources)


def test_a_state_that_cannot_be_read_is_an_engine_error() -> None:
    with pytest.raises(EngineError):
        engine.active(spec_of("three_tasks"), b"not a state")
    later = zstandard.compress(orjson.dumps([99, 1, [], {}, {}]))
    with pytest.raises(EngineError, match="state version 99"):
        engine.active(spec_of("three_tasks"), later)
