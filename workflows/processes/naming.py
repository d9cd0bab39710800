"""What a version holds beside its diagrams: the forms and effects these name, and the checklist of its papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workflows.engine import Finding, read_model
from workflows.engine.lint import check
from workflows.engine.model import Node
from workflows.errors import DefinitionError
from workflows.processes.materials import check_checklist
from workflows.processes.sources import ProcessFiles

_OFFERED: list[Callable[[], frozenset[str]]] = []


def offer_effects(names: Callable[[], frozenset[str]]) -> None:
    """Have diagrams checked against the effects that `names` tells; called at import by the package that runs them."""
    _OFFERED.append(names)


def check_files(files: ProcessFiles) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in a version: its diagrams, and what they name."""
    found = check(files.engine_sources())
    try:
        model = read_model(files.engine_sources())
    except (DefinitionError, RecursionError):
        return found
    return (
        *_form_of_process(files, model.attributes.get("applyForm")),
        *_of_nodes(files, model.nodes.values()),
        *_of_checklist(files, model.attributes.get("applyForm")),
        *found,
    )


def _of_checklist(files: ProcessFiles, apply_form: str | None) -> Iterator[Finding]:
    if files.materials is None:
        return
    for remark in check_checklist(files.materials, files.forms.get(apply_form or "")):
        yield Finding("error", remark.code, remark.item, remark.zh, remark.en)


def _form_of_process(files: ProcessFiles, key: str | None) -> Iterator[Finding]:
    if key and key not in files.forms:
        yield _form_missing(None, "流程", "The process", key)


def _of_nodes(files: ProcessFiles, nodes: Iterable[Node]) -> Iterator[Finding]:
    offered = frozenset().union(*(names() for names in _OFFERED))
    for node in nodes:
        form, effect = node.attributes.get("form"), node.attributes.get("effect")
        if form and form not in files.forms:
            yield _form_missing(node.id, f"“{node.name or node.id}”", f"“{node.name_en or node.id}”", form)
        if effect and effect not in offered:
            yield Finding(
                "error",
                "effect-unknown",
                node.id,
                f"“{node.name or node.id}”所写的办理效果“{effect}”系统没有提供，请改为系统提供的效果或者删去。",
                f"“{node.name_en or node.id}” names the effect “{effect}”, which the program does not offer;"
                " name one that it offers, or none.",
            )


def _form_missing(element_id: str | None, zh: str, en: str, form: str) -> Finding:
    return Finding(
        "error",
        "form-missing",
        element_id,
        f"{zh}所用的表单“{form}”不在本版本内，请改为已有的表单或者补上表单。",
        f"{en} uses the form “{form}”, which this version does not hold; name a form that it holds, or add the form.",
    )
