"""A process that is killed at any write of an update or an import leaves the old state or the new, and can go on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.distribution.fetchers import FolderFetcher
from auth.distribution.operators import OperatorKey
from auth.distribution.update import update

from .conftest import InventedState, Office
from .served import Repository

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are cloned, which Windows does not know")

# Kill ourselves right before or right after the n-th file is renamed into place: there is no other kind of commit.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
store, published, results = map(Path, sys.argv[1:4])
from auth.distribution.change_file import ChangeFile
from auth.distribution.fetchers import FolderFetcher
from auth.distribution.installation import Installation
from auth.distribution.update import update
import shutil

real = Path.replace
def run(place, work):
    count = 0
    def replace(self, target):
        nonlocal count
        count += 1
        if count == place and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        moved = real(self, target)
        if count == place and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved
    Path.replace = replace
    work()

for place in range(1, 40):
    for after in (False, True):
        copy = results / f"{place}-{int(after)}"
        shutil.copytree(store, copy)
        child = os.fork()
        if child == 0:
            if published.is_dir():
                run(place, lambda: update(Installation(copy), FolderFetcher(published), datetime.now(UTC)))
            else:
                run(place, lambda: Installation(copy).apply(ChangeFile.parse(published.read_bytes())))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(0)
"""


def killed_everywhere(store: Path, published: Path, results: Path) -> list[Path]:
    """Return copies of the store, each left by a process that was killed at another place; the last ran through."""
    results.mkdir()
    subprocess.run([sys.executable, "-c", KILLED, store, published, results], check=True, timeout=100)
    return sorted(results.iterdir(), key=lambda path: tuple(map(int, path.name.split("-"))))


@NEEDS_FORK
def test_an_update_killed_at_any_write_loses_nothing(office: Office, utopia: InventedState, tmp_path: Path) -> None:
    people = {name: OperatorKey.generate() for name in ("pa", "pb")}
    repository = Repository(tmp_path / "published", people, OperatorKey.generate())
    own, old, new = utopia.csca(), InventedState("OL").csca(), InventedState("NE").csca()
    office.install(("ut.cer", own), ("root.json", repository.create({"old.cer": old})))
    update(office.installation, FolderFetcher(repository.path), datetime.now(UTC))
    repository.publish({"new.cer": new})
    copies = killed_everywhere(office.installation.folder.path, repository.path, tmp_path / "killed")
    assert len(copies) > 10
    seen = []
    for copy in copies:
        left = Office(type(office.installation)(copy), office.keys)
        left.installation.audit()
        seen.append(left.anchors())
        assert seen[-1] in ({own, old}, {own, new})
        update(left.installation, FolderFetcher(repository.path), datetime.now(UTC))
        assert left.anchors() == {own, new}
        left.installation.audit()
    assert seen[0] == {own, old}
    assert seen[-1] == {own, new}


@NEEDS_FORK
def test_an_import_killed_at_any_write_loses_nothing(office: Office, utopia: InventedState, tmp_path: Path) -> None:
    own, new = utopia.csca(), InventedState("NE").csca()
    office.install(("ut.cer", own))
    change = office.signed(office.propose(("ne.cer", new)).change)
    file = tmp_path / "change.json"
    file.write_bytes(change.encode())
    copies = killed_everywhere(office.installation.folder.path, file, tmp_path / "killed")
    assert len(copies) > 6
    for copy in copies:
        left = Office(type(office.installation)(copy), office.keys)
        assert left.anchors() in ({own}, {own, new})
        left.installation.audit()
        if left.anchors() == {own}:
            left.installation.apply(change)
        assert left.anchors() == {own, new}
