"""Definitions ready to run: compiled once, addressed by the hash of their sources, restored once per process."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import Any

import orjson
import zstandard

from workflows.engine.compiler import REGISTRY, parse
from workflows.engine.findings import DiagramRefusedError
from workflows.engine.graph import ProcessGraph
from workflows.engine.lint import check
from workflows.engine.model import ProcessModel, read_model
from workflows.engine.types import CompiledSpec, Sources


class Spec:
    """A restored definition; shared by all threads, so never changed.

    Args:
        sha256: its address.
        sources: the BPMN files it was compiled from.
        process: the main process as the library knows it.
        subprocesses: sub-processes and called processes by id.
    """

    def __init__(self, sha256: str, sources: Sources, process: Any, subprocesses: Mapping[str, Any]) -> None:
        self.sha256, self.sources = sha256, sources
        self.process, self.subprocesses = process, subprocesses
        self._graphs: dict[str, ProcessGraph] = {}

    @cached_property
    def model(self) -> ProcessModel:
        """Our own reading of the same files."""
        return read_model(self.sources)

    def graph(self, spec: Any) -> ProcessGraph:
        """Return the graph of one of the definition's processes."""
        if spec.name not in self._graphs:
            self._graphs[spec.name] = ProcessGraph(spec)
        return self._graphs[spec.name]


def hash_sources(sources: Sources) -> str:
    """Return the SHA-256 over the main file's name and every file's name and content, hexadecimal."""
    digest = hashlib.sha256()
    for part in [sources.main.encode(), *(p for name in sorted(sources.files) for p in _parts(sources, name))]:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(sources: Sources, name: str) -> tuple[bytes, bytes]:
    return name.encode(), sources.files[name]


def compile_spec(sources: Sources) -> CompiledSpec:
    """Check a definition and turn it into what `SpecStore` restores.

    Raises:
        DiagramRefusedError: the check found errors. Who does what is not asked here; a diagram runs without agencies.
    """
    errors = [finding for finding in check(sources, routing=False) if finding.severity == "error"]
    if errors:
        raise DiagramRefusedError(errors)
    return compile_unchecked(sources)


def compile_unchecked(sources: Sources) -> CompiledSpec:
    """Compile without the check; for measurements and for tests of what the check refuses.

    Raises:
        DefinitionError: the files cannot be read.
    """
    process, subprocesses = parse(sources)
    document = {
        "main": sources.main,
        "files": {name: data.decode("latin-1") for name, data in sources.files.items()},
        "process": REGISTRY.convert(process),
        "subprocesses": {name: REGISTRY.convert(spec) for name, spec in subprocesses.items()},
    }
    return CompiledSpec(hash_sources(sources), zstandard.compress(orjson.dumps(document), 9))


def restore(sha256: str, payload: bytes) -> Spec:
    """Return the definition of a payload.

    Always by way of the serializer, also just after parsing: old states laid on a freshly parsed definition leave
    multi-instances stuck.
    """
    document = orjson.loads(zstandard.decompress(payload))
    files = {name: text.encode("latin-1") for name, text in document["files"].items()}
    subprocesses = {name: REGISTRY.restore(spec) for name, spec in document["subprocesses"].items()}
    return Spec(sha256, Sources(document["main"], files), REGISTRY.restore(document["process"]), subprocesses)


class SpecStore:
    """The definitions in use, the most recently used ones kept; safe for threads.

    Args:
        capacity: how many are kept.
    """

    def __init__(self, capacity: int = 64) -> None:
        self._capacity = capacity
        self._lock = Lock()
        self._kept: OrderedDict[str, Spec] = OrderedDict()

    def get(self, sha256: str, load: Callable[[], bytes]) -> Spec:
        """Return the definition `sha256`, calling `load` for its payload if it is not here."""
        with self._lock:
            spec = self._kept.get(sha256)
            if spec is not None:
                self._kept.move_to_end(sha256)
                return spec
        restored = restore(sha256, load())
        with self._lock:
            # another thread may have been faster: all must share one
            spec = self._kept.setdefault(sha256, restored)
            self._kept.move_to_end(sha256)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
            return spec
