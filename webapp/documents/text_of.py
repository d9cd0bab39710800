"""Writes the text of one uploaded file: `python -m webapp.documents.text_of KIND < file`.

Files come from anybody. They are read by a process of their own that may take so much time and memory and write so
many bytes, and no more; what it had written until then counts. Nothing of the program but this module is loaded.
"""

from __future__ import annotations

import contextlib
import io
import resource
import sys
import zipfile
from collections.abc import Iterator

CPU_SECONDS = 15
MEMORY_BYTES = 1 << 30
OUTPUT_BYTES = 1 << 20
MAX_CHARACTERS = 200_000
MAX_PAGES = 500
MAX_UNPACKED = 64 << 20
"""Bytes of one entry of a packed file."""
_WORD_ENTRIES = ("word/document.xml", "word/footnotes.xml")
_SHEET_ENTRIES = ("xl/sharedStrings.xml",)
_ENDS_OF_LINES = frozenset(("p", "si", "tr"))


def texts(kind: str, content: bytes) -> Iterator[str]:
    """Yield the text of a file, stretch by stretch.

    Args:
        kind: `pdf`, `docx` or `xlsx`.
        content: the file.

    Raises:
        Exception: of any kind; the file is not what it says.
    """
    if kind == "pdf":
        return _pdf(content)
    return _packed(content, _WORD_ENTRIES if kind == "docx" else _SHEET_ENTRIES)


def _pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return
    for number in range(min(len(reader.pages), MAX_PAGES)):
        try:
            yield reader.pages[number].extract_text()
        except MemoryError:
            return
        except Exception:  # noqa: S112  # one page that is broken in any of a thousand ways leaves the others
            continue


def _packed(content: bytes, entries: tuple[str, ...]) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        there = set(archive.namelist())
        for name in entries:
            if name in there:
                with archive.open(name) as entry:
                    yield from _xml(entry.read(MAX_UNPACKED))


def _xml(data: bytes) -> Iterator[str]:
    """The texts of an office file: entities are not resolved, nothing is loaded from elsewhere."""
    from lxml import etree

    line: list[str] = []
    parser = etree.iterparse(
        io.BytesIO(data), events=("end",), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    for _event, element in parser:
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if name == "t" and element.text:
            line.append(element.text)
        elif name in ("tab", "br"):
            line.append(" ")
        elif name in _ENDS_OF_LINES:
            yield "".join(line) + "\n"
            line.clear()
            element.clear()
    yield "".join(line)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read the file on the input, write its text to the output, stop at the limits."""
    _limit()
    content = sys.stdin.buffer.read()
    room = MAX_CHARACTERS
    for text in texts(sys.argv[1], content):
        piece = text[:room]
        room -= len(piece)
        sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
        sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
        if room <= 0:
            return


if __name__ == "__main__":
    main()
