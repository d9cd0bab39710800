"""What the lint accepts also runs from its start to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.lint_cases.snippets import diagram, process
from tests.lint_cases.test_works import WORKS
from workflows.engine import (
    Sources,
    Spec,
    Step,
    Token,
    active,
    compile_spec,
    complete,
    deliver_message,
    fire_timer,
    restore,
    start,
)

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


def move(spec: Spec, state: bytes, token: Token) -> Step:
    if token.kind == "timer":
        return fire_timer(spec, state, token.token, now=NOW + timedelta(days=60))
    if token.kind in ("message", "receive"):
        return deliver_message(spec, state, token.token, {}, now=NOW)
    return complete(spec, state, token.token, {token.node_id: "ok"}, now=NOW)


@pytest.mark.parametrize("name", sorted(set(WORKS) - {"working days timer"}))
def test_accepted_means_it_can_be_run(name: str) -> None:
    compiled = compile_spec(Sources("m", {"m": diagram(process(WORKS[name]))}))
    spec = restore(compiled.sha256, compiled.payload)
    step = start(spec, {"list": [{"county": "x"}, {"county": "y"}], "applicant": "x"}, now=NOW)
    for _ in range(20):
        if step.finished:
            break
        step = move(spec, step.state, active(spec, step.state)[0])
    assert step.finished
    assert step.end_node_id is not None
