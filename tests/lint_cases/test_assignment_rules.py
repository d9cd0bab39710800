"""What follows when nobody may be offered a step: what the lint takes and what it refuses."""

from __future__ import annotations

import pytest

from tests.lint_cases.snippets import diagram, line, process, task
from workflows.engine import Finding, Sources, check

ROLE = 'lianban:role="lead"'
ONE = '<lianban:decision id="agree" label="同意"/>'
TWO = ONE + '<lianban:decision id="refuse" label="不同意"/>'


def found(attributes: str, decisions: str = ONE, of_process: str = "") -> list[Finding]:
    inside = f"<extensionElements>{decisions}</extensionElements>"
    nodes = line(task("b", attributes=ROLE, inside=inside), task("a", attributes=attributes, inside=inside))
    whole = diagram(process(nodes, f'isExecutable="true" {of_process}'))
    return [each for each in check(Sources("main.bpmn", {"main.bpmn": whole})) if each.severity == "error"]


def codes(*args: str, **kwargs: str) -> set[tuple[str, str | None]]:
    return {(each.code, each.element_id) for each in found(*args, **kwargs)}


@pytest.mark.parametrize("rule", ["refuse", "pass_with_record", "next_superior"])
def test_each_rule_may_stand_for_each_cause_at_a_step_that_only_agrees(rule: str) -> None:
    for name in ("ifNobody", "ifApplicant", "ifSamePerson"):
        assert codes(f'{ROLE} lianban:distinctFrom="b" lianban:{name}="{rule}"') == set()


@pytest.mark.parametrize("name", ["ifNobody", "ifSamePerson", "ifApplicant"])
def test_another_word_is_no_rule(name: str) -> None:
    attributes = f'{ROLE} lianban:distinctFrom="b" lianban:{name}="ignore"'
    assert codes(attributes) == {(f"{name.lower()}-unknown", "a")}
    assert (f"{name.lower()}-unknown", "p") in codes(ROLE, of_process=f'lianban:{name}="ignore"')


@pytest.mark.parametrize(
    "certifying",
    [
        'lianban:post="reviewer" lianban:effect="payment.review"',
        'lianban:form="sum"',
    ],
)
@pytest.mark.parametrize("of_process", [True, False])
def test_what_moves_money_or_recognises_figures_never_passes_by_rule(certifying: str, of_process: bool) -> None:
    rule = 'lianban:ifNobody="pass_with_record"'
    wrong = found(f"{ROLE} {certifying}", of_process=rule) if of_process else found(f"{ROLE} {certifying} {rule}")
    assert [(each.code, each.element_id) for each in wrong] == [("pass-certifies", "a")]
    assert "不得按规则通过" in wrong[0].message
    assert "a任务" in wrong[0].message
    assert "cannot pass by rule" in wrong[0].message_en


def test_a_step_may_say_otherwise_than_its_process() -> None:
    of_process = 'lianban:ifNobody="pass_with_record"'
    assert codes(f'{ROLE} lianban:form="sum" lianban:ifNobody="refuse"', of_process=of_process) == set()


def test_of_several_decisions_the_one_it_passes_with_is_named() -> None:
    rule = f'{ROLE} lianban:ifNobody="pass_with_record"'
    assert codes(rule, TWO) == {("pass-decision-missing", "a")}
    assert codes(f'{rule} lianban:passDecision="agree"', TWO) == set()
    assert codes(f'{rule} lianban:passDecision="maybe"', TWO) == {("pass-decision-unknown", "a")}


def test_joint_leads_sign_themselves() -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>leads</loopDataInputRef>"
        '<inputDataItem id="i" name="one"/></multiInstanceLoopCharacteristics>'
    )
    inside = f"<extensionElements>{ONE}</extensionElements>{loop}"
    node = task("a", attributes=f'{ROLE} lianban:member="one" lianban:ifNobody="pass_with_record"', inside=inside)
    wrong = check(Sources("main.bpmn", {"main.bpmn": diagram(process(line(node)))}))
    assert ("pass-certifies", "a") in {(each.code, each.element_id) for each in wrong}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        (f'{ROLE} lianban:effect="payment.propose" lianban:ifNobody="next_superior"', "superior-of-money"),
        ('lianban:role="applicant" lianban:ifNobody="refuse"', "rule-not-offered"),
        (f'{ROLE} lianban:message="news" lianban:ifNobody="next_superior"', "rule-not-offered"),
        (f'{ROLE} lianban:ifSamePerson="refuse"', "same-person-as-whom"),
    ],
)
def test_a_rule_that_could_not_act_is_refused(attributes: str, code: str) -> None:
    assert codes(attributes) == {(code, "a")}
