"""``motcua trust`` from the first key to the undo, as an office's operators run it, and what a desk then trusts."""

from __future__ import annotations

import base64
import io
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from auth.distribution.register_keys import with_distributed_keys
from auth.distribution.register_lists import with_distributed_lists
from auth.errors import ServerRevoked
from auth.registers import Lookup
from auth.registers.land import LandClient
from auth.wire.endpoint import AnswerKey, RegisterEndpoint, SealKey
from desk.assembly import policy_of, trust_of
from desk.cli import main
from desk.diagnosis import diagnose
from desk.settings import Settings
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.trust_source import TrustSource
from desk.trusting import desk_trust, trust_view
from desk.view import DeskState, DeskView
from mock_cards.issuing.issuer import Issuer
from mock_registers import open_register_sandbox
from reader.inspection.policy import Policy
from reader.lds.identity import CalendarDate

NOW = datetime.now(UTC)


def csca(country: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.COMMON_NAME, f"CSCA {country}")]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=3000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


class Room:
    """A folder to work in, with a store, keys and passphrases; ``run`` gives (exit code, output, messages)."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.store = path / "store"
        self._capsys = capsys
        (path / "secret").write_text("a long passphrase\n")

    def run(self, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["trust", *map(str, arguments)])
        said = self._capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    def good(self, *arguments: object) -> str:
        code, out, err = self.run(*arguments)
        assert code == 0, err
        return out

    def at_store(self, command: str, *arguments: object) -> str:
        return self.good(command, *arguments, "--store", self.store, "--lang", "en")

    def key(self, name: str) -> str:
        self.good("key", self.path / name, "--passphrase-file", self.path / "secret")
        return f"{name}={self.path / name}.pub"

    def with_keys(self, *names: str) -> list[object]:
        return [one for name in names for one in ("--key", self.path / name, "--passphrase-file", self.path / "secret")]

    def file(self, name: str, raw: bytes) -> Path:
        (self.path / name).write_bytes(raw)
        return self.path / name

    def settings(self) -> Settings:
        return Settings(trust_store=self.store)


@pytest.fixture
def room(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Room:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Room(tmp_path, capsys)


@pytest.fixture
def founded(room: Room) -> Room:
    named = [room.key(name) for name in ("an", "binh")]
    out = room.at_store("operators", *named, *room.with_keys("an", "binh"))
    assert "Change 1 is installed." in out
    return room


def test_a_change_goes_from_hand_to_hand_and_back_again(founded: Room) -> None:
    raw = csca("UT")
    file, change = founded.file("ut.cer", raw), founded.path / "change.json"
    assert "It needs 2 signatures" in founded.at_store("import", file, "--to", change)
    assert len(trust_of(founded.settings()).anchors) == 0
    code, _, err = founded.run("import", change, "--store", founded.store, "--lang", "en")
    assert (code, "lacks signatures" in err) == (1, True)
    assert "1 of 2" in founded.at_store("sign", change, *founded.with_keys("an"))
    assert "2 of 2" in founded.at_store("sign", change, *founded.with_keys("binh"))
    assert "Change 2 is installed." in founded.at_store("import", change)
    assert [anchor.raw for anchor in trust_of(founded.settings()).anchors.anchors] == [raw]
    listed = json.loads(founded.at_store("list", "--country", "UT", "--json"))
    assert (listed["certificates"], listed["countries"], len(listed["anchors"])) == (1, {"UT": 1}, 1)
    assert listed["trust"]["level"] == "current"
    told = founded.at_store("history")
    assert "signed by an, binh" in told
    assert "as signed" in told
    assert "− UT" in founded.at_store("undo", 1, *founded.with_keys("an", "binh"))
    assert len(trust_of(founded.settings()).anchors) == 0
    assert "back to what was after change 1" in founded.at_store("history")


def test_looking_changes_nothing(founded: Room) -> None:
    file = founded.file("ut.cer", csca("UT"))
    told = json.loads(founded.at_store("check", file, "--json"))
    assert (told["certificates"], told["refused"], told["items"][0]["verdict"]) == (1, [], "self-signed")
    assert [row["country"] for row in told["changes"]["added"]] == ["UT"]
    assert "+ UT" in founded.at_store("diff", file)
    assert len(trust_of(founded.settings()).anchors) == 0
    assert list(founded.store.glob("objects/*")) == []


def test_a_test_certificate_is_refused_by_name_and_installed_by_nobody(founded: Room) -> None:
    file = founded.file("csca.cer", Issuer(secrets.token_bytes).country.certificate)
    code, out, _ = founded.run("check", file, "--json", "--store", founded.store)
    assert code == 1
    assert [one["reason"] for one in json.loads(out)["refused"]] == ["test-certificate"]
    code, out, err = founded.run(
        "import", file, *founded.with_keys("an", "binh"), "--store", founded.store, "--lang", "en"
    )
    assert code == 1
    assert "never installed" in out
    assert "nothing new" in err


@pytest.mark.parametrize("root", [None, "de-root-csca07.cer"])
def test_the_real_list_is_judged_completely(room: Room, shared: Path, root: str | None) -> None:
    data = shared / "data"
    anchor = ["--anchor", data / root] if root else []
    told = json.loads(room.good("check", data / "de-master-list-2026-05-28.ml", "--json", *anchor))
    assert (told["certificates"], told["refused"]) == (588, [])
    assert sum(told["countries"].values()) == 588
    (item,) = told["items"]
    assert item["verdict"] == ("trusted" if root else "no-trust-anchor")
    assert bool(item["anchor"]) is bool(root)


def test_a_key_is_never_written_over_and_never_opened_by_a_wrong_passphrase(room: Room) -> None:
    room.key("an")
    before = (room.path / "an").read_bytes()
    assert b"ENCRYPTED" in before
    assert (room.path / "an").stat().st_mode & 0o077 == 0
    assert room.run("key", room.path / "an", "--passphrase-file", room.path / "secret")[0] == 1
    assert (room.path / "an").read_bytes() == before
    (room.path / "short").write_text("short")
    assert room.run("key", room.path / "new", "--passphrase-file", room.path / "short")[0] == 1
    named = f"an={room.path / 'an'}.pub"
    second = room.key("binh")
    code, _, err = room.run(
        "operators",
        named,
        second,
        "--key",
        room.path / "an",
        "--passphrase-file",
        room.path / "short",
        "--store",
        room.store,
        "--lang",
        "en",
    )
    assert (code, "key cannot be used" in err) == (1, True)


def test_a_repository_is_published_and_taken_from_a_stick(founded: Room) -> None:
    for name in ("pa", "pb", "machine"):
        founded.key(name)
    people = [one for name in ("pa", "pb") for role in ("--root", "--targets") for one in (role, f"{name}={name}.pub")]
    stick, secret = founded.path / "stick", founded.path / "secret"
    founded.good("repository", "create", stick, *people, "--machine", "machine=machine.pub")
    founded.good("repository", "stage", stick, founded.file("ut.cer", csca("UT")))
    release = ["repository", "release", stick, "--machine", founded.path / "machine", "--passphrase-file", secret]
    founded.good("repository", "sign", stick, *founded.with_keys("pa"))
    assert founded.run(*release)[0] == 1, "one of two has signed"
    founded.good("repository", "sign", stick, *founded.with_keys("pb"))
    founded.good(*release)
    code, _, err = founded.run("update", "--from", stick, "--store", founded.store, "--lang", "en")
    assert (code, "knows no repository" in err) == (1, True)
    founded.at_store("import", stick / "metadata" / "1.root.json", *founded.with_keys("an", "binh"))
    assert "+ UT" in founded.at_store("update", "--from", stick)
    assert "up to date" in founded.at_store("update", "--from", stick)
    trust = desk_trust(founded.settings())
    assert (len(trust.material.anchors), trust.freshness.by_repository) == (1, True)
    assert trust.freshness.next_due is not None
    founded.good("repository", "refresh", stick, "--machine", founded.path / "machine", "--passphrase-file", secret)
    founded.at_store("update", "--from", stick)
    assert "from the repository, release 1" in founded.at_store("history")


def test_a_desk_uses_what_was_installed_while_it_ran(founded: Room) -> None:
    source = TrustSource(founded.settings())
    assert source.view() is None
    assert len(source.current().material.anchors) == 0
    assert source.view().level == "none"
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    assert len(source.current().material.anchors) == 1
    assert source.view().level == "current"
    held = source.current()
    assert source.current() is held, "nothing is read again while nothing has changed"


def test_a_list_that_has_ended_is_told_on_page_and_terminal_in_json_and_by_the_diagnosis(founded: Room) -> None:
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    source = TrustSource(founded.settings())
    freshness = source.current().freshness
    assert freshness.expires is not None
    ended = freshness.expires + timedelta(seconds=1)
    assert (source.expired(freshness.expires), source.expired(ended)) == (False, True)
    view = trust_view(freshness, ended)
    assert (trust_view(freshness, freshness.expires).expired, bool(view.expired)) == ("", True)
    for language in ("vi", "en"):
        texts, stream = Texts(language), io.StringIO()
        said = texts.trust_expired(view)
        assert view.expired in said
        assert texts.trust(view).startswith(said)
        TerminalPage(console_for(stream), texts).show(DeskView(DeskState.SHOWING, 1, trust=view))
        assert " ".join(stream.getvalue().split()).startswith(f"! {said}")
        assert stream.getvalue().count(said.split(":", maxsplit=1)[0]) == 1, "once"


def test_the_diagnosis_and_the_list_tell_of_a_list_that_has_ended(founded: Room) -> None:
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    assert "trust-expired" not in [one.code for one in diagnose(founded.settings(), lambda: ())]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=91)):
        (found,) = [one for one in diagnose(founded.settings(), lambda: ()) if one.code == "trust-expired"]
        assert not found.ok
        assert json.loads(founded.at_store("list", "--json"))["trust"]["expired"] is True


def test_the_age_ages(founded: Room) -> None:
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    freshness = desk_trust(founded.settings()).freshness
    levels = [trust_view(freshness, NOW + timedelta(days=days)).level for days in (1, 29, 31, 89, 91)]
    assert levels == ["current", "current", "due", "due", "overdue"]
    words = {Texts(language).trust(trust_view(freshness, NOW + timedelta(days=41))) for language in ("vi", "en")}
    assert len(words) == 2
    assert all("4" in one for one in words)


def test_a_policy_that_was_distributed_decides_by_its_name(founded: Room) -> None:
    text = Policy.shipped("strict").text.replace('name = "strict"', 'name = "office"')
    founded.at_store("import", founded.file("office.toml", text.encode()), *founded.with_keys("an", "binh"))
    trust = desk_trust(founded.settings())
    assert policy_of(Settings(policy="office"), trust.policies).name == "office"


def test_register_keys_that_were_distributed_take_the_place_of_the_settings(founded: Room) -> None:
    one, other = {"key_id": "new", "spki": "AAAA"}, {"key_id": "old", "spki": "BBBB"}
    keys = {
        "format": "motcua-register-keys-1",
        "register": "land",
        "answer_keys": [one, other],
        "seal_keys": [one, other],
    }
    file = founded.file("land.json", json.dumps(keys).encode())
    founded.at_store("import", file, *founded.with_keys("an", "binh"))
    there = [
        RegisterEndpoint(name, "https://127.0.0.1", (), (AnswerKey("old", b""),), seal_keys=(SealKey("old", b""),))
        for name in ("land", "population")
    ]
    found = with_distributed_keys(there, desk_trust(founded.settings()).register_keys)
    assert [[key.key_id for key in endpoint.answer_keys] for endpoint in found] == [["new", "old"], ["old"]]
    assert [[key.key_id for key in endpoint.seal_keys] for endpoint in found] == [["new", "old"], ["old"]]


def test_distributed_register_keys_without_seal_keys_leave_those_of_the_settings() -> None:
    keys = {"format": "motcua-register-keys-1", "register": "land", "answer_keys": [{"key_id": "new", "spki": "AAAA"}]}
    there = RegisterEndpoint("land", "https://127.0.0.1", (), (), seal_keys=(SealKey("old", b""),))
    (found,) = with_distributed_keys([there], {"land": json.dumps(keys).encode()})
    assert ([key.key_id for key in found.answer_keys], found.seal_keys) == (["new"], there.seal_keys)


def test_a_list_that_comes_with_the_trust_ends_the_connection_to_a_revoked_server(founded: Room) -> None:
    with open_register_sandbox(fault="tls:certificate-revoked") as sandbox:
        served = sandbox.endpoint("land")
        assert served.tls_revocation is not None
        told = [base64.b64encode(one).decode() for one in served.tls_revocation.lists()]
        file = founded.file(
            "land.json",
            json.dumps({"format": "motcua-register-lists-1", "register": "land", "lists": told}).encode(),
        )
        source = TrustSource(founded.settings())
        (endpoint,) = with_distributed_lists(
            [replace(served, tls_revocation=None)], lambda: source.current().register_lists
        )
        client = LandClient(endpoint, sandbox.device)
        lookup = Lookup(
            "visit-1",
            "099090000001",
            "Nguyễn Văn Mẫu",
            CalendarDate(1990, 1, 15),
            "land-change-registration",
            "Luật Đất đai 31/2024/QH15, Điều 133",
            "cb-001",
        )
        try:
            assert client.find_holdings(lookup).record is not None, "nobody has said that it was revoked"
            founded.at_store("import", file, *founded.with_keys("an", "binh"))
            with pytest.raises(ServerRevoked):
                client.find_holdings(lookup)
        finally:
            client.close()


def test_a_damaged_store_is_told_and_never_passed_over(founded: Room) -> None:
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    (parts, *_) = sorted(founded.store.glob("generations/*/parts.bin"), key=lambda path: -path.stat().st_size)
    raw = parts.read_bytes()
    parts.write_bytes(raw[:50] + bytes([raw[50] ^ 1]) + raw[51:])
    code, _, err = founded.run("list", "--store", founded.store, "--lang", "en")
    assert (code, "is damaged" in err) == (1, True)
    found = diagnose(founded.settings(), lambda: ())
    assert ("trust-store-damaged", False) in [(one.code, one.ok) for one in found]
    assert "built again" in founded.at_store("repair")
    assert len(trust_of(founded.settings()).anchors) == 1


def test_a_folder_takes_the_place_of_the_store(founded: Room, tmp_path: Path) -> None:
    founded.at_store("import", founded.file("ut.cer", csca("UT")), *founded.with_keys("an", "binh"))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "ac.cer").write_bytes(csca("AC"))
    trust = desk_trust(Settings(trust_store=founded.store, trust_directory=folder))
    assert [anchor.country for anchor in trust.material.anchors.anchors] == ["AC"]
    assert trust_view(trust.freshness, NOW).level == "unknown"
