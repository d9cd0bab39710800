"""Plays a case through a test diagram, storing and reading the state at every step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from workflows import engine
from workflows.engine import Sources, Spec, Step, Token
from workflows.engine.store import compile_unchecked

DIAGRAMS = Path(__file__).parents[1] / "diagrams"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def sources_of(name: str) -> Sources:
    file = f"{name}.bpmn"
    return Sources(file, {file: (DIAGRAMS / file).read_bytes()})


@lru_cache
def spec_of(name: str) -> Spec:
    compiled = engine.compile_spec(sources_of(name))
    return engine.restore(compiled.sha256, compiled.payload)


class Play:
    """One case; every move goes through its stored bytes."""

    def __init__(self, diagram: str | Spec, variables: Mapping[str, Any] | None = None, *, now: datetime = NOW) -> None:
        self.spec, self.now = spec_of(diagram) if isinstance(diagram, str) else diagram, now
        self.step: Step = engine.start(self.spec, variables or {}, now=now)

    @property
    def open(self) -> tuple[Token, ...]:
        return engine.active(self.spec, self.step.state)

    @property
    def nodes(self) -> list[str]:
        return sorted(token.node_id for token in self.open)

    def token(self, node_id: str, *path: Any) -> Token:
        """Return the open token at a node; `path` is the items of the multi-instances around it."""
        found = [t for t in self.open if t.node_id == node_id and (not path or tuple(s.item for s in t.scope) == path)]
        assert len(found) == 1, (node_id, path, self.open)
        return found[0]

    def do(self, node_id: str, decision: Any = "ok", *path: Any) -> Step:
        token = self.token(node_id, *path).token
        self.step = engine.complete(self.spec, self.step.state, token, {node_id: decision}, now=self.now)
        return self.step

    def fire(self, node_id: str) -> Step:
        self.step = engine.fire_timer(self.spec, self.step.state, self.token(node_id).token, now=self.now)
        return self.step

    def deliver(self, node_id: str, payload: Mapping[str, Any]) -> Step:
        token = self.token(node_id).token
        self.step = engine.deliver_message(self.spec, self.step.state, token, payload, now=self.now)
        return self.step

    def targets(self, node_id: str, *path: Any) -> tuple[str, ...]:
        return engine.return_targets(self.spec, self.step.state, self.token(node_id, *path).token)

    def back(self, node_id: str, target: str, *path: Any) -> Step:
        token = self.token(node_id, *path).token
        self.step = engine.return_to(self.spec, self.step.state, token, target, now=self.now)
        return self.step

    def add(self, node_id: str, item: Any, *path: Any) -> Step:
        token = self.token(node_id, *path).token
        self.step = engine.add_signer(self.spec, self.step.state, token, item, now=self.now)
        return self.step

    def remove(self, node_id: str, *path: Any) -> Step:
        self.step = engine.remove_signer(self.spec, self.step.state, self.token(node_id, *path).token, now=self.now)
        return self.step


@lru_cache
def _compiled(main: str, files: tuple[tuple[str, bytes], ...]) -> Spec:
    compiled = compile_unchecked(Sources(main, dict(files)))
    return engine.restore(compiled.sha256, compiled.payload)


def play_sources(sources: Sources, variables: Mapping[str, Any] | None = None, *, fresh: bool = False) -> Play:
    """Start a case of a definition given as text, unchecked; `fresh` compiles and restores it anew."""
    restored = _compiled.__wrapped__ if fresh else _compiled
    return Play(restored(sources.main, tuple(sources.files.items())), variables)
