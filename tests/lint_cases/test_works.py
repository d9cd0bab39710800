"""Constructs that work are accepted, and parse into all their nodes and flows."""

from __future__ import annotations

import pytest

from tests.lint_cases.snippets import END, START, errors, flow, line, process, task
from tests.lint_cases.test_silently_wrong import boundary, catch, choice, ending, throw, timer

MESSAGE = '<messageEventDefinition messageRef="news"/>'
COMPLETION = '<completionCondition>nrOfCompletedInstances &gt; 1 and inner = "x"</completionCondition>'
THREE = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
LIST = '<extensionElements><lianban:variable name="list" type="list"/></extensionElements>'


def nested(kind: str = "subProcess", loop: str = "", inside: str = "") -> str:
    body = (
        loop
        + '<startEvent id="s2"/>'
        + task("inner")
        + '<endEvent id="e2"/>'
        + flow("s2", "inner")
        + flow("inner", "e2")
    )
    return line(task("x", kind, inside=body + inside))


def loop(extra: str = "", *, sequential: str = "false", result: str = "inner") -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopDataInputRef>list</loopDataInputRef>'
        f'<loopDataOutputRef>results</loopDataOutputRef><inputDataItem name="one"/><outputDataItem name="{result}"/>'
        f"{extra}</multiInstanceLoopCharacteristics>"
    )


def gateway(kind: str, conditions: tuple[str | None, str | None], default: str = "") -> str:
    nodes = START + f'<{kind} id="g" {default}/>' + task("a") + task("b") + f'<{kind} id="j"/>' + END
    forks = flow("g", "a", conditions[0]) + flow("g", "b", conditions[1])
    return nodes + flow("s", "g") + forks + flow("a", "j") + flow("b", "j") + flow("j", "e")


CALLED = process(
    '<startEvent id="s3"/>' + task("pay") + '<endEvent id="e3"/>' + flow("s3", "pay") + flow("pay", "e3"), name="called"
)
LANES = '<laneSet id="ls"><lane id="l" name="市级"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
EVENT_GATEWAY = (
    START + '<eventBasedGateway id="g"/>' + f'<intermediateCatchEvent id="m">{MESSAGE}</intermediateCatchEvent>'
    + f'<intermediateCatchEvent id="t">{timer("timeDuration", chr(34) + "P3D" + chr(34))}</intermediateCatchEvent>'
    + END + '<endEvent id="late"/>'
    + flow("s", "g") + flow("g", "m") + flow("g", "t") + flow("m", "e") + flow("t", "late")
)  # fmt: skip

WORKS = {
    "user task": line(task("a")),
    "manual task": line(task("a", "manualTask")),
    "service task": line(task("a", "serviceTask")),
    "send task": line(task("a", "sendTask", 'messageRef="news"')),
    "receive task": line(task("a", "receiveTask", 'messageRef="news"')),
    "embedded sub-process": nested(),
    "lanes": LANES + line(task("a")),
    "exclusive gateway": choice('a = "accept"'),
    "exclusive merge": gateway("exclusiveGateway", ("1 = 1", None), 'default="g_b"'),
    "inclusive gateway": gateway("inclusiveGateway", ('applicant = "x"', None), 'default="g_b"'),
    "parallel gateway": gateway("parallelGateway", (None, None)),
    "event-based gateway": EVENT_GATEWAY,
    "duration timer": catch(timer("timeDuration", '"PT1S"')),
    "temporal literal": catch(timer("timeDuration", '@"P3D"')),
    "date timer": catch(timer("timeDate", '"2026-01-01T09:00:00+08:00"')),
    "working days timer": boundary(timer("timeDate", "due_workdays(5)")),
    "non-interrupting cycle": boundary(timer("timeCycle", '"R3/P1D"'), interrupting="false"),
    "boundary timer": boundary(timer("timeDuration", '"P3D"')),
    "boundary message": boundary(MESSAGE),
    "boundary error": boundary('<errorEventDefinition errorRef="fault"/>'),
    "boundary escalation": boundary('<escalationEventDefinition escalationRef="call"/>', interrupting="false"),
    "message catch": catch(MESSAGE),
    "message throw": throw(MESSAGE),
    "terminate end": ending("<terminateEventDefinition/>"),
    "data object": line(task("a")) + '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>',
    "parallel multi-instance": LIST + nested(loop=loop(COMPLETION)),
    "sequential multi-instance": LIST + nested(loop=loop(sequential="true")),
    "multi-instance user task": LIST + line(task("a", inside=loop(result="a"))),
    "cardinality": line(task("a", inside=THREE)),
    "transaction": nested("transaction"),
    "several start events": line(task("a")) + f'<startEvent id="s9">{MESSAGE}</startEvent>' + flow("s9", "a"),
    "loop back to an earlier task": choice('a = "accept"').replace(flow("b", "e"), flow("b", "a")),
    "annotation": line(task("a")) + '<textAnnotation id="n"><text>注</text></textAnnotation>',
    "comment in a condition": choice('a = "accept" <!-- 受理 -->'),
}


@pytest.mark.parametrize("inside", WORKS.values(), ids=WORKS.keys())
def test_accepted(inside: str) -> None:
    assert errors(inside) == set()


def test_a_decision_may_be_named_like_a_step() -> None:
    decisions = '<extensionElements><lianban:decision id="b" label="补正"/></extensionElements>'
    assert errors(line(task("b"), task("a", inside=decisions))) == set()


def test_a_comment_does_not_cut_a_condition_in_two() -> None:
    assert errors(choice('a <!-- 形式审查 --> = "accept"')) == set()
    assert ("condition-expression", "g_b") in errors(choice('a <!-- 形式审查 --> = = "accept"'))


def test_call_activity_is_accepted() -> None:
    assert errors(line(task("c", "callActivity", 'calledElement="called"')), CALLED) == set()


def test_cancelled_transaction_is_accepted() -> None:
    cancelled = '<startEvent id="s2"/><endEvent id="e2"><cancelEventDefinition/></endEvent>' + task("inner")
    body = cancelled + flow("s2", "inner") + flow("inner", "e2")
    inside = line(task("x", "transaction", inside=body))
    inside += (
        '<boundaryEvent id="b" attachedToRef="x"><cancelEventDefinition/></boundaryEvent><endEvent id="c"/>'
        + flow("b", "c")
    )
    assert errors(inside) == set()
