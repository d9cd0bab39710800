"""Where uploaded files are kept, by the settings."""

from __future__ import annotations

from config import Config
from webapp.adapters.storage import AttachmentStore, Store


def build_store(config: Config) -> Store:
    """Return the store the settings name."""
    if config.bucket is not None:
        from webapp.adapters.bucket import BucketStore  # its library is large: only where it is used

        return BucketStore(config.bucket)
    return AttachmentStore(config.attachments_dir)
