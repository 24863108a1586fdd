"""The private pcscd itself: who may run it, what it leaves open, and that nothing of it outlives its owner."""

from __future__ import annotations

import os
import select
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mock_cards.pcsc import DEFAULT_PORT, MOST_READERS, PrivatePcscd, daemon, find_pcscd_root
from reader.errors import ServiceUnavailable

pytestmark = pytest.mark.pcsc

NOBODY = 65534
OWNER = """
import sys
from mock_cards.pcsc import PrivatePcscd
pcscd = PrivatePcscd()
print(pcscd.socket_path, flush=True)
sys.stdin.read()
"""
# The process that reads a card has its variable set before its first call, as any client of serve has.
CLIENT = """
import os
from mock_cards.pcsc import PrivatePcscd
with PrivatePcscd() as pcscd:
    os.environ.update(pcscd.environment)
    from reader.pcsc import list_readers
    print(os.geteuid(), [reader.name for reader in list_readers()])
"""


def _ports_for_everybody(table: str) -> set[int]:
    """Return on which ports somebody listens on every interface, as vpcd does by itself: of proc_net_tcp(5).

    Any other test of this run may have one of these ports on loopback, or at the far end of a connection.
    """
    listening = "0A"
    lines = (line.split() for line in table.splitlines()[1:])
    local = (fields[1].split(":") for fields in lines if fields[3] == listening)
    return {int(port, 16) for address, port in local if set(address) == {"0"}}


@pytest.mark.parametrize(
    ("local", "state", "found"),
    [
        ("00000000:8C7B", "0A", {DEFAULT_PORT}),
        ("00000000000000000000000000000000:8C7C", "0A", {DEFAULT_PORT + 1}),
        ("0100007F:8C7B", "0A", set()),
        ("00000000:8C7B", "01", set()),
    ],
    ids=["listens", "listens by IPv6", "loopback", "connected"],
)
def test_a_port_that_is_open_to_everybody_would_be_seen(local: str, state: str, found: set[int]) -> None:
    line = f"   0: {local} 00000000:8C7C {state} 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100 0 0 10 0"
    assert _ports_for_everybody(f"  sl  local_address rem_address   st\n{line}\n") == found


def test_no_port_is_open_outside_the_namespace(private_pcscd: PrivatePcscd) -> None:
    private_pcscd.connect(1).close()
    tables = [table for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if table.exists()]
    open_to_all = set[int]().union(*(_ports_for_everybody(table.read_text()) for table in tables))
    assert open_to_all.isdisjoint({DEFAULT_PORT, DEFAULT_PORT + 1})


# A client sees each card where it was put: the first bytes of its answer say on which reader it lies.
SIXTEEN = """
import os, threading
from mock_cards.pcsc import MOST_READERS, PrivatePcscd, VirtualSlot, reader_name
from reader.iso7816 import CommandAPDU, ResponseAPDU

class Numbered:
    atr = bytes.fromhex("3B80800101")
    power_on = power_off = reset = lambda self: None
    def __init__(self, number):
        self.number = number
    def transmit(self, command):
        return ResponseAPDU(bytes((self.number,)), 0x9000)

with PrivatePcscd(readers=MOST_READERS) as pcscd:
    os.environ.update(pcscd.environment)
    from reader.pcsc import PcscTerminal, list_readers
    assert [reader.name for reader in list_readers()] == [reader_name(slot) for slot in range(MOST_READERS)]
    slots = [VirtualSlot(lambda slot=slot: pcscd.connect(slot)) for slot in range(MOST_READERS)]
    for number, slot in enumerate(slots):
        slot.insert(Numbered(number))
    for number, slot in enumerate(slots):
        assert slot.wait_until_powered(20)
        with PcscTerminal().connect(reader_name(number)) as link:
            print(link.transmit(CommandAPDU(0, 0xB0, 0, 0, ne=256)).data[0], end=" ")
"""


def test_sixteen_readers_hold_sixteen_cards(private_pcscd: PrivatePcscd) -> None:
    client = subprocess.run([sys.executable, "-c", SIXTEEN], capture_output=True, text=True, check=False, timeout=90)
    assert client.stdout.split() == [str(number) for number in range(16)], client.stderr


@pytest.mark.parametrize("readers", [0, 17, -1])
def test_a_pcscd_with_no_room_for_the_readers_is_refused(readers: int) -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        PrivatePcscd(readers=readers)


def test_sixteen_readers_listen_on_a_loopback_that_nobody_else_has(private_pcscd: PrivatePcscd) -> None:
    # Other tests' servers listen on loopback of this process too: what counts is what the service adds.
    before = {inode for _, inode in _listeners(Path("/proc/net"))}
    with PrivatePcscd(readers=MOST_READERS) as pcscd:
        pcscd.connect(MOST_READERS - 1).close()
        keeper = pcscd._process.pid
        interfaces = Path(f"/proc/{keeper}/net/dev").read_text().splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
        inside = _listeners(Path(f"/proc/{keeper}/net"))
        assert {port for port, _ in inside} == set(range(DEFAULT_PORT, DEFAULT_PORT + MOST_READERS))
        outside = {inode for _, inode in _listeners(Path("/proc/net"))}
        assert not (outside - before) & _sockets_of([os.getpid(), *_descendants(os.getpid())])


def _listeners(net: Path) -> set[tuple[int, str]]:
    """Return port and inode of each TCP socket that listens."""
    rows = [row.split() for table in ("tcp", "tcp6") for row in (net / table).read_text().splitlines()[1:]]
    return {(int(row[1].rpartition(":")[2], 16), row[9]) for row in rows if row[3] == "0A"}


def _sockets_of(processes: list[int]) -> set[str]:
    found = set()
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            target = os.readlink(descriptor) if descriptor.is_symlink() else ""
            found |= {target[8:-1]} if target.startswith("socket:[") else set()
    return found


def test_the_socket_is_for_its_owner_only(private_pcscd: PrivatePcscd) -> None:
    assert private_pcscd.socket_path.parents[1].stat().st_mode & 0o077 == 0


def test_two_run_beside_each_other_and_leave_nothing_behind(private_pcscd: PrivatePcscd) -> None:
    with PrivatePcscd() as second:
        assert second.socket_path != private_pcscd.socket_path
        second.connect().close()
    assert not second.socket_path.parents[1].exists()
    with pytest.raises(ServiceUnavailable):
        second.connect()


def test_a_user_namespace_is_enough(private_pcscd: PrivatePcscd, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = daemon._ways_into_namespaces()
    monkeypatch.setattr(daemon, "_ways_into_namespaces", lambda: ways[-1:])
    with PrivatePcscd() as unprivileged:
        unprivileged.connect().close()


def test_a_user_without_rights_may_run_it(private_pcscd: PrivatePcscd, project_root: Path, tmp_path: Path) -> None:
    python = shutil.which("python3", path="/usr/bin:/bin")
    if os.geteuid() != 0:
        pytest.skip("the whole run is without rights")
    if python is None or not _has_the_right_version(python):
        pytest.skip("no Python of the system that every user may run")
    if not _is_open_to_everybody(project_root):
        pytest.skip("this checkout lies where other users may not look")
    libraries = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    client = subprocess.run(
        [python, "-c", CLIENT],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": f"{project_root}:{libraries}", "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert client.stdout == f"{NOBODY} ['Virtual PCD 00 00', 'Virtual PCD 00 01']\n", client.stderr


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_owner_however_it_ends(private_pcscd: PrivatePcscd, ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout is not None
        directory = Path(owner.stdout.readline().decode().strip()).parents[1]
        processes = [os.pidfd_open(pid) for pid in _descendants(owner.pid)]
        assert len(processes) == 2
        owner.send_signal(ending)
    for process in processes:
        assert select.select([process], [], [], 10)[0], "still running"
        os.close(process)
    assert not directory.exists()


def test_a_directory_without_pcscd_is_no_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(daemon.ROOT_VARIABLE, str(tmp_path))
    assert find_pcscd_root() is None
    with pytest.raises(ServiceUnavailable, match="not unpacked"):
        PrivatePcscd()


def test_a_pcscd_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    root = find_pcscd_root()
    if root is None:
        pytest.skip("pcscd is not unpacked")
    shutil.copytree(root / "usr" / "lib", tmp_path / "usr" / "lib")
    binary = tmp_path / "usr" / "sbin" / "pcscd"
    binary.parent.mkdir()
    binary.write_text("#!/bin/sh\necho no luck today\nexit 1\n")
    binary.chmod(0o755)
    with pytest.raises(ServiceUnavailable, match="no luck today"):
        PrivatePcscd(tmp_path)


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [grandchild for child in map(int, children) for grandchild in [child, *_descendants(child)]]


def _has_the_right_version(python: str) -> bool:
    asked = subprocess.run([python, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False)
    # The client imports the same compiled pyscard as this process.
    return asked.stdout.decode().strip() == str(sys.version_info[:2])


def _is_open_to_everybody(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
