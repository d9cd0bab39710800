"""Where uploaded files are kept, by the settings."""

from __future__ import annotations

from config import Config
from webapp.adapters.storage import AttachmentStore, Store


def build_store(config: Config) -> Store:
    """Return the store the settings name."""
    return AttachmentStore(config.attachments_dir)
