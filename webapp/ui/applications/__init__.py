"""Applying: choosing what to apply for, the form, checking the answers, the receipt, one's own applications."""

from __future__ import annotations

from webapp.ui.applications.views import blueprint

__all__ = ["blueprint"]
