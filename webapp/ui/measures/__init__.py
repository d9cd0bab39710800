"""The page of the measures: who leads, who supports."""

from __future__ import annotations

from webapp.ui.measures.views import blueprint

__all__ = ["blueprint"]
