"""From BPMN files to processes the library can run, with our elements in place of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import (
    BpmnTaskSpecConverter,
    ConditionalGatewayConverter,
    ExclusiveGatewayConverter,
    MultiInstanceTaskConverter,
    ParallelGatewayConverter,
)
from SpiffWorkflow.bpmn.specs.defaults import ScriptTask, ServiceTask
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent

from workflows.decisions import compile_expression
from workflows.engine.completion import write_conditions
from workflows.engine.elements import AllOf, OneOf, ParallelInstances, SequentialInstances, SomeOf
from workflows.engine.model import main_process
from workflows.engine.timers import DueTimer, DueTimerConverter, is_iso_literal, own_timer
from workflows.engine.types import Sources
from workflows.engine.xml import read_all
from workflows.errors import DefinitionError

_OURS = {
    "exclusiveGateway": OneOf,
    "parallelGateway": AllOf,
    "inclusiveGateway": SomeOf,
}


def _parser_classes() -> dict[str, tuple[type, type]]:
    """Return the library's table of element parsers, with our gateways and multi-instances."""
    classes = {}
    for tag, (parser, spec_class) in BpmnParser.PARSER_CLASSES.items():
        ours = {"PARALLEL_MI_CLASS": ParallelInstances, "SEQUENTIAL_MI_CLASS": SequentialInstances}
        own_class = _OURS.get(etree.QName(tag).localname, spec_class)
        classes[tag] = (type(parser.__name__, (parser,), ours), own_class)
    del classes[full_tag("scriptTask")]
    return classes


class _Parser(BpmnParser):
    PARSER_CLASSES = _parser_classes()


def _registry() -> Any:
    config = {
        **DEFAULT_CONFIG,
        OneOf: ExclusiveGatewayConverter,
        AllOf: ParallelGatewayConverter,
        SomeOf: ConditionalGatewayConverter,
        ParallelInstances: MultiInstanceTaskConverter,
        SequentialInstances: MultiInstanceTaskConverter,
        ServiceTask: BpmnTaskSpecConverter,
        DueTimer: DueTimerConverter,
    }
    del config[ScriptTask]
    return BpmnWorkflowSerializer.configure(config)


REGISTRY = _registry()


def parse(sources: Sources) -> tuple[Any, dict[str, Any]]:
    """Return the main process and all it uses, by id.

    Raises:
        DefinitionError: the library cannot read them.
    """
    roots = read_all(sources)
    main = main_process(roots[sources.main])
    if main is None:
        raise DefinitionError(f"{sources.main} has no executable process")
    parser = _Parser()
    try:
        for name, root in roots.items():
            # the library takes anything with an id for a node, a decision inside a task too
            etree.strip_elements(root, full_tag("extensionElements"), with_tail=False)
            write_conditions(root)
            parser.add_bpmn_xml(root, filename=name)
        process = parser.get_spec(main.get("id"))
        subprocesses = parser.get_subprocess_specs(main.get("id"))
    except Exception as failure:
        raise DefinitionError(str(failure)) from failure
    specs = {spec.name: spec for spec in (process, *subprocesses.values())}
    for spec in specs.values():
        _take_over_timers(spec)
        for text in _expressions(spec):
            compile_expression(text)
    return process, subprocesses


def _expressions(spec: Any) -> Iterator[str]:
    """Yield all that will be evaluated: none may turn out to be wrong in a running case."""
    for task in spec.task_specs.values():
        if isinstance(task, OneOf | SomeOf):
            yield from (condition.args[0].strip() for condition, _ in task.cond_task_specs if condition is not None)
        elif isinstance(task, ParallelInstances | SequentialInstances):
            yield from (text.strip() for text in (task.condition, task.cardinality) if text is not None)
        elif isinstance(task, CatchingEvent):
            definition = task.event_definition
            timers = getattr(definition, "event_definitions", [definition])
            texts = [timer.expression.strip() for timer in timers if isinstance(timer, DueTimer)]
            yield from (text for text in texts if not is_iso_literal(text))


def _take_over_timers(spec: Any) -> None:
    for task in spec.task_specs.values():
        if isinstance(task, CatchingEvent):
            definition = task.event_definition
            task.event_definition = own_timer(definition, task.bpmn_id)
            inner = getattr(definition, "event_definitions", None)
            if inner is not None:
                # an event-based gateway holds the definitions of the events after it, in their order
                definition.event_definitions = [
                    own_timer(d, name) for d, name in zip(inner, task._outputs, strict=False)
                ]
