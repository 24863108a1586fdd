"""A place for the private PC/SC service of a test run, named before there is a service.

libpcsclite reads ``PCSCLITE_CSOCK_NAME`` once in a process, so it is set before the first test, to a socket that
appears when the service is first asked for. Until then, and where it cannot be had, PC/SC has no service in this
process: no test ever meets the system's pcscd.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from mock_cards.pcsc.daemon import DIRECTORY_PREFIX, SOCKET_VARIABLE, socket_in

__all__ = ["release", "reserve"]

_directories: list[Path] = []


def reserve() -> Path:
    """Bind PC/SC of this process to a private, empty directory, once; return it."""
    if not _directories:
        _directories.append(Path(tempfile.mkdtemp(prefix=DIRECTORY_PREFIX)))
        os.environ[SOCKET_VARIABLE] = str(socket_in(_directories[0]))
    return _directories[0]


def release() -> None:
    """Take the directory away; PC/SC of this process stays bound to it."""
    for directory in _directories:
        shutil.rmtree(directory, ignore_errors=True)
