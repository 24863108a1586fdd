"""The desk's side of the ledger: where it lies, that look-ups of a set-up desk are recorded, what a clerk is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import LedgerUnusable
from auth.ledger import Act, ActKind, Ledger
from auth.purposes import purpose
from auth.registers.ports import Answer, Lookup, PopulationRecord
from auth.wire.endpoint import DeviceCredential
from desk.diagnosis import diagnose
from desk.kinds.population import KIND as POPULATION_KIND
from desk.lookups import ask, make_lookup
from desk.registers_assembly import registers_of
from desk.settings import Settings, SettingsInvalid, load_settings
from desk.view import RegisterState
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.lds import CalendarDate, Identity, Sex


@pytest.fixture
def lookup() -> Lookup:
    identity = Identity("099090000001", "Nguyễn Văn Mẫu", CalendarDate(1990, 1, 15), Sex.MALE, "Việt Nam")
    return make_lookup(identity, purpose("land-change-registration"), "cb-001")


@pytest.mark.parametrize("named", [True, False])
def test_a_set_up_desk_records_its_look_ups_where_the_settings_say_or_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lookup: Lookup, named: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    signer = SoftwareSigner.generate()
    key = load_pem_public_key(signer.public_pem())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    settings = Settings(ledger=tmp_path / "own.db" if named else None)
    opener = SoftwareOpener.generate()
    with serve_registers([EnrolledDevice("desk-1", signer.key_id, key, opener.public_key)]) as endpoints:
        registers = registers_of(settings, endpoints, DeviceCredential("desk-1", signer, opener))
        for name in ("population", "land", "housing"):
            register = registers.of(name)
            assert register.find is not None
            assert ask(register.kind, register.find, lookup).state is RegisterState.ANSWERED
        registers.close()
    (file,) = [tmp_path / "own.db"] if named else tmp_path.rglob(f"{signer.key_id}.db")
    ledger = Ledger(file, signer, machine="")
    acts = [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]
    assert [(act.register, act.kind) for act in acts] == [
        ("population", ActKind.ASKED),
        ("population", ActKind.ANSWERED),
        ("land", ActKind.ASKED),
        ("land", ActKind.ANSWERED),
        ("housing", ActKind.ASKED),
        ("housing", ActKind.ANSWERED),
    ]
    assert len({act.lookup for act in acts}) == 1
    last = ledger.last_checkpoint()
    assert last is not None
    assert (last.checkpoint.size, len(last.signatures)) == (6, 4)
    ledger.close()


def test_a_desk_to_which_no_answer_can_be_sealed_does_not_begin(tmp_path: Path) -> None:
    signer = SoftwareSigner.generate()
    with (
        serve_registers([]) as endpoints,
        pytest.raises(SettingsInvalid, match="opening_key_file"),
    ):
        registers_of(Settings(ledger=tmp_path / "own.db"), endpoints, DeviceCredential("desk-1", signer))


def test_a_ledger_that_cannot_be_used_is_the_look_ups_failure_and_not_the_visits(lookup: Lookup) -> None:
    def find(_lookup: Lookup) -> Answer[PopulationRecord]:
        raise LedgerUnusable("disk-full")

    outcome = ask(POPULATION_KIND, find, lookup)
    assert (outcome.state, outcome.failure) == (RegisterState.FAILED, "ledger-unusable")


def test_the_ledger_and_its_hours_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "motcua.toml"
    file.write_text('ledger = "ledger.db"\nledger_hours = 8\n')
    settings = load_settings((file,))
    assert (settings.ledger, settings.ledger_hours) == (tmp_path / "ledger.db", 8)
    file.write_text("ledger_hours = -1\n")
    with pytest.raises(SettingsInvalid, match="ledger_hours"):
        load_settings((file,))


def test_diagnosis_opens_the_ledger_of_a_set_up_desk(tmp_path: Path) -> None:
    signer = SoftwareSigner.generate()
    (tmp_path / "device.key").write_bytes(signer.to_encrypted_pem(b"secret"))
    (tmp_path / "passphrase").write_bytes(b"secret")
    settings = Settings.model_validate(
        {
            "ledger": tmp_path / "ledger.db",
            "device": {"id": "d", "key_file": tmp_path / "device.key", "passphrase_file": tmp_path / "passphrase"},
            "registers": [
                {
                    "register": "land",
                    "base_url": "https://127.0.0.1:1",
                    "tls_anchors": ["x"],
                    "answer_keys": [{"key_id": "x", "spki": "x"}],
                    "seal_keys": [{"key_id": "x", "spki": "x"}],
                }
            ],
        }
    )

    def found() -> list[tuple[str, str, bool]]:
        return [(one.code, one.about, one.ok) for one in diagnose(settings, tuple) if one.area == "ledger"]

    assert found() == [("ledger-usable", "", True)]
    Ledger(tmp_path / "ledger.db", signer, machine="").close()
    assert found() == [("ledger-usable", "", True)]
    (tmp_path / "ledger.db").write_bytes(b"something else" * 100)
    assert found() == [("ledger-unusable", "no-ledger", False)]
    (tmp_path / "device.key").unlink()
    assert found() == [("settings-invalid", "", False)]
