"""Cases: the list, the case page, its diagram, its papers and official documents."""

from __future__ import annotations

from webapp.ui.cases.views import blueprint

__all__ = ["blueprint"]
