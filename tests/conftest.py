"""What every test stands on: no network beyond loopback, no unexpected log line, and the way to ../shared."""

from __future__ import annotations

import gc
import importlib.util
import ipaddress
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

from auth.purposes import BasisKind, ConsentHow, ConsentRecord, citizen_text, purpose, text_digest
from mock_cards.pcsc.reservation import reserve

ROOT = Path(__file__).resolve().parent.parent

# Emulated cards, and the private pcscd they lie on (`private_pcscd`, `virtual_slots`).
pytest_plugins = ["mock_cards.pytest_plugin"]

# Far more than a busy machine holds anything up.
ROOM_S = 10.0

# Derandomised and without a deadline: a slow machine must not fail a test, and a failure must come again.
settings.register_profile("motcua", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("motcua")

# Windows are drawn off screen unless a test run asks for a real display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_configure() -> None:
    """Send PC/SC of this process to a private pcscd, never to the system's, whatever test asks for it."""
    reserve()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected: there are 13,000, and none of them goes."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture
def shared() -> Path:
    """Return ../shared; skip where it is absent."""
    path = ROOT.parent / "shared"
    if not (path / "data").is_dir():
        pytest.skip("../shared is not here")
    return path


@pytest.fixture
def project_root() -> Path:
    """Return the checkout."""
    return ROOT


@pytest.fixture
def ends_by() -> Callable[[float], AbstractContextManager[None]]:
    """Return what sees that a block takes no longer than the seconds given, with room for the busiest machine.

    What the block must not wait for has to last longer than that, or nothing is shown.
    """

    @contextmanager
    def within(seconds: float) -> Iterator[None]:
        started = time.monotonic()
        yield
        taken = time.monotonic() - started
        assert taken < seconds + ROOM_S, f"{taken:.1f} s, where {seconds:g} were given"

    return within


@pytest.fixture
def left_since() -> Iterator[Callable[..., Callable[..., list[str]]]]:
    """Return ``left_since(*kinds)``: what names each object of these kinds that has come since and is still alive.

    Other tests of this process may hold some of their own, and let them go at any time. With ``garbage_too`` it is
    quick, and may name what is held by nothing but garbage of before. A test may ask for it once: RuntimeError.
    """
    asked = False

    def alive(kinds: tuple[type, ...]) -> list[object]:
        gc.collect()
        return [thing for thing in gc.get_objects() if isinstance(thing, kinds)]

    def since(*kinds: type) -> Callable[..., list[str]]:
        nonlocal asked
        if asked:
            # What has come since the first call would be frozen with what was there before, and be found no more.
            raise RuntimeError("left_since is for one call a test; name all kinds in it")
        asked = True
        # Held themselves, not by their ids: the id of one that went could be given to a new one, which then would hide.
        before = alive(kinds)
        gc.freeze()

        def left(*, garbage_too: bool = False) -> list[str]:
            # What was there before is millions of objects late in a run, and is left out of the first look. It is
            # looked through only where something was found, since garbage of before may be what holds it.
            found = alive(kinds)
            if found and not garbage_too:
                gc.unfreeze()
                old = {id(thing) for thing in before}
                found = [thing for thing in alive(kinds) if id(thing) not in old]
            return [type(thing).__name__ for thing in found]

        return left

    yield since
    gc.unfreeze()


def _load_peer(name: str, folder: str = "peers") -> ModuleType:
    """Load a module of ``tests/peers`` or another folder, since tests are no package."""
    spec = importlib.util.spec_from_file_location(f"tests_{folder}_{name}", ROOT / "tests" / folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def pace_transcripts() -> ModuleType:
    """Return ``tests/vectors/pace_transcripts.py``: the worked examples of PACE, command by command."""
    return _load_peer("pace_transcripts", "vectors")


@pytest.fixture(scope="session")
def mapping_cards() -> ModuleType:
    """Return ``tests/peers/card_security.py``: EF.CardSecurity and PACE-CAM from the issuer's side."""
    return _load_peer("card_security")


@pytest.fixture(scope="session")
def terminal_pki() -> ModuleType:
    """Return ``tests/peers/terminal_pki.py``: an issuer of CV certificates, and a chip that reads them."""
    return _load_peer("terminal_pki")


@pytest.fixture(scope="session")
def libeac() -> ModuleType:
    """Return the module ``tests/peers/libeac.py``; without its library skip, or fail where it must be there.

    Each process loads the library once: ``libeac.LibEac(root)`` afterwards costs nothing.
    """
    module = _load_peer("libeac")
    if not module.LibEac.is_here(ROOT):
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("libeac3 is not unpacked under build/peers")
        pytest.skip("libeac3 is not unpacked under build/peers")
    return module


@pytest.fixture(scope="session")
def poppler() -> Any:
    """Return Poppler's programs; without them skip, or fail where they must be there."""
    module = _load_peer("poppler")
    if not module.Poppler.is_here(ROOT):
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("poppler-utils is not unpacked under build/peers")
        pytest.skip("poppler-utils is not unpacked under build/peers")
    return module.Poppler(ROOT)


@pytest.fixture(scope="session")
def key_places() -> ModuleType:
    """Return ``tests/peers/key_places.py``; without its programs skip, or fail where they must be there."""
    module = _load_peer("key_places")
    missing = module.missing_programs(ROOT)
    if missing:
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail(f"not unpacked under build/keystores: {missing}")
        pytest.skip(f"not unpacked under build/keystores: {missing}")
    return module


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """Run a private PostgreSQL server, one a process; without its programs skip, or fail where it must be there."""
    module = _load_peer("postgres")
    if module.postgres_programs(ROOT) is None:
        if os.environ.get("MOTCUA_REQUIRE_PEERS") == "1":
            pytest.fail("PostgreSQL is not unpacked under build/postgres")
        pytest.skip("PostgreSQL is not unpacked under build/postgres")
    with module.PostgresServer(ROOT) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a new, empty database: a test that takes it runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registers.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex

    def check(address: object) -> None:
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise AssertionError("a test tried to leave the machine")

    def connect(self: socket.socket, address: object) -> None:
        check(address)
        real_connect(self, address)  # type: ignore[arg-type]  # handed on as it came

    def connect_ex(self: socket.socket, address: object) -> int:
        check(address)
        return real_connect_ex(self, address)  # type: ignore[arg-type]  # handed on as it came

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    patch.setattr(socket.socket, "connect_ex", connect_ex)
    yield
    patch.undo()


def _is_loopback(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_unexpected_log_lines(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that logged a warning or worse without saying so by the mark ``logs``."""
    yield
    if request.node.get_closest_marker("logs"):
        return
    loud = [
        record for when in ("setup", "call") for record in caplog.get_records(when) if record.levelno >= logging.WARNING
    ]
    assert not loud, [f"{record.name}: {record.getMessage()}" for record in loud]


@pytest.fixture
def log_as_it_was() -> Iterator[None]:
    """Leave the program's logger as tests need it: what it says must reach pytest."""
    logger = logging.getLogger("motcua")
    before = logger.propagate, logger.level, list(logger.handlers)
    yield
    logger.propagate, level, logger.handlers = before[0], before[1], before[2]
    logger.setLevel(level)


@pytest.fixture
def agreed() -> Callable[..., ConsentRecord]:
    """Return ``agreed(purpose, language)``: that a citizen has just agreed to the text of a shipped purpose."""

    def agree(id: str, language: str = "vi") -> ConsentRecord:
        known = purpose(id)
        digest = text_digest(citizen_text(known, language))
        now = datetime.now(UTC)
        return ConsentRecord(BasisKind.CONSENT, known.wording_version, digest, language, ConsentHow.READ_ALOUD, now)

    return agree
