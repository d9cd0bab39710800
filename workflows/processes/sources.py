"""What makes up one version of a process: its diagrams and its forms, as one value with one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from workflows.engine import Sources
from workflows.errors import DefinitionError

MAIN = "process.bpmn"


@dataclass(frozen=True)
class ProcessFiles:
    """The files of a version.

    Args:
        diagrams: file name → BPMN XML; `process.bpmn` is the main one.
        forms: form key → JSON Schema.
    """

    diagrams: Mapping[str, bytes]
    forms: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_folder(cls, folder: Path) -> ProcessFiles:
        """Read `<folder>/*.bpmn` and `<folder>/forms/*.json`.

        Raises:
            DefinitionError: no `process.bpmn` there.
        """
        diagrams = {path.name: path.read_bytes() for path in sorted(folder.glob("*.bpmn"))}
        if MAIN not in diagrams:
            raise DefinitionError(f"{folder.name}: no {MAIN}")
        forms = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("forms/*.json"))}
        return cls(diagrams, forms)

    @classmethod
    def from_bytes(cls, packed: bytes) -> ProcessFiles:
        """Undo `to_bytes`."""
        value = orjson.loads(packed)
        return cls({name: text.encode() for name, text in value["diagrams"].items()}, value["forms"])

    def to_bytes(self) -> bytes:
        """Pack for storing; the order of a form's properties is kept, since it is the order on the page."""
        diagrams = {name: text.decode() for name, text in sorted(self.diagrams.items())}
        return orjson.dumps({"diagrams": diagrams, "forms": dict(sorted(self.forms.items()))})

    def sha256(self) -> str:
        """Address of the version, hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def engine_sources(self) -> Sources:
        """What the engine reads."""
        return Sources(main=MAIN, files=self.diagrams)

    def with_diagram(self, xml: bytes) -> ProcessFiles:
        """The same version with another main diagram."""
        return ProcessFiles({**self.diagrams, MAIN: xml}, self.forms)
