"""Forms from their JSON Schema: as fields to fill in, as answers to read, and back from what was posted."""

from __future__ import annotations

from webapp.ui.forms.answers import answers
from webapp.ui.forms.fields import Answer, Field, Option
from webapp.ui.forms.fill import Filled, count_rows, read
from webapp.ui.forms.render import Options, anchor, fields, label_of

__all__ = [
    "Answer",
    "Field",
    "Filled",
    "Option",
    "Options",
    "anchor",
    "answers",
    "count_rows",
    "fields",
    "label_of",
    "read",
]
