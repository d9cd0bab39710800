"""Looking for a piece of text, taken literally, in some columns."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, false, or_

_UNHOLDABLE = re.compile(r"[\x00\ud800-\udfff]")


def contains(q: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that one of the columns contains `q`; what no database can hold is found nowhere."""
    if _UNHOLDABLE.search(q):
        return false()
    part = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(*(column.like(f"%{part}%", escape="\\") for column in columns))
