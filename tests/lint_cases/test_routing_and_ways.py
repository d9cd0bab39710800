"""Who does what, and ways that never end: the rest of what the lint asks."""

from __future__ import annotations

import pytest

from tests.lint_cases.snippets import END, START, diagram, errors, findings, flow, line, process, task
from tests.lint_cases.test_silently_wrong import choice
from tests.lint_cases.test_works import LIST, loop, nested
from workflows.engine import Sources, check

ROLE = 'lianban:role="lead"'


def routed(attributes: str, decisions: str = "") -> set[tuple[str, str | None]]:
    inside = f"<extensionElements>{decisions}</extensionElements>" if decisions else ""
    return errors(line(task("a", attributes=attributes, inside=inside), task("b", attributes=ROLE)), routing=True)


def test_a_well_routed_task_is_accepted() -> None:
    attributes = (
        'lianban:role="participant" lianban:duty="payer" lianban:post="reviewer" lianban:form="payment" '
        'lianban:workingDays="5" lianban:onExpiry="escalate" lianban:clock="pause" lianban:distinctFrom="b" '
        'lianban:effect="payment.review" lianban:message="news" lianban:nameEn="Review" lianban:member="applicant"'
    )
    decisions = '<lianban:decision id="agree" label="同意" labelEn="Agree" opinion="required"/>'
    assert routed(attributes, decisions) == set()


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ("", "role-missing"),
        ('lianban:role="boss"', "role-unknown"),
        ('lianban:role="participant"', "duty-missing"),
        (f'{ROLE} lianban:post="king"', "post-unknown"),
        (f'{ROLE} lianban:form="../etc"', "form-syntax"),
        (f'{ROLE} lianban:workingDays="-1"', "working-days"),
        (f'{ROLE} lianban:workingDays="５"', "working-days"),
        (f'{ROLE} lianban:onExpiry="escalate"', "expiry-without-days"),
        (f'{ROLE} lianban:workingDays="5" lianban:onExpiry="deem_no_opinion"', "deemed-agreement"),
        (
            'lianban:role="support" lianban:form="sum" lianban:workingDays="5" lianban:onExpiry="deem_no_opinion"',
            "deemed-certification",
        ),
        (f'{ROLE} lianban:workingDays="5" lianban:onExpiry="deem_withdrawn"', "deemed-withdrawal"),
        (f'{ROLE} lianban:distinctFrom="nobody"', "reference-missing"),
        (f'{ROLE} lianban:distinctFrom="a"', "reference-missing"),
        (f'{ROLE} lianban:effect="rm -rf"', "effect-syntax"),
        (f'{ROLE} lianban:member="issuer.county"', "member-expression"),
        (f'{ROLE} lianban:colour="red"', "attribute-unknown"),
        (f'{ROLE} camunda:assignee="kermit"', "foreign-behaviour"),
    ],
)
def test_a_wrong_routing_attribute_is_refused(attributes: str, code: str) -> None:
    assert (code, "a") in routed(attributes)


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ('<lianban:decision id="x" label="一"/><lianban:decision id="x" label="二"/>', "decision-twice"),
        ('<lianban:decision id="同意" label="同意"/>', "decision-incomplete"),
        ('<lianban:decision id="agree"/>', "decision-incomplete"),
        ('<lianban:decison id="agree" label="同意"/>', "element-unknown"),
        ('<lianban:decision id="agree" label="同意" colour="red"/>', "attribute-unknown"),
    ],
)
def test_a_wrong_decision_is_refused(decisions: str, code: str) -> None:
    assert (code, "a") in routed(ROLE, decisions)


def test_one_applicant_of_several_does_not_withdraw_for_all() -> None:
    silent = 'lianban:role="applicant" lianban:workingDays="10" lianban:onExpiry="deem_withdrawn"'
    repeated = errors(LIST + line(task("a", attributes=silent, inside=loop(result="a"))), routing=True)
    assert ("deemed-withdrawal-of-all", "a") in repeated
    assert errors(line(task("a", attributes=silent)), routing=True) == set()


@pytest.mark.parametrize(("days", "found"), [("28", []), ("0", ["working-days"]), ("a month", ["working-days"])])
def test_the_limit_of_a_whole_case_is_a_whole_number(days: str, found: list[str]) -> None:
    limited = process(line(task("a", attributes=ROLE)), f'isExecutable="true" lianban:workingDays="{days}"')
    sources = Sources("main.bpmn", {"main.bpmn": diagram(limited)})
    assert [finding.code for finding in check(sources) if finding.severity == "error"] == found


def test_a_condition_on_silence_is_not_doubted() -> None:
    decisions = '<extensionElements><lianban:decision id="agree" label="同意"/></extensionElements>'
    silent = choice('a = "deemed_no_opinion"').replace("></userTask>", f">{decisions}</userTask>", 1)
    assert [finding.code for finding in findings(silent)] == ["decision-unknown"]
    asked = silent.replace('id="a"', 'id="a" lianban:workingDays="5" lianban:onExpiry="deem_no_opinion"', 1)
    assert findings(asked) == ()


def test_foreign_decoration_is_only_a_warning() -> None:
    inside = '<extensionElements><camunda:colour value="red"/></extensionElements>'
    found = findings(line(task("a", inside=inside)))
    assert [(f.severity, f.code, f.element_id) for f in found] == [("warning", "foreign-element", "a")]


def test_a_condition_on_a_decision_nobody_offers_is_doubted() -> None:
    decisions = '<extensionElements><lianban:decision id="accept" label="受理"/></extensionElements>'
    offered = choice('a = "accept"').replace("></userTask>", f">{decisions}</userTask>", 1)
    misspelt = offered.replace('a = "accept"', 'a = "acept"')
    assert findings(offered) == ()
    assert [(f.severity, f.code, f.element_id) for f in findings(misspelt)] == [("warning", "decision-unknown", "g_b")]


def test_the_item_of_a_multi_instance_is_seen_inside_only() -> None:
    member = 'lianban:role="support" lianban:member="one.county"'
    assert errors(LIST + line(task("a", attributes=member, inside=loop(result="a")))) == set()
    assert ("member-expression", "a") in errors(LIST + line(task("a", attributes=member)))


def test_a_member_the_process_does_not_declare_is_refused() -> None:
    declared = LIST.replace("/>", ' fields="county name"/>')
    right, wrong = (f'lianban:role="support" lianban:member="one.{name}"' for name in ("county", "countty"))
    assert errors(declared + line(task("a", attributes=right, inside=loop(result="a")))) == set()
    assert ("member-expression", "a") in errors(declared + line(task("a", attributes=wrong, inside=loop(result="a"))))


def test_a_list_from_nowhere_is_refused() -> None:
    assert ("list-unknown", "x") in errors(nested(loop=loop()))


def test_a_result_nobody_sets_is_refused() -> None:
    assert ("result-unknown", "x") in errors(LIST + nested(loop=loop(result="iner")))


def test_what_is_decided_inside_an_instance_is_not_seen_outside() -> None:
    gate = '<exclusiveGateway id="g" default="g_e"/>'
    after = gate + task("b") + flow("x", "g") + flow("g", "e") + flow("b", "e")
    inside = (LIST + nested(loop=loop())).replace(flow("x", "e"), after)
    assert errors(inside + flow("g", "b", 'count(results[item = "ok"]) > 1'.replace(">", "&gt;"))) == set()
    assert ("condition-expression", "g_b") in errors(inside + flow("g", "b", 'inner = "ok"'))


def test_an_endless_loop_without_a_person_is_refused() -> None:
    gates = '<exclusiveGateway id="g"/><exclusiveGateway id="h" default="h_g"/>'
    inside = START + gates + END + flow("s", "g") + flow("g", "h") + flow("h", "g")
    assert ("endless-loop", "g") in errors(inside + flow("h", "e", 'applicant = "x"'))


def test_a_loop_nobody_can_leave_is_refused() -> None:
    inside = START + task("a") + task("b") + END + flow("s", "a") + flow("a", "b") + flow("b", "a")
    assert {"no-way-out", "unreachable"} <= {code for code, _ in errors(inside)}


@pytest.mark.parametrize(
    ("inside", "code", "element_id"),
    [
        (START + task("a") + flow("s", "a"), "dead-end", "a"),
        (line(task("a")).replace(START, ""), "flow-end-missing", "s_a"),
        (
            START + task("a") + task("b") + END + flow("s", "a") + flow("a", "b") + flow("a", "e") + flow("b", "e"),
            "implicit-fork",
            "a",
        ),
        (line(task("a")) + flow("e", "a"), "end-left", "e"),
        (line(task("a")) + flow("a", "s"), "start-entered", "s"),
        (line(task("c", "callActivity", 'calledElement="nowhere"')), "called-process-missing", "c"),
        (line(task("c", "callActivity", 'calledElement="p"')), "process-calls-itself", "c"),
        (line(task("a", attributes='isForCompensation="true"')), "attribute-value", "a"),
        (line(task("typename")), "id-reserved", "typename"),
        (line(task("a"), '<complexGateway id="g"/>'), "complex-gateway", "g"),
        (line(task("a", inside="<standardLoopCharacteristics/>")), "loop-marker", "a"),
        (line(task("a", inside='<potentialOwner id="o"/>')), "element-unknown", "o"),
    ],
)
def test_other_mistakes_of_drawing_are_refused(inside: str, code: str, element_id: str) -> None:
    assert (code, element_id) in errors(inside)


def test_a_flow_across_a_border_is_refused() -> None:
    assert ("flow-crosses", "wrong") in errors(nested() + flow("s", "inner", name="wrong"))


def test_processes_that_call_each_other_are_refused() -> None:
    inner = line(task("c2", "callActivity", 'calledElement="p"')).replace('"s"', '"s2"').replace('"e"', '"e2"')
    called = process(inner, name="q")
    assert any(
        code == "process-calls-itself"
        for code, _ in errors(line(task("c", "callActivity", 'calledElement="q"')), called)
    )


def test_a_diagram_without_executable_process_is_refused() -> None:
    from tests.lint_cases.snippets import diagram
    from workflows.engine import Sources, check

    data = diagram(process(line(task("a")), 'isExecutable="false"'))
    assert [f.code for f in check(Sources("m", {"m": data}))] == ["no-process"]
