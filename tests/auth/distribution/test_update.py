"""What a desk takes from a repository, over TLS and out of a folder, and what it never takes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, MetaFile, Snapshot

from auth.distribution.diff import Action
from auth.distribution.entry import EntryKind
from auth.distribution.errors import (
    ChangeUnsigned,
    RepositoryError,
    RepositoryExpired,
    RepositoryTimeout,
    RepositoryUnknown,
    RepositoryUnreachable,
    RepositoryUntrusted,
    StoreBusy,
    StoreDamaged,
)
from auth.distribution.fetchers import FolderFetcher, WebFetcher
from auth.distribution.operators import OperatorKey
from auth.distribution.publishing import Lifetimes
from auth.distribution.tuf_keys import TufSigner
from auth.distribution.update import Updated, update
from auth.errors import RegisterUnreachable
from mock_cards.issuing.issuer import Issuer
from reader.inspection.policy import Policy

from .conftest import InventedState, Office
from .served import Repository, Source, drip, folder_source, long_ago, web_source


@pytest.fixture(scope="session")
def publishers() -> dict[str, OperatorKey]:
    return {name: OperatorKey.generate() for name in ("pa", "pb", "pc", "machine", "new")}


@pytest.fixture
def repository(tmp_path: Path, publishers: dict[str, OperatorKey]) -> Repository:
    people = {name: publishers[name] for name in ("pa", "pb", "pc")}
    return Repository(tmp_path / "published", people, publishers["machine"])


@pytest.fixture(params=["folder", "web"])
def source(request: pytest.FixtureRequest, repository: Repository) -> Iterator[Source]:
    with {"folder": folder_source, "web": web_source}[request.param](repository.path) as opened:
        yield opened


@pytest.fixture
def csca(utopia: InventedState) -> bytes:
    return utopia.csca()


@pytest.fixture
def desk(office: Office, repository: Repository, csca: bytes) -> Office:
    """Return an office that knows the repository, which publishes one certificate."""
    office.install(("root.json", repository.create({"ut.cer": csca})))
    return office


def take(desk: Office, source: Source, seconds: float = 20.0) -> Updated:
    return update(desk.installation, source.fetch(seconds), datetime.now(UTC))


def refuse(desk: Office, source: Source, error: type[RepositoryError], seconds: float = 20.0) -> None:
    """Expect an update to be refused and to leave everything as it was."""
    before = desk.installation.state()
    with pytest.raises(error):
        take(desk, source, seconds)
    assert desk.installation.state() == before
    desk.installation.audit()


def test_a_desk_takes_what_is_published_and_then_nothing_twice(desk: Office, source: Source, csca: bytes) -> None:
    done = take(desk, source)
    assert done.entry is not None
    assert done.entry.kind is EntryKind.UPDATE
    assert [(row.action, row.country) for row in done.diff.rows] == [(Action.ADDED, "UT")]
    assert desk.anchors() == {csca}
    assert take(desk, source).entry is None
    desk.installation.audit()


def test_an_update_takes_away_what_is_published_no_more_and_leaves_what_operators_installed(
    desk: Office, source: Source, repository: Repository, csca: bytes, arcadia: InventedState
) -> None:
    own, other = arcadia.csca(), InventedState("OT").csca()
    take(desk, source)
    desk.install(("ac.cer", own))
    repository.publish({"ot.cer": other})
    done = take(desk, source)
    assert {(row.action, row.country) for row in done.diff.rows} == {(Action.REMOVED, "UT"), (Action.ADDED, "OT")}
    assert desk.anchors() == {own, other}
    desk.installation.audit()


def test_a_store_that_knows_no_repository_asks_none(office: Office, repository: Repository, csca: bytes) -> None:
    repository.create({"ut.cer": csca})
    with pytest.raises(RepositoryUnknown):
        update(office.installation, FolderFetcher(repository.path), datetime.now(UTC))


def test_another_repository_of_the_same_shape_is_refused(
    desk: Office, source: Source, repository: Repository, publishers: dict[str, OperatorKey], csca: bytes
) -> None:
    shutil.rmtree(repository.path)
    strangers = {name: OperatorKey.generate() for name in ("pa", "pb", "pc")}
    Repository(repository.path, strangers, publishers["machine"]).create({"evil.cer": csca})
    refuse(desk, source, RepositoryUntrusted)


def test_rollback_of_everything_is_refused(
    desk: Office, source: Source, repository: Repository, tmp_path: Path, csca: bytes
) -> None:
    shutil.copytree(repository.path, tmp_path / "old")
    repository.publish({})
    take(desk, source)
    assert desk.anchors() == set()
    shutil.rmtree(repository.path)
    shutil.copytree(tmp_path / "old", repository.path)
    refuse(desk, source, RepositoryUntrusted)


def test_rollback_is_refused_after_the_kept_metadata_were_lost(
    desk: Office, source: Source, repository: Repository, tmp_path: Path
) -> None:
    shutil.copytree(repository.path, tmp_path / "old")
    repository.publish({})
    take(desk, source)
    repository.publish({"ot.cer": InventedState("OT").csca()})
    take(desk, source)
    shutil.rmtree(desk.installation.folder.repository)
    shutil.rmtree(repository.path)
    shutil.copytree(tmp_path / "old", repository.path)
    refuse(desk, source, RepositoryUntrusted)


def test_the_machine_alone_cannot_bring_old_targets_back(desk: Office, source: Source, repository: Repository) -> None:
    """A stolen machine key signs a new snapshot that names the targets of yesterday."""
    repository.publish({})
    take(desk, source)
    signer = TufSigner(repository.machine)
    snapshot = Metadata[Snapshot].from_bytes(repository.newest("snapshot").read_bytes())
    snapshot.signed.version += 1
    snapshot.signed.meta["targets.json"] = MetaFile(1)
    snapshot.sign(signer)
    folder = repository.path / "metadata"
    (folder / f"{snapshot.signed.version}.snapshot.json").write_bytes(snapshot.to_bytes())
    timestamp = Metadata.from_bytes((folder / "timestamp.json").read_bytes())
    timestamp.signed.version += 1
    timestamp.signed.snapshot_meta = MetaFile(snapshot.signed.version)
    timestamp.sign(signer)
    (folder / "timestamp.json").write_bytes(timestamp.to_bytes())
    refuse(desk, source, RepositoryUntrusted)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "root"])
def test_metadata_beyond_their_date_are_refused(
    desk: Office, source: Source, repository: Repository, role: str
) -> None:
    """A freeze: whoever stands between shows the desk the same old state for ever."""
    take(desk, source)
    before = desk.installation.state()
    lasting = {name: timedelta(days=365) for name in ("timestamp", "snapshot", "targets", "root")}
    repository.lifetimes = Lifetimes(**{**lasting, role: timedelta(days=1)})
    repository.publisher.rotate("root", (), (), long_ago())
    repository.publish({}, at=long_ago())
    with pytest.raises(RepositoryExpired):
        take(desk, source)
    assert desk.installation.state() == before


def test_targets_of_another_release_are_refused(desk: Office, source: Source, repository: Repository) -> None:
    """Mix and match: each file is rightly signed, together they were never published."""
    older = repository.newest("targets").read_bytes()
    repository.publish({})
    repository.newest("targets").write_bytes(older)
    refuse(desk, source, RepositoryUntrusted)


def test_one_signature_too_few_is_refused(desk: Office, source: Source, repository: Repository) -> None:
    repository.publisher.stage({}, datetime.now(UTC))
    repository.publisher.sign(repository.people["pa"])
    with pytest.raises(ChangeUnsigned):
        repository.publisher.release(repository.machine, datetime.now(UTC))
    take(desk, source)
    draft = repository.path / "draft" / "targets.json"
    (repository.path / "metadata" / "2.targets.json").write_bytes(draft.read_bytes())
    repository.publisher.refresh(repository.machine, datetime.now(UTC))
    refuse(desk, source, RepositoryUntrusted)


def test_a_root_that_one_person_could_use_is_refused(desk: Office, source: Source, repository: Repository) -> None:
    repository.publisher.rotate("root", (), (), datetime.now(UTC))
    path = repository.path / "draft" / "root.json"
    said = json.loads(path.read_bytes())
    said["signed"]["roles"]["targets"]["threshold"] = 1
    path.write_text(json.dumps(said))
    repository.release()
    refuse(desk, source, RepositoryUntrusted)


def test_a_swapped_file_is_refused(desk: Office, source: Source, repository: Repository) -> None:
    repository.target(".ut.cer").write_bytes(InventedState("UT").csca())
    refuse(desk, source, RepositoryUntrusted)


def test_a_file_that_is_longer_than_it_may_be_is_refused(
    desk: Office, source: Source, repository: Repository, csca: bytes
) -> None:
    repository.target(".ut.cer").write_bytes(csca + b"\x00" * 5_000_000)
    refuse(desk, source, RepositoryUntrusted)
    repository.target(".ut.cer").write_bytes(csca)
    (repository.path / "metadata" / "timestamp.json").write_bytes(b" " * 200_000)
    refuse(desk, source, RepositoryUntrusted)


@pytest.mark.parametrize("lost", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_a_missing_file_is_no_update(desk: Office, source: Source, repository: Repository, lost: str) -> None:
    (repository.path / "metadata" / lost).unlink()
    refuse(desk, source, RepositoryUnreachable)


def test_what_is_no_metadata_is_refused(desk: Office, source: Source, repository: Repository) -> None:
    (repository.path / "metadata" / "timestamp.json").write_text("<html>log in first</html>")
    refuse(desk, source, RepositoryUntrusted)


def test_a_deadline_that_is_over_is_kept(desk: Office, source: Source) -> None:
    refuse(desk, source, RepositoryTimeout, seconds=0.0)


def test_people_change_and_who_left_signs_nothing_any_more(
    desk: Office, source: Source, repository: Repository, publishers: dict[str, OperatorKey], tmp_path: Path
) -> None:
    """Key compromise: pa and pb are replaced; what they sign afterwards is worth nothing."""
    take(desk, source)
    shutil.copytree(repository.path, tmp_path / "before")
    gone = [repository.people[name].operator(name).key_id for name in ("pa", "pb")]
    repository.publisher.rotate("targets", (publishers["new"].operator("new"),), gone, datetime.now(UTC))
    repository.people["new"] = publishers["new"]
    # The old people release the new root; new and pc have to sign the targets.
    repository.release(signers=("pa", "pb", "pc", "new"))
    taken = take(desk, source)
    assert taken.entry is None or taken.entry.repository.root == 2
    stolen = Repository(tmp_path / "before", repository.people, repository.machine)
    evil = InventedState("EV").csca()
    stolen.publish({"evil.cer": evil})
    stolen.publish({"evil.cer": evil})
    for name in ("2.root.json", "timestamp.json"):
        assert (repository.path / "metadata" / name).exists()
    for file in stolen.path.joinpath("metadata").iterdir():
        if file.name not in ("1.root.json",):
            shutil.copy(file, repository.path / "metadata" / file.name)
    for file in stolen.path.joinpath("targets").iterdir():
        shutil.copy(file, repository.path / "targets" / file.name)
    repository.publisher.refresh(repository.machine, datetime.now(UTC))
    refuse(desk, source, RepositoryUntrusted)
    repository.publish({"ot.cer": InventedState("OT").csca()}, signers=("pc", "new"))
    repository.publish({"ot.cer": InventedState("OT").csca()}, signers=("pc", "new"))
    assert [row.country for row in take(desk, source).diff.of(Action.ADDED)] == ["OT"]
    desk.installation.audit()


def test_the_machines_key_changes(desk: Office, source: Source, repository: Repository) -> None:
    take(desk, source)
    old, new = repository.machine, OperatorKey.generate()
    repository.publisher.rotate("machine", (new.operator("m2"),), (old.operator("m").key_id,), datetime.now(UTC))
    repository.machine = new
    repository.release()
    take(desk, source)
    with pytest.raises(RepositoryUntrusted):
        repository.publisher.refresh(old, datetime.now(UTC))


def test_a_test_certificate_is_left_out_whatever_the_repository_says(
    desk: Office, source: Source, repository: Repository, utopia: InventedState, csca: bytes
) -> None:
    test_csca = Issuer(secrets.token_bytes).country.certificate
    inside = InventedState("IN").csca()
    repository.publish({"ut.cer": csca, "test.cer": test_csca, "ut.ml": utopia.master_list((inside, test_csca))})
    done = take(desk, source)
    assert desk.anchors() == {csca, inside}
    assert {row.reason for row in done.diff.of(Action.REFUSED)} == {"test-certificate"}
    assert len(done.diff.of(Action.REFUSED)) == 2


def test_an_update_that_nobody_proves_is_noticed(desk: Office, source: Source) -> None:
    done = take(desk, source)
    proof = desk.installation.folder.proof(done.entry.number)
    said = json.loads(proof.read_bytes())
    said["targets"] = said["targets"].replace("ut.cer", "xx.cer")
    proof.write_text(json.dumps(said))
    with pytest.raises(StoreDamaged):
        desk.installation.audit()


def test_a_second_update_of_one_store_waits_for_nobody(desk: Office, source: Source) -> None:
    with desk.installation.folder.locked(), pytest.raises(StoreBusy):
        take(desk, source)
    take(desk, source)


def test_two_desks_update_while_the_publisher_publishes(
    desk: Office, new_office: Callable[[str], Office], source: Source, repository: Repository, csca: bytes
) -> None:
    second = new_office("second")
    second.install(("root.json", repository.publisher.first_root()))
    published = [InventedState("PA").csca() for _ in range(4)]
    troubles: list[Exception] = []
    ended = threading.Event()

    def follow(one: Office) -> None:
        try:
            while not ended.is_set():
                take(one, source)
                assert len(one.anchors()) == 1
            take(one, source)
        except Exception as error:  # whatever it is fails the test below
            troubles.append(error)

    threads = [threading.Thread(target=follow, args=(one,)) for one in (desk, second)]
    for thread in threads:
        thread.start()
    for raw in published:
        repository.publish({"ut.cer": raw})
    ended.set()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert desk.anchors() == second.anchors() == {published[-1]}


def test_a_repository_never_takes_away_what_operators_installed(
    desk: Office, repository: Repository, utopia: InventedState, csca: bytes
) -> None:
    """Neither by a newer list of the same State nor by a file of the same name."""
    own = InventedState("OW").csca()
    listed, newer = utopia.master_list((own,)), utopia.master_list((), signed=datetime.now(UTC) - timedelta(days=1))
    policies = [Policy.shipped("strict").text.replace('"strict"', '"office"') + end for end in ("", "# theirs")]
    desk.install(("ut.cer", csca), ("own.ml", listed), ("own.toml", policies[0].encode()))
    repository.publish({"new.ml": newer, "office.toml": policies[1].encode()})
    with folder_source(repository.path) as source:
        done = take(desk, source)
        desk.installation.audit()
        assert {row.reason for row in done.diff.of(Action.REFUSED)} == {"older-than-held", "held-by-operators"}
        assert desk.anchors() == {csca}, "of one State's lists the newest counts, whoever brought it"
        assert desk.installation.opened()[1].of_kind("policy") == {"office": policies[0].encode()}
        repository.publish({})
        take(desk, source)
    assert desk.anchors() == {csca, own}
    desk.installation.audit()


class TestOverTheWeb:
    """What only a server can do."""

    @pytest.fixture
    def web(self, repository: Repository) -> Iterator[Source]:
        with web_source(repository.path) as opened:
            yield opened

    def test_a_byte_now_and_then_ends_at_the_deadline(self, desk: Office, web: Source) -> None:
        web.answer.append(drip)
        refuse(desk, web, RepositoryTimeout, seconds=0.8)

    def test_an_answer_without_end_is_cut(self, desk: Office, web: Source) -> None:
        def endless(handler) -> bool:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(2_000):
                handler.wfile.write(b" " * 65_536)
            return True

        web.answer.append(endless)
        refuse(desk, web, RepositoryUntrusted)

    @pytest.mark.parametrize("status", [301, 302, 307, 204, 401, 500, 503])
    def test_no_other_answer_than_the_file_counts(self, desk: Office, web: Source, status: int) -> None:
        def answer(handler) -> bool:
            handler.send_response(status)
            handler.send_header("location", "https://127.0.0.1:1/metadata/timestamp.json")
            handler.end_headers()
            return True

        web.answer.append(answer)
        refuse(desk, web, RepositoryUnreachable)

    def test_a_packed_answer_is_refused(self, desk: Office, web: Source) -> None:
        def answer(handler) -> bool:
            handler.send_response(200)
            handler.send_header("content-encoding", "gzip")
            handler.end_headers()
            return True

        web.answer.append(answer)
        refuse(desk, web, RepositoryUnreachable)

    def test_a_server_that_breaks_off_is_no_update(self, desk: Office, web: Source) -> None:
        def answer(handler) -> bool:
            handler.send_response(200)
            handler.send_header("content-length", "1000")
            handler.end_headers()
            handler.wfile.write(b"{")
            handler.close_connection = True
            return True

        web.answer.append(answer)
        refuse(desk, web, RepositoryUnreachable)

    def test_a_server_of_another_authority_is_not_spoken_to(
        self, desk: Office, web: Source, repository: Repository
    ) -> None:
        from mock_registers.authority import TestAuthority

        fetcher = web.fetch()
        stranger = WebFetcher(fetcher._base, (TestAuthority().anchor,))
        try:
            with pytest.raises(RepositoryUnreachable):
                update(desk.installation, stranger, datetime.now(UTC))
        finally:
            stranger.close()

    def test_plain_http_and_no_anchor_are_refused_at_once(self) -> None:
        with pytest.raises(RegisterUnreachable):
            WebFetcher("http://127.0.0.1/", (b"x",))
        with pytest.raises(RegisterUnreachable):
            WebFetcher("https://127.0.0.1/", ())


class TestFromAStick:
    """What only a folder can do."""

    @pytest.fixture
    def stick(self, repository: Repository) -> Iterator[Source]:
        with folder_source(repository.path) as opened:
            yield opened

    def test_a_stick_that_is_not_there_is_no_update(self, desk: Office, stick: Source, repository: Repository) -> None:
        repository.path.rename(repository.path.with_name("away"))
        refuse(desk, stick, RepositoryUnreachable)

    def test_nothing_outside_the_folder_is_read(
        self, desk: Office, stick: Source, repository: Repository, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside.json"
        metadata = repository.path / "metadata"
        (metadata / "timestamp.json").rename(outside)
        (metadata / "timestamp.json").symlink_to(outside)
        refuse(desk, stick, RepositoryUnreachable)
        (metadata / "timestamp.json").unlink()
        outside.rename(metadata / "timestamp.json")
        metadata.rename(tmp_path / "elsewhere")
        metadata.symlink_to(tmp_path / "elsewhere")
        refuse(desk, stick, RepositoryUnreachable)

    def test_a_device_or_a_pipe_is_no_file(self, desk: Office, stick: Source, repository: Repository) -> None:
        path = repository.path / "metadata" / "timestamp.json"
        path.unlink()
        os.mkfifo(path)
        refuse(desk, stick, RepositoryUnreachable)
