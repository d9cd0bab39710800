"""Signing in and out, and choosing the acting post."""

from __future__ import annotations

from webapp.ui.access.views import blueprint

__all__ = ["blueprint"]
