"""The catalogue of translated sentences: collected from the sources, compiled for use, checked for gaps.

`python -m webapp.ui.catalogue collect` brings `messages.po` up to date with the sources;
`python -m webapp.ui.catalogue compile` writes the `.mo` files the pages read.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_NO_DATE = datetime(2019, 1, 1, tzinfo=UTC)
"""The version control knows when; a date that changes with every run would only make noise."""

WEBAPP = Path(__file__).resolve().parents[1]
TRANSLATIONS = WEBAPP / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"

_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "N_": None}


def collect() -> Catalog:
    """Return a catalogue of every sentence the sources contain."""
    catalogue = Catalog(project="lianban", charset="utf-8")
    found = extract_from_dir(
        WEBAPP, _METHODS, keywords=_KEYWORDS, options_map={"**/templates/**.html": {"silent": "false"}}
    )
    for filename, _line, message, comments, context in found:
        catalogue.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalogue


def read(path: Path = ENGLISH) -> Catalog:
    """Return the catalogue stored at `path`."""
    with path.open("rb") as source:
        return read_po(source, locale="en")


def update(path: Path = ENGLISH) -> Catalog:
    """Bring the stored catalogue up to date with the sources and return it; gone sentences are dropped."""
    stored = read(path) if path.exists() else Catalog(locale="en", charset="utf-8")
    stored.update(collect(), no_fuzzy_matching=True)
    stored.obsolete.clear()
    stored.header_comment = "# English sentences of the pages; the keys are the Chinese ones in the source."
    stored.project, stored.version, stored.fuzzy = "lianban", "1", False
    stored.msgid_bugs_address = stored.last_translator = stored.copyright_holder = ""
    stored.creation_date = stored.revision_date = _NO_DATE
    with path.open("wb") as target:
        write_po(target, stored, width=0, sort_output=True, omit_header=False, include_lineno=False)
    return stored


def gaps(catalogue: Catalog) -> list[str]:
    """Return the sentences of `catalogue` that are not translated, or only by a guess."""
    return [_key(message) for message in catalogue if message.id and (message.fuzzy or not _complete(message))]


def compile_catalogues() -> None:
    """Write each `.mo` beside its `.po` where it is missing or older; safe to run in several processes at once."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    buffer = BytesIO()
    write_mo(buffer, read(source))
    with NamedTemporaryFile(dir=target.parent, suffix=".mo.part", delete=False) as part:
        part.write(buffer.getvalue())
    os.replace(part.name, target)


def _complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(texts) and all(texts)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main(arguments: list[str]) -> int:
    """Run one of `collect`, `compile`; return the exit status."""
    if arguments == ["compile"]:
        compile_catalogues()
        return 0
    if arguments == ["collect"]:
        missing = gaps(update())
        print("\n".join(missing))
        return 1 if missing else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
