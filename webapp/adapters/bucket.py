"""Attachments in an S3 bucket, each under the hash of its bytes.

A put is one request, whole or not at all, so nothing is left of uploads that were cut off. Nothing is deleted in one
step: S3 cannot delete "unless put again since". What nobody refers to is first laid aside (`leaving/`), where it is
still found, and deleted after a further grace if nobody refers to it then. See docs/adr/0010-files.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, cast

import boto3
from botocore.client import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from config import BucketSettings
from webapp.adapters.storage import CHUNK, StoreAwayError, Stored, TooLargeError

LEAVING = "leaving/"
IN_MEMORY = 1 << 20
"""Smaller uploads are not laid to the disk on their way."""
CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 15
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AWAY = (BotoCoreError, ClientError)


class BucketStore:
    """The attachments of one installation, in a bucket, below a prefix of their own.

    Args:
        settings: where it is, and who may.
    """

    def __init__(self, settings: BucketSettings) -> None:
        self._settings = settings
        self._clients: dict[int, Any] = {}

    def put(self, content: IO[bytes], *, limit: int) -> Stored:
        """See `Store.put`; bytes that are there already are put again, which makes them new."""
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as draft:
            while chunk := content.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLargeError
                digest.update(chunk)
                draft.write(chunk)
            draft.seek(0)
            stored = Stored(digest.hexdigest(), size)
            with _away():
                self._client.put_object(**self._at(self._place(stored.sha256)), Body=draft, ContentLength=size)
        return stored

    def open(self, sha256: str) -> IO[bytes]:
        """See `Store.open`."""
        for key in (self._place(sha256), self._aside(sha256)):
            try:
                with _away():
                    return cast(IO[bytes], _Body(self._client.get_object(**self._at(key))["Body"]))
            except FileNotFoundError:
                continue
        raise FileNotFoundError(sha256)

    def ping(self) -> None:
        """Ask whether it is there and may be read.

        Raises:
            StoreAwayError: it is not.
        """
        with _away():
            self._client.list_objects_v2(Bucket=self._settings.name, Prefix=self._settings.prefix, MaxKeys=1)

    def addresses(self) -> Iterator[str]:
        """See `Store.addresses`."""
        aside = frozenset(name for name, _at in self._list(LEAVING))
        yield from aside
        for first in "0123456789abcdef":
            yield from (name for name, _at in self._list(first) if name not in aside)

    def old(self, first: str, before: datetime) -> tuple[str, ...]:
        """See `Store.old`; what was laid aside counts from then."""
        found = {name for name, put_at in self._list(first) if put_at < before}
        found |= {name for name, put_at in self._list(LEAVING + first) if put_at < before}
        return tuple(sorted(found))

    def forget(self, addresses: Collection[str], before: datetime) -> int:
        """See `Store.forget`: lay aside, or delete what was laid aside long enough; return how many were deleted."""
        deleted = 0
        for sha256 in addresses:
            laid_aside = self._put_at(self._aside(sha256))
            if laid_aside is not None:
                if laid_aside < before:
                    self._delete(self._aside(sha256))
                    deleted += 1
                continue
            put_at = self._put_at(self._place(sha256))
            if put_at is not None and put_at < before:
                self._copy(self._place(sha256), self._aside(sha256))
                self._delete(self._place(sha256))
        return deleted

    def keep(self, addresses: Collection[str]) -> None:
        """See `Store.keep`: what was laid aside while somebody put it again goes back to its place."""
        for sha256, _at in list(self._list(LEAVING)):
            if sha256 in addresses:
                if self._put_at(self._place(sha256)) is None:
                    self._copy(self._aside(sha256), self._place(sha256))
                self._delete(self._aside(sha256))

    def remove(self, sha256: str) -> None:
        """See `Store.remove`."""
        for key in (self._place(sha256), self._aside(sha256)):
            self._delete(key)

    def forget_drafts(self, before: datetime) -> None:
        """Nothing is left of uploads that were cut off."""

    @property
    def _client(self) -> Any:
        """One for each process: connections do not live on in a forked one."""
        process = os.getpid()
        if process not in self._clients:
            self._clients[process] = _build_client(self._settings)
        return self._clients[process]

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self._settings.name, "Key": key}

    def _place(self, sha256: str) -> str:
        return f"{self._settings.prefix}{_checked(sha256)[:2]}/{sha256}"

    def _aside(self, sha256: str) -> str:
        return f"{self._settings.prefix}{LEAVING}{_checked(sha256)}"

    def _list(self, beginning: str) -> Iterator[tuple[str, datetime]]:
        """The addresses below a beginning of their keys, with when they were put."""
        prefix = self._settings.prefix + beginning
        with _away():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._settings.name, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", ()):
                    name = item["Key"].rpartition("/")[2]
                    if _SHA256.fullmatch(name):
                        yield name, item["LastModified"]

    def _put_at(self, key: str) -> datetime | None:
        # By a listing: asked for the head of an object, S3 does not tell a missing one from a missing bucket.
        with _away():
            page = self._client.list_objects_v2(Bucket=self._settings.name, Prefix=key, MaxKeys=1)
        return next((cast(datetime, item["LastModified"]) for item in page.get("Contents", ())), None)

    def _copy(self, source: str, target: str) -> None:
        with _away():
            self._client.copy_object(**self._at(target), CopySource=self._at(source))

    def _delete(self, key: str) -> None:
        with _away():
            self._client.delete_object(**self._at(key))


class _Body:
    """The bytes of an object as they come over the network."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        with _away():
            return cast(bytes, self._body.read(None if size < 0 else size))

    def close(self) -> None:
        self._body.close()


@contextmanager
def _away() -> Iterator[None]:
    """Tell a missing object from a store that does not answer as it should."""
    try:
        yield
    except _AWAY as error:
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") == "NoSuchKey":
            raise FileNotFoundError from error
        raise StoreAwayError(f"{type(error).__name__}: {error}") from error


def _checked(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(sha256)
    return sha256


def _build_client(settings: BucketSettings) -> Any:
    session = boto3.Session(  # whose own ways to credentials (files, addresses of a cloud) are not asked
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
        region_name=settings.region,
    )
    return session.client(
        "s3",
        endpoint_url=settings.endpoint,
        config=ClientConfig(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": 2},
            s3={"addressing_style": "path" if settings.endpoint else "auto", "payload_signing_enabled": True},
            # What many servers do not know; the signature covers the bytes already.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
