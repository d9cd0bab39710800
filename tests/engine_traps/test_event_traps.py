"""Events between a sub-process and what surrounds it, through saved states."""

from __future__ import annotations

from tests.engine_traps import stock
from tests.factories.play import play_sources
from workflows import engine
from workflows.engine import Sources

ESCALATION = '<bpmn:escalationEventDefinition escalationRef="esc" />'


def _sub_process(inner: str, boundary: str) -> Sources:
    body = (
        f'<bpmn:startEvent id="s" /><bpmn:subProcess id="sub">{inner}</bpmn:subProcess>{boundary}'
        f'{stock.user("next", "aside")}<bpmn:endEvent id="e" /><bpmn:endEvent id="e2" />'
        f"{stock.chain('s', 'sub', 'next', 'e')}{stock.chain('b', 'aside', 'e2')}"
    )
    text = stock.HEAD.replace(
        "<bpmn:process", '<bpmn:escalation id="esc" name="esc" escalationCode="esc" /><bpmn:process'
    )
    return Sources("p.bpmn", {"p.bpmn": (text + body + stock.TAIL).encode()})


def test_an_escalation_opens_a_branch_beside_the_sub_process() -> None:
    inner = (
        f'<bpmn:startEvent id="is" />{stock.user("one", "two")}<bpmn:intermediateThrowEvent id="up">{ESCALATION}'
        f'</bpmn:intermediateThrowEvent><bpmn:endEvent id="ie" />{stock.chain("is", "one", "up", "two", "ie")}'
    )
    boundary = (
        f'<bpmn:boundaryEvent id="b" attachedToRef="sub" cancelActivity="false">{ESCALATION}</bpmn:boundaryEvent>'
    )
    play = play_sources(_sub_process(inner, boundary))
    play.do("one")
    assert play.nodes == ["aside", "two"]
    play.do("aside")
    play.do("two")
    assert play.do("next").end_node_id == "e"


def test_a_message_at_the_border_takes_the_sub_process_away() -> None:
    inner = f'<bpmn:startEvent id="is" />{stock.user("one")}<bpmn:endEvent id="ie" />{stock.chain("is", "one", "ie")}'
    boundary = (
        '<bpmn:boundaryEvent id="b" attachedToRef="sub" cancelActivity="true">'
        '<bpmn:messageEventDefinition messageRef="m" /></bpmn:boundaryEvent>'
    )
    play = play_sources(_sub_process(inner, boundary))
    assert play.nodes == ["b", "one"]
    step = play.deliver("b", {"withdrawn": True})
    assert [t.node_id for t in step.closed] == ["one"]
    assert play.token("aside").variables == {"withdrawn": True}


def test_a_cancelled_transaction_goes_on_at_its_border() -> None:
    inner = (
        f'<bpmn:startEvent id="is" />{stock.user("one")}<bpmn:endEvent id="ie"><bpmn:cancelEventDefinition />'
        f"</bpmn:endEvent>{stock.chain('is', 'one', 'ie')}"
    )
    boundary = '<bpmn:boundaryEvent id="b" attachedToRef="sub"><bpmn:cancelEventDefinition /></bpmn:boundaryEvent>'
    sources = _sub_process(inner, boundary)
    text = sources.files["p.bpmn"].replace(b"bpmn:subProcess", b"bpmn:transaction")
    play = play_sources(Sources("p.bpmn", {"p.bpmn": text}))
    play.do("one")
    assert play.nodes == ["aside"]


def test_service_and_receive_tasks_may_be_repeated_too() -> None:
    for kind in ('serviceTask id="t"', 'receiveTask id="t" messageRef="m"'):
        loop = (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
            "<bpmn:loopDataOutputRef>found</bpmn:loopDataOutputRef></bpmn:multiInstanceLoopCharacteristics>"
        )
        name = kind.split()[0]
        sources = stock.diagram(
            f'<bpmn:startEvent id="s" /><bpmn:{kind}>{loop}</bpmn:{name}>{stock.user("after")}<bpmn:endEvent id="e" />'
            + stock.chain("s", "t", "after", "e")
        )
        play = play_sources(sources, {"items": ["x", "y"]})
        for item in ("y", "x"):
            token = play.token("t", item).token
            move = engine.complete if name == "serviceTask" else engine.deliver_message
            play.step = move(play.spec, play.step.state, token, {"t": f"of {item}"}, now=play.now)
        assert play.token("after").variables["found"] == ["of x", "of y"]
