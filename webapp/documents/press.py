"""Makes the files of one document, as a process of its own: `python -m webapp.documents.press < order.json`.

Word and typesetting take memory that the web processes are not to keep, and an hour of a hostile text's time would be
theirs, too; here both end with the process. Nothing of the program but this module is loaded.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CPU_SECONDS = 30
FILE_BYTES = 64 << 20


def press(order: Mapping[str, Any]) -> None:
    """Write `paper.docx`, `paper.pdf` and `text.json` (the paragraphs with their roles) into the folder named.

    Args:
        order: `kind`; `word` and `typst`, the paths of the templates; `fonts`, folders; `fields`, texts that are
            filled in; `author`; `out`, the folder.
    """
    out = Path(order["out"])
    _fill_in(Path(order["word"]), order["fields"], out / "paper.docx")
    blocks = _blocks(out / "paper.docx")
    (out / "text.json").write_text(json.dumps(blocks, ensure_ascii=False), encoding="utf-8")
    title = next((block["text"] for block in blocks if block["role"] == "title"), order["kind"])
    data = {"title": title, "author": order["author"], "blocks": blocks, "fields": order["fields"]}
    (out / "paper.pdf").write_bytes(_typeset(Path(order["typst"]), order["fonts"], data))


def _fill_in(template: Path, fields: Mapping[str, Any], target: Path) -> None:
    from docxtpl import DocxTemplate
    from jinja2.sandbox import SandboxedEnvironment

    document = DocxTemplate(str(template))
    # Escaped, so that no text is ever XML; in a sandbox, since whoever may edit a template may not run programs.
    document.render(dict(fields), jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    document.save(str(target))


def _blocks(path: Path) -> list[dict[str, str]]:
    from docx import Document

    from webapp.documents.roles import ROLES

    return [
        {
            "role": ROLES.get(str(paragraph.style.name) if paragraph.style else "", "body"),
            "text": paragraph.text.strip(),
        }
        for paragraph in Document(str(path)).paragraphs
        if paragraph.text.strip()
    ]


def _typeset(template: Path, fonts: list[str], data: Mapping[str, Any]) -> bytes:
    import typst

    return bytes(
        typst.compile(
            str(template),
            root=str(template.parent),
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    press(json.load(sys.stdin))
