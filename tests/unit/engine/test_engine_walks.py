"""Random walks: whatever people do in whatever order, a case ends once and never gets stuck."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.play import NOW, Play
from workflows import engine
from workflows.engine.codec import decode, encode
from workflows.engine.values import pack, unpack

DIAGRAMS: dict[str, dict[str, Any]] = {
    "three_tasks": {},
    "rework_loop": {},
    "parallel_branches": {},
    "countersign": {"signers": ["a", "b", "c"]},
    "countersign_in_turn": {"signers": ["a", "b"]},
    "issuers": {"issuers": ["first", "second"]},
    "inspection": {},
    "boundary_timers": {},
    "weekly_reminder": {},
    "messages": {},
    "inclusive": {},
    "opinions_beside_visit": {"agencies": ["x", "y"]},
    "fork_in_a_branch": {},
    "error_boundary": {},
    "instances_within_instances": {"issuers": ["A", "B"], "agencies": ["x", "y"]},
}
CHOICES: dict[str, list[Any]] = {
    "check": ["ok", "supplement", "refuse"],
    "sum_up": ["again", "enough"],
    "countersign": ["agree", "object"],
    "verify": ["ok", "refuse"],
    "inspect": ["unsound", "ok"],
}
MAX_MOVES = 60
RETURNS = 12


class Walk:
    """Plays at random, then straight on to the end."""

    def __init__(self, diagram: str, data: st.DataObject) -> None:
        self.data, self.play = data, Play(diagram, DIAGRAMS[diagram])
        self.returns = 0

    def check_state(self) -> None:
        """The stored state and what it is read as say the same, and names are unique."""
        state = self.play.step.state
        case, following = decode(self.play.spec, state, NOW)
        assert encode(case, following).state == state
        names = Counter(token.token for token in self.play.open)
        assert all(count == 1 for count in names.values())
        places = Counter((t.node_id, t.scope) for t in self.play.open if t.node_id not in MANY)
        assert all(count == 1 for count in places.values()), places

    def move(self, *, straight: bool) -> None:
        before = {t.token for t in self.play.open}
        token = self.data.draw(st.sampled_from(self.play.open))
        self.play.step = self.act(token, straight=straight)
        step = self.play.step
        after = {t.token for t in self.play.open}
        assert {t.token for t in step.opened} == after - before
        assert before - after - {t.token for t in step.closed} <= {token.token}
        assert {t.token for t in step.closed}.isdisjoint(after)

    def act(self, token: engine.Token, *, straight: bool) -> engine.Step:
        spec, state = self.play.spec, self.play.step.state
        if not straight:
            targets = engine.return_targets(spec, state, token.token)
            if targets and self.returns < RETURNS and self.data.draw(st.booleans()):
                self.returns += 1
                return engine.return_to(spec, state, token.token, self.data.draw(st.sampled_from(targets)), now=NOW)
            if token.scope:
                chosen = self.data.draw(st.sampled_from(["go on", "add", "remove"]))
                if chosen == "add":
                    return engine.add_signer(spec, state, token.token, f"new {len(state)}", now=NOW)
                if chosen == "remove":
                    return engine.remove_signer(spec, state, token.token, now=NOW)
        if token.kind == "timer":
            return engine.fire_timer(spec, state, token.token, now=NOW)
        if token.kind in ("receive", "message"):
            return engine.deliver_message(spec, state, token.token, {"answer": 1}, now=NOW)
        options = CHOICES.get(token.node_id, ["ok"])
        decision = options[-1] if straight else self.data.draw(st.sampled_from(options))
        if token.node_id == "check" and straight:
            decision = "ok"
        result = {token.node_id: decision}
        if token.node_id == "apply":
            result["apply"] = {"money": self.data.draw(st.booleans()), "land": True}
        return engine.complete(spec, state, token.token, result, now=NOW)


MANY = {"remind"}
"""A reminder may be open more than once: it is sent anew in every round."""


@pytest.mark.parametrize("diagram", DIAGRAMS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(data=st.data())
def test_every_walk_ends_once_and_never_gets_stuck(diagram: str, data: st.DataObject) -> None:
    walk = Walk(diagram, data)
    for number in range(MAX_MOVES):
        if walk.play.step.finished:
            break
        walk.check_state()
        walk.move(straight=number >= MAX_MOVES // 3)
    while not walk.play.step.finished:
        walk.move(straight=True)
    assert walk.play.open == ()
    assert walk.play.step.end_node_id is not None


def _happens_once(moment: datetime) -> bool:
    """An hour that a change of clocks repeats equals nothing in another zone, not even its own instant (PEP 495)."""
    return moment.utcoffset() == moment.replace(fold=1 - moment.fold).utcoffset()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**80), max_value=2**80)
    | st.floats(allow_nan=False)
    | st.text()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.timezones() | st.none(), allow_imaginary=False).filter(_happens_once)
    | st.timedeltas()
    | st.uuids()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["typename", "\x01d", "\x01"]), inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(value=JSON)
def test_packing_and_unpacking_gives_the_same_value_of_the_same_type(value: Any) -> None:
    found = unpack(orjson.loads(orjson.dumps(pack(value))))
    assert found == value
    assert type(found) is type(value)
