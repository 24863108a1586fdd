"""How files of a repository come: over TLS to one server whose authority is named, or out of a folder on a stick.

Both give at most the bytes that are asked for, and both follow nothing: no redirect, no link out of the folder. What
they give is believed for its signature only, wherever it came from.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import IO

import httpx2
from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError, SlowRetrievalError
from tuf.ngclient import FetcherInterface

from auth.distribution.manifest import MAX_TARGET
from auth.errors import RegisterUnreachable
from auth.wire.deadline import DeadlineLoop, LoopClosed
from auth.wire.endpoint import RegisterEndpoint
from auth.wire.tls import client_context

__all__ = ["BASE", "BoundedFetcher", "FolderFetcher", "WebFetcher"]

# Addresses inside a repository begin with this; a fetcher puts its own place in.
BASE = "repository:/"
_CHUNK = 65_536


class BoundedFetcher(FetcherInterface):
    """Get whole files of at most so many bytes, all of them before one deadline."""

    def __init__(self, seconds: float) -> None:
        self._late = monotonic() + seconds

    @abstractmethod
    def get(self, path: str, limit: int, seconds: float) -> bytes:
        """Return the file at ``path``, relative to the repository; raise DownloadError."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        """Yield the file, for callers that name no limit (tuf's interface)."""
        yield self._got(url, MAX_TARGET)

    @contextlib.contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Give the file as a stream; raise DownloadError before anything of a longer one was kept."""
        yield io.BytesIO(self._got(url, max_length))

    def _got(self, url: str, limit: int) -> bytes:
        if not url.startswith(BASE):
            raise DownloadError("address outside the repository")
        left = self._late - monotonic()
        if left <= 0:
            raise SlowRetrievalError("deadline")
        return self.get(url.removeprefix(BASE), limit, left)


class FolderFetcher(BoundedFetcher):
    """Read a repository out of a folder."""

    def __init__(self, folder: Path, seconds: float = 120.0) -> None:
        super().__init__(seconds)
        self._folder = folder

    def get(self, path: str, limit: int, seconds: float) -> bytes:
        """Return a regular file of the folder, and nothing that a link leads to."""
        parts = path.split("/")
        if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
            raise DownloadError("address outside the repository")
        file = self._folder.joinpath(*parts)
        late = monotonic() + seconds
        try:
            descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            raise DownloadHTTPError("no such file", 404) from None
        except OSError:
            raise DownloadError("file cannot be read") from None
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode) or not _inside(file, self._folder):
                raise DownloadError("not a file of the repository")
            return _read(stream, limit, late)


class WebFetcher(BoundedFetcher):
    """Read a repository from a web server, by the house's wire rules (``auth.wire``)."""

    def __init__(self, base_url: str, tls_anchors: tuple[bytes, ...], seconds: float = 120.0) -> None:
        """Take https only; raise RegisterUnreachable where there is no usable anchor for the server's certificate."""
        super().__init__(seconds)
        if not base_url.startswith("https://"):
            raise RegisterUnreachable("repository", "not-https")
        self._base = base_url.rstrip("/") + "/"
        self._tls = client_context(RegisterEndpoint("repository", base_url, tls_anchors, ()))
        self._loop = DeadlineLoop("trust-repository")

    def get(self, path: str, limit: int, seconds: float) -> bytes:
        """Return what the server has under ``path``."""
        try:
            return self._loop.run(lambda: self._download(self._base + path, limit), seconds)
        except (TimeoutError, httpx2.TimeoutException):
            raise SlowRetrievalError("deadline") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, OSError, LoopClosed):
            raise DownloadError("no connection, or it broke") from None

    def close(self) -> None:
        """End the thread."""
        self._loop.close()

    async def _download(self, url: str, limit: int) -> bytes:
        headers = {"accept-encoding": "identity", "connection": "close", "user-agent": "motcua"}
        async with (
            httpx2.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=None) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code != 200:
                raise DownloadHTTPError("refused", response.status_code)
            if response.headers.get("content-encoding", "identity") != "identity":
                raise DownloadError("encoded content")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > limit:
                    raise DownloadLengthMismatchError("longer than it may be")
            return bytes(body)


def _read(stream: IO[bytes], limit: int, late: float) -> bytes:
    body = bytearray()
    while chunk := stream.read(min(_CHUNK, limit + 1 - len(body))):
        body += chunk
        if len(body) > limit:
            raise DownloadLengthMismatchError("longer than it may be")
        if monotonic() > late:
            raise SlowRetrievalError("deadline")
    return bytes(body)


def _inside(file: Path, folder: Path) -> bool:
    """Tell whether no link on the way leads out of the folder."""
    try:
        return file.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    except OSError:
        return False
