"""Writing migrations."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from pprint import pformat

from webapp.models import guards
from webapp.schema import MIGRATIONS, heads, migrate, write_revision

_END = "    # ### end Alembic commands ###\n"


def make_migration(message: str, *, again: bool) -> str:
    """Write a migration and return its id.

    Args:
        message: what it is for, in a few words.
        again: write the single first migration anew; only before the first release, when no database has it yet.
    """
    versions = MIGRATIONS / "versions"
    if again:
        for old in versions.glob("*.py"):
            old.unlink()
        # The list of revisions is read once per process.
        heads.cache_clear()
    number = f"{len(list(versions.glob('*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.sqlite3'}"
        migrate(url)
        revision = write_revision(url, message, revision=number)
    written = next(versions.glob(f"{number}_*.py"))
    if number == "0001":
        _add_guards(written)
    for arguments in (("check", "--quiet", "--fix"), ("format", "--quiet")):
        subprocess.run((sys.executable, "-m", "ruff", *arguments, str(written)), check=True)  # noqa: S603  # our own tool
    return revision


def _add_guards(path: Path) -> None:
    """Put the guards into the first migration, word for word: later changes of the program must not change it."""
    text = path.read_text()
    said = pformat({name: guards(name) for name in ("sqlite", "postgresql")}, width=116)
    upgrade, end, rest = text.partition(_END)
    upgrade = upgrade.replace("\n\ndef upgrade()", f"\n\nGUARDS = {said}\n\n\ndef upgrade()", 1)
    use = "    for statement in GUARDS[op.get_bind().dialect.name]:\n        op.get_bind().exec_driver_sql(statement)\n"
    path.write_text(upgrade + end + use + rest)
