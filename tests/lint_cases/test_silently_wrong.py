"""Constructs that SpiffWorkflow 3.2.0 accepts and then gets wrong: one regression test for each."""

from __future__ import annotations

import pytest

from tests.lint_cases.snippets import END, START, errors, findings, flow, line, process, task

GATE = '<exclusiveGateway id="g" default="g_e"/>'
CHOICE = START + task("a") + GATE + task("b") + END + flow("s", "a") + flow("a", "g") + flow("b", "e") + flow("g", "e")

CIRCLE = line(task("a")) + task("x") + task("y") + flow("x", "y") + flow("y", "x")
PRE_SCRIPT = "<extensionElements><spiffworkflow:preScript>x</spiffworkflow:preScript></extensionElements>"


def boundary(definition: str, *, interrupting: str = "true") -> str:
    """A task with a boundary event that leads to an end of its own."""
    event = f'<boundaryEvent id="b" attachedToRef="a" cancelActivity="{interrupting}">{definition}</boundaryEvent>'
    return line(task("a")) + event + '<endEvent id="late"/>' + flow("b", "late")


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def event_subprocess(definition: str, *, interrupting: str = "true") -> str:
    start = f'<startEvent id="s2" isInterrupting="{interrupting}">{definition}</startEvent>'
    inside = start + END.replace('"e"', '"e2"') + flow("s2", "e2")
    return line(task("a")) + f'<subProcess id="x" triggeredByEvent="true">{inside}</subProcess>'


def catch(definition: str) -> str:
    return line(task("a"), f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>')


def throw(definition: str) -> str:
    return line(task("a"), f'<intermediateThrowEvent id="x">{definition}</intermediateThrowEvent>')


def ending(definition: str) -> str:
    return START + task("a") + f'<endEvent id="x">{definition}</endEvent>' + flow("s", "a") + flow("a", "x")


def choice(condition: str) -> str:
    return CHOICE + flow("g", "b", condition)


def chain(length: int) -> str:
    return line(*(task(f"t{n}") for n in range(length)))


SILENTLY_WRONG = {
    "flow without id": (line(task("a")).replace('id="s_a" ', ""), "id-missing", "s"),
    "signal end event": (ending('<signalEventDefinition signalRef="alarm"/>'), "event-signal", "x"),
    "compensation throw": (throw("<compensateEventDefinition/>"), "event-compensate", "x"),
    "compensation end": (ending("<compensateEventDefinition/>"), "event-compensate", "x"),
    "link throw": (throw('<linkEventDefinition name="l"/>'), "event-link", "x"),
    "link catch": (catch('<linkEventDefinition name="l"/>'), "event-link", "x"),
    "event sub-process by error": (
        event_subprocess("<errorEventDefinition/>"),
        "event-subprocess",
        "x",
    ),
    "event sub-process by escalation": (event_subprocess("<escalationEventDefinition/>"), "event-subprocess", "x"),
    "event sub-process by compensation": (event_subprocess("<compensateEventDefinition/>"), "event-subprocess", "x"),
    "interrupting event sub-process": (
        event_subprocess('<messageEventDefinition messageRef="news"/>'),
        "event-subprocess",
        "x",
    ),
    "interrupting cycle boundary": (boundary(timer("timeCycle", '"R3/P1D"')), "cycle-interrupts", "b"),
    "receive task without message": (line(task("x", "receiveTask")), "message-missing", "x"),
    "catch event without definition": (catch(""), "event-empty", "x"),
    "catch event with an unknown message": (catch('<messageEventDefinition messageRef="no"/>'), "message-missing", "x"),
    "timer throw": (throw(timer("timeDuration", '"P1D"')), "event-timer", "x"),
    "condition on a flow out of a task": (
        START + task("a") + END + flow("s", "a") + flow("a", "e", "a = 1"),
        "condition-ignored",
        "a_e",
    ),
    "condition on a flow out of a parallel gateway": (
        START
        + '<parallelGateway id="g"/>'
        + task("a")
        + END
        + flow("s", "g")
        + flow("g", "a", "a = 1")
        + flow("a", "e"),
        "condition-ignored",
        "g_a",
    ),
    "unreachable node": (line(task("a")) + task("x") + flow("x", "e"), "unreachable", "x"),
    "unreachable circle": (
        line(task("a")) + task("x") + task("y") + flow("x", "y") + flow("y", "x"),
        "unreachable",
        "x",
    ),
    "duplicate id": (line(task("a"), task("b")) + task("a"), "id-twice", "a"),
    "bad expression": (choice("a = = 1"), "condition-expression", "g_b"),
    "python expression": (choice("a == 'accept'"), "condition-expression", "g_b"),
    "misspelt name": (choice('aa = "accept"'), "condition-expression", "g_b"),
    "dollar expression": (choice("${a == 'x'}"), "condition-expression", "g_b"),
    "empty condition": (choice(""), "condition-empty", "g_b"),
    "unquoted duration": (catch(timer("timeDuration", "PT1S")), "timer-expression", "x"),
    "dollar duration": (catch(timer("timeDuration", "${days}")), "timer-expression", "x"),
    "cron": (boundary(timer("timeCycle", "0 0/5 * * * ?"), interrupting="false"), "timer-expression", "b"),
    "quoted cron": (boundary(timer("timeCycle", '"0 0/5 * * * ?"'), interrupting="false"), "timer-expression", "b"),
    "quoted nonsense": (catch(timer("timeDuration", '"three days"')), "timer-expression", "x"),
    "ad hoc sub-process": (line(task("x", "adHocSubProcess", inside=task("y"))), "ad-hoc", "x"),
    "decision table": (line(task("x", "businessRuleTask")), "rule-task", "x"),
    "chain beyond the recursion limit": (chain(490), "chain-too-long", "t349"),
    "script task": (line(task("x", "scriptTask", inside="<script>1</script>")), "script-task", "x"),
    "pre-script": (
        line(task("a", inside=PRE_SCRIPT)),
        "foreign-behaviour",
        "a",
    ),
}


@pytest.mark.parametrize(("inside", "code", "element_id"), SILENTLY_WRONG.values(), ids=SILENTLY_WRONG.keys())
def test_refused_with_the_element_and_plain_words(inside: str, code: str, element_id: str) -> None:
    found = [f for f in findings(inside) if (f.code, f.element_id) == (code, element_id) and f.severity == "error"]
    assert found, findings(inside)
    assert found[0].message.endswith("。")
    assert found[0].message_en.endswith(".")
    assert "{it}" not in found[0].message + found[0].message_en


def test_a_chain_of_three_hundred_and_fifty_is_no_error() -> None:
    assert errors(chain(348)) == set()


def test_the_same_id_in_two_files_is_refused() -> None:
    called = process(line(task("a")).replace('"s"', '"s3"').replace('"e"', '"e3"'), name="called")
    inside = line(task("a"), task("c", "callActivity", 'calledElement="called"'))
    assert ("id-twice", "a") in errors(inside, called)
