"""``motcua read`` and ``verify`` with a card on what they take for PC/SC."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from auth.device import SoftwareSigner
from desk.sandbox_ports import CardSandbox, SandboxCard
from reader.inspection import Policy
from reader.iso7816 import ReaderSnapshot, parse_trace

Run = Callable[..., Any]  # what it returns is a class of conftest.py, which cannot be imported from here


def install_trust(cards: CardSandbox, folder: Path) -> str:
    folder.mkdir()
    for number, anchor in enumerate(cards.anchors):
        (folder / f"{number}.der").write_bytes(anchor)
    return str(folder)


def test_read_proves_a_card_under_installed_anchors(run: Run, card_on_pcsc: CardSandbox, tmp_path: Path) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "out.json"
    ended = run("read", "--can", "000001", "--trust", trust, "--json", str(file), "--lang", "en")
    assert ended.code == 0
    assert "PROCEED" in ended.out
    report = json.loads(file.read_text("utf-8"))
    assert {register["state"] for register in report["registers"]} == {"idle"}


def test_read_without_anchors_is_attention_and_says_why(run: Run, card_on_pcsc: CardSandbox) -> None:
    ended = run("read", "--can", "099090000001", "--lang", "en")
    assert ended.code == 10
    assert "no certificate of the issuing State is installed here" in " ".join(ended.out.split())


@pytest.mark.parametrize(("can", "code"), [("000001", 10), ("999999", 4)])
def test_read_writes_a_trace_for_this_user_only(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path, can: str, code: int
) -> None:
    file = tmp_path / "trace.jsonl"
    assert run("read", "--can", can, "--trace", str(file)).code == code
    assert file.stat().st_mode & 0o077 == 0
    trace = parse_trace(file.read_text("utf-8"))
    assert trace.atr
    assert [record.header.hex() for record in trace.records[:2]] == ["00b09c00", "0022c1a4"]
    assert bool(trace.inside.records) is (code == 10)
    assert can not in file.read_text("utf-8")


class PutBack:
    """Stand for the watch of ``motcua read``: when it begins to watch, somebody puts a card back."""

    def __init__(self, cards: CardSandbox, card: SandboxCard | None) -> None:
        self.cards, self.card = cards, card

    def __call__(self) -> PutBack:
        return self

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        self.cards.watch.start(on_change)
        if self.card is not None:
            self.cards.insert(self.card)

    def stop(self) -> None:
        self.cards.watch.stop()


@pytest.mark.parametrize(
    ("persona", "code", "failure"),
    [("nguyen-van-mau", 0, ""), ("pham-thi-mau", 4, "different-document"), ("", 4, "card-removed")],
)
def test_read_asks_for_a_lost_card_and_goes_on_with_no_other(
    run: Run,
    card_on_pcsc: CardSandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    persona: str,
    code: int,
    failure: str,
) -> None:
    card_on_pcsc.insert(SandboxCard("nguyen-van-mau", faults=("lost-field:60",)))
    back = PutBack(card_on_pcsc, SandboxCard(persona) if persona else None)
    monkeypatch.setattr("desk.cli.read.PcscWatch", back)
    settings, file = tmp_path / "motcua.toml", tmp_path / "out.json"
    settings.write_text(f"card_back_seconds = {30.0 if persona else 0.5}\n", "utf-8")
    trust = install_trust(card_on_pcsc, tmp_path / "trust")
    ended = run(
        "read", "--can", "000001", "--trust", trust, "--json", str(file), "--lang", "vi", "--settings", str(settings)
    )
    assert ended.code == code
    assert "Đặt lại thẻ lên đầu đọc" in ended.err
    assert "Đặt lại đúng thẻ đó" in ended.err
    told = json.loads(file.read_text("utf-8"))["failure"]
    assert (told["code"] if told else "") == failure


def enrolled(folder: Path) -> tuple[str, str]:
    """Give this computer a device key; return its settings file and its public key."""
    signer = SoftwareSigner.generate()
    (folder / "device.pem").write_bytes(signer.to_encrypted_pem(b"secret"))
    (folder / "passphrase").write_bytes(b"secret")
    (folder / "public.pem").write_bytes(signer.public_pem())
    settings = '[device]\nid = "desk-099-3"\nkey_file = "device.pem"\npassphrase_file = "passphrase"\n'
    (folder / "motcua.toml").write_text(settings, encoding="utf-8")
    return str(folder / "motcua.toml"), str(folder / "public.pem")


def test_what_one_desk_read_another_judges_again_without_card_and_reader(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "evidence.json"
    settings, public = enrolled(tmp_path)
    file.touch(0o644)
    read = run("read", "--can", "000001", "--settings", settings, "--bundle", str(file), "--lang", "en")
    assert read.code == 10, "no issuer certificate is installed at this desk"
    assert "portrait" in read.err
    assert "not signed" not in read.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    ended = run("verify", str(file), "--trust", trust, "--device-key", public, "--json", "--lang", "en")
    assert ended.code == 0, ended.err
    result = json.loads(ended.out)
    assert result["station"] == {
        "state": "signed-by-known-device",
        "device": "desk-099-3",
        "key_id": SoftwareSigner.from_encrypted_pem((tmp_path / "device.pem").read_bytes(), b"secret").key_id,
    }
    assert result["inspection"]["decision"] == "attention"
    assert (result["decision"], result["reasons"]) == ("proceed", [])
    assert result["transferable"] == ["genuine.active-authentication"]
    assert "genuine.chip-authentication" in result["inspectors_word"]
    assert result["identity"]["full_name"] == "Nguyễn Văn Mẫu"
    page = " ".join(ended.err.split())
    assert "only the word of the computer that read the card" in page
    assert "the chip’s signature, which anybody can check again" in page

    assert run("verify", str(file), "--trust", trust).code == 10, "nobody here knows the station"
    assert run("verify", str(file), "--device-key", public).code == 10, "nobody here knows the issuer"
    strict = run("verify", str(file), "--device-key", public, "--policy", "strict", "--lang", "en")
    assert (strict.code, "strict" in strict.out) == (20, True)
    other = SoftwareSigner.generate().public_pem()
    (tmp_path / "other.pem").write_bytes(other)
    assert run("verify", str(file), "--trust", trust, "--device-key", str(tmp_path / "other.pem")).code == 10

    raw = bytearray(file.read_bytes())
    raw[len(raw) // 3] ^= 4
    file.write_bytes(raw)
    broken = run("verify", str(file), "--trust", trust, "--device-key", public, "--lang", "en")
    assert broken.code == 4
    assert "changed after it was written" in broken.err
    assert broken.out == ""


def test_a_desk_without_a_device_key_says_that_its_evidence_is_not_signed(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    trust, file = install_trust(card_on_pcsc, tmp_path / "trust"), tmp_path / "evidence.json"
    read = run("read", "--can", "000001", "--trust", trust, "--bundle", str(file), "--lang", "en")
    assert (read.code, "not signed" in read.err) == (0, True)
    ended = run("verify", str(file), "--trust", trust, "--lang", "vi")
    assert ended.code == 10
    assert "không có chữ ký của máy đã đọc thẻ" in " ".join(ended.out.split())


def test_the_policy_that_decides_is_chosen_by_name_or_file(run: Run, card_on_pcsc: CardSandbox, tmp_path: Path) -> None:
    assert run("read", "--can", "000001", "--policy", "offline").code == 20
    mine = tmp_path / "mine.toml"
    mine.write_text(Policy.shipped().text.replace('name = "operational"', 'name = "mine"'), encoding="utf-8")
    file = tmp_path / "out.json"
    assert run("read", "--can", "000001", "--policy", str(mine), "--json", str(file)).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "mine"
    settings = tmp_path / "motcua.toml"
    settings.write_text('policy_file = "mine.toml"\n', encoding="utf-8")
    assert run("read", "--can", "000001", "--settings", str(settings), "--json", str(file)).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "mine"
    chosen = ("--settings", str(settings), "--policy", "operational", "--json", str(file))
    assert run("read", "--can", "000001", *chosen).code == 10
    assert json.loads(file.read_text("utf-8"))["policy"] == "operational"


def test_read_takes_the_mrz_from_standard_input(
    run: Run, card_on_pcsc: CardSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(card_on_pcsc.printed_mrz))
    assert run("read", "--mrz", "-", "--trust", install_trust(card_on_pcsc, tmp_path / "trust")).code == 0


def test_read_says_that_a_land_certificate_opens_no_card(run: Run, card_on_pcsc: CardSandbox) -> None:
    code = "02-01-2025-09-30-00|099|MAU|H-1|AB 12345678|GCN-099-1||42"
    ended = run("read", "--qr", code, "--lang", "vi")
    assert ended.code == 2
    assert "giấy chứng nhận" in ended.err
    assert "AB 12345678" not in ended.err


def test_read_with_the_number_of_another_card_is_card_trouble(
    run: Run, card_on_pcsc: CardSandbox, tmp_path: Path
) -> None:
    file = tmp_path / "out.json"
    ended = run("read", "--can", "999999", "--json", str(file), "--lang", "en")
    assert ended.code == 4
    assert json.loads(file.read_text("utf-8"))["failure"]["code"] == "wrong-password"
    assert "does not open this card" in ended.err
    assert ended.out == ""


def test_a_reader_is_found_by_part_of_its_name_and_missed_by_another(run: Run, card_on_pcsc: CardSandbox) -> None:
    assert run("read", "--can", "000001", "--reader", "mô phỏng").code == 10
    assert run("read", "--can", "000001", "--reader", "elsewhere").code == 3


def test_readers_are_listed_with_what_lies_on_them(run: Run, card_on_pcsc: CardSandbox) -> None:
    ended = run("readers", "--lang", "en")
    assert ended.code == 0
    assert "card present" in ended.out


def test_credentials_that_cannot_be_used_are_refused_where_they_are_typed(
    run: Run, terminal_pki: ModuleType, tmp_path: Path
) -> None:
    pki = terminal_pki
    authority, verifier, system = (
        pki.Holder(name, "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        for name in ("XXCVCA00001", "XXDV00XX001", "XXIS00XX001")
    )
    files = {
        "cvca": pki.certificate(authority, authority, pki.CVCA | 3),
        "dv": pki.certificate(verifier, authority, pki.DOMESTIC | 3),
        "is": pki.certificate(system, verifier, pki.IS | 3),
    }
    store = pki.write_store(tmp_path / "store", files, system.private, mode=0o644)
    ended = run("read", "--can", "123456", "--terminal-credentials", str(store))
    assert ended.code == 2
    assert "private key that others may read" in " ".join(ended.err.split())


def test_read_takes_credentials_and_says_that_a_card_does_not_know_the_protocol(
    run: Run, card_on_pcsc: CardSandbox, terminal_pki: ModuleType, tmp_path: Path
) -> None:
    pki, file = terminal_pki, tmp_path / "out.json"
    holder = pki.Holder("XXIS00XX001", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
    verifier = pki.Holder("XXDV00XX001", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
    store = pki.write_store(tmp_path / "store", {"is": pki.certificate(holder, verifier, pki.IS | 3)}, holder.private)
    trust = install_trust(card_on_pcsc, tmp_path / "trust")
    wanted = ("--trust", trust, "--terminal-credentials", str(store), "--json", str(file))
    assert run("read", "--can", "000001", *wanted).code == 0
    checks = {check["id"]: check for check in json.loads(file.read_text("utf-8"))["checks"]}
    assert checks["genuine.terminal-authentication"]["reason"] == "not-offered"
