"""The task centre and the task page."""

from __future__ import annotations

from webapp.ui.tasks.views import blueprint

__all__ = ["blueprint"]
