"""OpenSSL as the second opinion on everything that the test issuer makes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

OpenSsl = Callable[..., tuple[bool, str]]


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    """Run openssl in a folder of its own; bytes among the arguments become files. Return (succeeded, what it said)."""
    count = 0

    def run(*arguments: str | bytes) -> tuple[bool, str]:
        nonlocal count
        words = ["openssl"]
        for argument in arguments:
            if isinstance(argument, bytes):
                count += 1
                file = tmp_path / f"{count}.bin"
                file.write_bytes(argument)
                words.append(str(file))
            else:
                words.append(argument)
        done = subprocess.run(words, capture_output=True, check=False, cwd=tmp_path)  # our own arguments
        return done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")

    return run
