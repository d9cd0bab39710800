"""What is done for each topic of the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.cases import OUTBOX_HANDLERS
from workflows.outbox import Handler

HANDLERS: Mapping[str, Handler] = {**OUTBOX_HANDLERS}
"""Topic → handler. A row whose topic is missing here stays, with its error, and is tried again."""
