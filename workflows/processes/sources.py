"""What makes up one version of a process: its diagrams, its forms and its checklist, as one value with one hash."""

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
MATERIALS = "materials.json"


@dataclass(frozen=True)
class ProcessFiles:
    """The files of a version.

    Args:
        diagrams: file name → BPMN XML; `process.bpmn` is the main one.
        forms: form key → JSON Schema.
        materials: the checklist as written in `materials.json`, or None where there is none.
    """

    diagrams: Mapping[str, bytes]
    forms: Mapping[str, Mapping[str, Any]]
    materials: Mapping[str, Any] | None = None

    @classmethod
    def from_folder(cls, folder: Path) -> ProcessFiles:
        """Read `<folder>/*.bpmn`, `<folder>/forms/*.json` and `<folder>/materials.json`.

        Raises:
            DefinitionError: no `process.bpmn` there, or a checklist that is no JSON.
        """
        diagrams = {path.name: path.read_bytes() for path in sorted(folder.glob("*.bpmn"))}
        if MAIN not in diagrams:
            raise DefinitionError(f"{folder.name}: no {MAIN}")
        forms = {path.stem: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("forms/*.json"))}
        return cls(diagrams, forms, _materials(folder / MATERIALS))

    @classmethod
    def from_bytes(cls, packed: bytes) -> ProcessFiles:
        """Undo `to_bytes`."""
        value = orjson.loads(packed)
        diagrams = {name: text.encode() for name, text in value["diagrams"].items()}
        return cls(diagrams, value["forms"], value.get("materials"))

    def to_bytes(self) -> bytes:
        """Pack for storing; the order of a form's properties is kept, since it is the order on the page."""
        diagrams = {name: text.decode() for name, text in sorted(self.diagrams.items())}
        # Left out where there is none, so that versions without a checklist keep the address they have always had.
        materials = {} if self.materials is None else {"materials": self.materials}
        return orjson.dumps({"diagrams": diagrams, "forms": dict(sorted(self.forms.items())), **materials})

    def sha256(self) -> str:
        """Address of the version, hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def engine_sources(self) -> Sources:
        """What the engine reads."""
        return Sources(main=MAIN, files=self.diagrams)

    def with_diagram(self, xml: bytes) -> ProcessFiles:
        """The same version with another main diagram."""
        return ProcessFiles({**self.diagrams, MAIN: xml}, self.forms, self.materials)


def _materials(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DefinitionError(f"{path.parent.name}: {MATERIALS}: {error}") from None
