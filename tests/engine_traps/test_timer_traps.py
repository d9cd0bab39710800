"""Timers fire because a due row says so, and only then."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.engine_traps import stock
from tests.factories.play import NOW, Play, play_sources
from workflows import engine
from workflows.engine import Sources, restore
from workflows.engine.store import compile_unchecked
from workflows.errors import DefinitionError, EngineError


def event(timer: str) -> Sources:
    definition = f"<bpmn:timerEventDefinition>{timer}</bpmn:timerEventDefinition>"
    catch = f'<bpmn:intermediateCatchEvent id="t">{definition}</bpmn:intermediateCatchEvent>'
    return stock.diagram(f'<bpmn:startEvent id="s" />{catch}<bpmn:endEvent id="e" />{stock.chain("s", "t", "e")}')


def due(timer: str, **variables: object) -> datetime:
    return play_sources(event(timer), variables).step.timers[0].due_at


def duration(text: str) -> str:
    return f"<bpmn:timeDuration>{text}</bpmn:timeDuration>"


def at(text: str) -> str:
    return f"<bpmn:timeDate>{text}</bpmn:timeDate>"


def test_stock_looks_at_the_clock_itself() -> None:
    workflow = stock.begin(event(duration('"PT0.01S"')))
    time.sleep(0.02)
    workflow.do_engine_steps()
    workflow.do_engine_steps()
    assert workflow.is_completed()


def test_ours_never_looks_at_the_clock() -> None:
    play = Play("boundary_timers")
    with time_machine.travel(NOW + timedelta(days=4000)):
        play.do("apply")
        assert play.nodes == ["late", "opinion", "slow"]
        assert play.step.timers[0].due_at == NOW + timedelta(days=2)


def test_an_instant_without_zone_is_read_in_the_offices_zone_and_stored_with_its_offset() -> None:
    with time_machine.travel(NOW, tick=False):
        assert due(at('"2026-06-01T08:00:00"')) == datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
    assert due(at("due"), due=datetime(2026, 6, 1, 8)) == datetime(2026, 6, 1, 0, 0, tzinfo=UTC)  # noqa: DTZ001
    assert due(at('date("2026-06-01")')) == datetime(2026, 5, 31, 16, 0, tzinfo=UTC)


def test_an_unquoted_duration_means_the_same_as_a_quoted_one() -> None:
    assert due(duration("PT36H")) == due(duration('"PT36H"')) == due(duration('duration("PT36H")'))


def test_a_month_from_the_31st_ends_with_the_month() -> None:
    started = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
    play = Play(play_sources(event(duration('"P1M"'))).spec, now=started)
    assert play.step.timers[0].due_at == datetime(2026, 2, 28, 2, 0, tzinfo=UTC)
    assert due(duration('duration("P1Y")')) == datetime(2027, 3, 2, 1, 0, tzinfo=UTC)


def test_a_timer_set_to_nothing_is_an_error_naming_its_node() -> None:
    with pytest.raises(EngineError) as caught:
        play_sources(event(at("nothing")))
    assert caught.value.node_id == "t"


def test_cron_and_placeholders_are_refused_with_the_definition() -> None:
    for text in ("${due}", "0 0 * * *"):
        with pytest.raises(DefinitionError):
            play_sources(event(at(text)))


def test_rounds_missed_in_an_outage_fire_once() -> None:
    play = Play("weekly_reminder")
    play.now = NOW + timedelta(days=15)
    step = play.fire("weekly")
    assert [t.node_id for t in step.opened] == ["remind"]
    assert [t.due_at for t in step.timers] == [NOW + timedelta(days=21)]


def test_stock_does_not_tell_the_timers_behind_an_event_gateway() -> None:
    workflow = stock.begin("messages")
    stock.do(workflow, "send")
    waiting = workflow.waiting_events()
    assert not any("Timer" in entry.event_type for entry in waiting)


def test_ours_asks_to_be_woken_for_a_timer_behind_an_event_gateway() -> None:
    play = Play("messages")
    play.do("send")
    step = play.deliver("answer", {})
    assert [(t.node_id, t.due_at) for t in step.timers] == [("too_late", NOW + timedelta(hours=12))]


def test_a_running_timer_is_asked_for_only_once() -> None:
    play = Play("boundary_timers")
    assert len(play.do("apply").timers) == 2
    assert play.fire("slow").timers == ()


def test_a_timer_may_count_working_days_by_the_calendar_it_is_given() -> None:
    compiled = compile_unchecked(event(at("due_workdays(10)")))
    spec = restore(compiled.sha256, compiled.payload)
    step = engine.start(spec, {}, now=NOW, workdays=lambda now, days: now + timedelta(days=days + 4))
    assert step.timers[0].due_at == NOW + timedelta(days=14)
    with pytest.raises(EngineError, match="no working calendar"):
        engine.start(spec, {}, now=NOW)
