"""How many of those asked must have answered before a repeated step is done (`lianban:completion`)."""

from __future__ import annotations

import re

from lxml import etree

from workflows.engine.xml import BPMN_TAG, LIANBAN_TAG, Element

UNTIL_DUE = "until_due"
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_RATIO = re.compile(r"(100|[1-9][0-9]?)%")


def is_rule(text: str) -> bool:
    """Tell whether a text is a completion rule: `all`, `until_due`, a number, or a percentage."""
    return text in ("all", UNTIL_DUE) or bool(_NUMBER.fullmatch(text) or _RATIO.fullmatch(text))


def condition_of(rule: str) -> str | None:
    """Return the completion condition (BPMN 2.0.2, 10.3.8) that a rule stands for; None where all must answer.

    For `until_due` it is the clock that ends the step before all have answered.
    """
    if _NUMBER.fullmatch(rule):
        return f"nrOfCompletedInstances >= {rule}"
    if _RATIO.fullmatch(rule):
        return f"nrOfCompletedInstances * 100 >= nrOfInstances * {rule.removesuffix('%')}"
    return None


def write_conditions(root: Element) -> None:
    """Put the condition of each rule where the engine reads it."""
    for loop in root.iter(f"{BPMN_TAG}multiInstanceLoopCharacteristics"):
        activity = loop.getparent()
        rule = None if activity is None else activity.get(f"{LIANBAN_TAG}completion")
        condition = condition_of(rule) if rule else None
        if condition is not None and loop.find(f"{BPMN_TAG}completionCondition") is None:
            etree.SubElement(loop, f"{BPMN_TAG}completionCondition").text = condition
