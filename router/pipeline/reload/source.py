"""Where the text of a supergraph comes from: a file, or a URL that is asked again and again.

`read` returns the text when it is another one than before, else None. It runs in a thread.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from router.config import SupergraphConfig
from router.errors import RouterError

_CHUNK_BYTES = 65_536


class SourceError(RouterError):
    """The source cannot be read now; the message says why, without credentials."""


class SupergraphSource(Protocol):
    """Gives the text of a supergraph."""

    def read(self) -> str | None:
        """Returns the text when it has changed since the last call; raises SourceError."""
        ...


def open_source(source: str, config: SupergraphConfig) -> SupergraphSource:
    """Returns the source that a path or an http(s) URL names."""
    if source.startswith(("http://", "https://")):
        return UrlSource(source, config)
    return FileSource(Path(source), config.max_bytes)


class _Changes:
    """Remembers what was seen last."""

    def __init__(self) -> None:
        self._seen: bytes | None = None

    def text_if_new(self, content: bytes, name: str) -> str | None:
        digest = hashlib.sha256(content).digest()
        if digest == self._seen:
            return None
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SourceError(f"{name} is not UTF-8") from error
        self._seen = digest
        return text


class FileSource:
    """A file; also one that is replaced by renaming or by a changed symbolic link, as orchestrators do."""

    def __init__(self, path: Path, bytes_max: int) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._changes = _Changes()
        self._stat: tuple[int, ...] | None = None

    def read(self) -> str | None:
        """Returns the text when it has changed since the last call; raises SourceError."""
        try:
            with self._path.open("rb") as file:
                stat = os.fstat(file.fileno())
                signature = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
                if signature == self._stat:
                    return None
                content = file.read(self._bytes_max + 1)
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror}") from error
        if len(content) > self._bytes_max:
            raise SourceError(f"{self._path} is larger than {self._bytes_max} bytes")
        text = self._changes.text_if_new(content, str(self._path))
        self._stat = signature
        return text


class UrlSource:
    """A URL, asked with the validators of its last answer, so that an unchanged text is not sent again."""

    def __init__(self, url: str, config: SupergraphConfig) -> None:
        self._url = url
        self._name = _without_credentials(url)
        self._config = config
        self._changes = _Changes()
        self._validators: dict[str, str] = {}
        # No file: or ftp:, and no redirects, which would take the credentials in the headers elsewhere.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def read(self) -> str | None:
        """Returns the text when it has changed since the last call; raises SourceError."""
        headers = {"accept": "*/*", **self._config.headers, **self._validators}
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310 - http(s) only, see above
        deadline = time.monotonic() + self._config.fetch_timeout_ms / 1000
        try:
            with self._opener.open(request, timeout=self._config.fetch_timeout_ms / 1000) as response:
                content = self._read_body(response, deadline)
                validators = _validators_of(response.headers)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.NOT_MODIFIED:
                return None
            raise SourceError(f"{self._name} answered {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise SourceError(f"{self._name} cannot be read: {reason}") from error
        text = self._changes.text_if_new(content, self._name)
        self._validators = validators
        return text

    def _read_body(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._config.max_bytes:
                raise SourceError(f"{self._name} sent more than {self._config.max_bytes} bytes")
            if time.monotonic() > deadline:
                raise SourceError(f"{self._name} took longer than {self._config.fetch_timeout_ms} ms")
        return b"".join(chunks)


def _validators_of(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (("etag", "if-none-match"), ("last-modified", "if-modified-since"))
    return {asked: headers[given] for given, asked in pairs if given in headers}


def _without_credentials(url: str) -> str:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
