"""Pytest fixtures: one private pcscd for a whole test run (``pytest_plugins = ["mock_cards.pcsc.fixtures"]``).

libpcsclite reads ``PCSCLITE_CSOCK_NAME`` once in a process, so the variable is set before the first test to a socket
that appears when ``private_pcscd`` is first asked for. Until then, and where it cannot be had, PC/SC has no service in
this process: no test ever meets the system's pcscd.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_cards.pcsc.daemon import DIRECTORY_PREFIX, SOCKET_VARIABLE, PrivatePcscd, reader_name, socket_in
from mock_cards.pcsc.vpcd_client import VirtualSlot
from reader.errors import ServiceUnavailable

__all__ = ["READER_NAMES", "REQUIRE_VARIABLE", "private_pcscd", "virtual_slots"]

REQUIRE_VARIABLE = "MOTCUA_REQUIRE_PCSC"
READER_NAMES = (reader_name(0), reader_name(1))


def pytest_configure(config: pytest.Config) -> None:
    """Point PC/SC at a place of our own before anything can ask for it."""
    directory = Path(tempfile.mkdtemp(prefix=DIRECTORY_PREFIX))
    os.environ[SOCKET_VARIABLE] = str(socket_in(directory))
    config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))


@pytest.fixture(scope="session")
def private_pcscd() -> Iterator[PrivatePcscd]:
    """Run a pcscd with two virtual readers; skip where that is impossible, fail where MOTCUA_REQUIRE_PCSC=1."""
    try:
        daemon = PrivatePcscd(directory=Path(os.environ[SOCKET_VARIABLE]).parents[1])
    except ServiceUnavailable as error:
        if os.environ.get(REQUIRE_VARIABLE) == "1":
            pytest.fail(f"{REQUIRE_VARIABLE}=1, but {error}")
        pytest.skip(str(error))
    with daemon:
        yield daemon


@pytest.fixture(scope="session")
def _session_slots(private_pcscd: PrivatePcscd) -> tuple[VirtualSlot, VirtualSlot]:
    return VirtualSlot(lambda: private_pcscd.connect(0)), VirtualSlot(lambda: private_pcscd.connect(1))


@pytest.fixture
def virtual_slots(_session_slots: tuple[VirtualSlot, VirtualSlot]) -> Iterator[tuple[VirtualSlot, VirtualSlot]]:
    """Return the two virtual readers, ``READER_NAMES`` by name, empty; they are emptied again at the end."""
    yield _session_slots
    for slot in _session_slots:
        slot.remove()
