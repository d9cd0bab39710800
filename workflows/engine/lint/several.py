"""Steps that several do: who they are, how many must answer, and which figures joint leads sign for."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.completion import UNTIL_DUE, is_rule
from workflows.engine.findings import Finding
from workflows.engine.lint.diagram import Diagram, about_node
from workflows.engine.model import Node
from workflows.engine.types import GROUPS

_ROLE_OF = {"leads": "lead", "supports": "support"}


def check_several(diagram: Diagram) -> Iterator[Finding]:
    """Lists of agencies, completion rules and figures."""
    signed = any(_list(node) == "leads" for node in diagram.model.nodes.values())
    for node in diagram.model.nodes.values():
        yield from _members(node)
        if "completion" in node.attributes:
            yield from _completion(node, node.attributes["completion"])
        if "figures" in node.attributes and (node.attributes.get("role") != "lead" or not signed):
            yield about_node(
                "error",
                "figures-unsigned",
                node,
                "{it}写了金额等数字（figures），但不是主办环节，或者流程中没有联合主办会签（清单 leads）的环节。",
                "{it} names figures but is not a step of the lead, or no step of the process is signed by the leads.",
            )


def _list(node: Node) -> str | None:
    return None if node.multi_instance is None else node.multi_instance.input_name


def _members(node: Node) -> Iterator[Finding]:
    name = _list(node)
    if name not in GROUPS or node.kind != "userTask":
        return
    role = _ROLE_OF[name]
    if node.attributes.get("role") != role or "member" not in node.attributes:
        yield about_node(
            "error",
            "group-member",
            node,
            f"{{it}}按清单 {name} 逐单位办理，role 应为 {role}，并用 member 写明每一项的名称。",
            f"{{it}} is repeated over {name}: its role must be {role}, and its member must name the element.",
        )


def _completion(node: Node, rule: str) -> Iterator[Finding]:
    if not is_rule(rule):
        yield about_node(
            "error",
            "completion-rule",
            node,
            f"{{it}}的完成规则（completion）“{rule[:20]}”不合写法，应为 all、until_due、家数（如 2）或比例（如 60%）。",
            f"the completion rule “{rule[:20]}” of {{it}} is not understood; write all, until_due, a number such as 2, "
            "or a share such as 60%.",
        )
    elif node.multi_instance is None:
        yield about_node(
            "error",
            "completion-of-one",
            node,
            "{it}只由一个单位办理，不能写完成规则（completion）。",
            "{it} is done by one agency only and takes no completion rule.",
        )
    elif node.multi_instance.completion_condition:
        yield about_node(
            "error",
            "completion-twice",
            node,
            "{it}既有完成规则（completion），又有完成条件（completionCondition），请只留一个。",
            "{it} has both a completion rule and a completion condition; keep one.",
        )
    elif rule == UNTIL_DUE and node.attributes.get("onExpiry") != "deem_no_opinion":
        yield about_node(
            "error",
            "until-due-silence",
            node,
            "{it}到期即结束（until_due），未答复的视为无意见，只能用于协办意见；"
            "请写时限并把 onExpiry 设为 deem_no_opinion。",
            "{it} ends when it is due and counts silence as no opinion, which only supporting opinions may: "
            "give it a time limit and onExpiry deem_no_opinion.",
        )
