"""Each forgery changes what its name says and nothing else; what the reader makes of it is judged end to end."""

from __future__ import annotations

import pytest
from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from mock_cards.build import CardFactory, default_profile
from mock_cards.chip import profile_by_name
from mock_cards.forgeries import FORGERIES, forge, forgery_by_name
from mock_cards.issuing import IssuedCard, Issuer, signing_time
from mock_cards.issuing.mrz import mrz_of
from mock_cards.keys import seeded_rng
from mock_cards.personas import load_persona
from reader.crypto import curve_by_name, decode_point, to_cryptography_public_key
from reader.iso7816 import find, parse

NAMES_OF_OLD = {
    "dg1-sex-changed",
    "dg2-changed",
    "dg13-religion-changed",
    "csca-self-made",
    "sod-signature-broken",
    "ds-not-valid-at-signing",
    "clone-without-ca-key",
    "clone-without-aa-key",
    "dg15-suppressed",
    "pace-stripped",
    "unsigned-data-group",
    "sm-mac-flipped",
}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(seeded_rng("forgeries"))


@pytest.fixture(scope="module", params=["nguyen-van-mau", "pham-thi-mau", "tran-minh-thu"])
def genuine(request: pytest.FixtureRequest, issuer: Issuer) -> IssuedCard:
    persona = load_persona(request.param)
    return issuer.issue(persona, default_profile(persona))


def _changed(genuine: IssuedCard, forged: IssuedCard) -> set[str]:
    names = genuine.files.keys() | forged.files.keys()
    return {name for name in names if genuine.files.get(name) != forged.files.get(name)}


def _signer(card: IssuedCard) -> x509.Certificate:
    return _signed_data(card)["certificates"][0].chosen


def _signed_data(card: IssuedCard) -> cms.SignedData:
    return cms.ContentInfo.load(parse(card.files["EF.SOD"]).value)["content"]


def _sod_signature_holds(card: IssuedCard) -> bool:
    info = _signed_data(card)["signer_infos"][0]
    point = _signer(card).public_key["public_key"].native
    curve = curve_by_name("brainpoolP384r1")
    try:
        to_cryptography_public_key(curve, decode_point(curve, point)).verify(
            info["signature"].native, info["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def test_the_names_are_public_and_those_of_old_stay() -> None:
    names = [forgery.name for forgery in FORGERIES]
    assert set(names) >= NAMES_OF_OLD
    assert len(set(names)) == len(names)
    assert all(forgery.decision in ("proceed", "attention", "stop", None) for forgery in FORGERIES)
    assert all((forgery.decision == "stop") >= bool(forgery.fails - {"access.pace"}) for forgery in FORGERIES)
    with pytest.raises(KeyError):
        forgery_by_name("perfect")


def test_every_forgery_changes_the_card_or_what_its_chip_answers(genuine, issuer) -> None:
    for forgery in FORGERIES:
        card = issuer.issue(genuine.persona, profile_by_name(forgery.chip)) if forgery.chip else genuine
        assert forgery.make(card, issuer) != card or forgery.tamper or forgery.disturb, forgery.name


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("csca-self-made", {"EF.SOD"}),
        ("ds-not-valid-at-signing", {"EF.SOD"}),
        ("sod-signature-broken", {"EF.SOD"}),
        ("dg1-sex-changed", {"DG1"}),
        ("dg2-changed", {"DG2"}),
        ("dg13-religion-changed", {"DG13"}),
        ("clone-without-ca-key", set()),
        ("clone-without-aa-key", set()),
        ("dg15-suppressed", {"DG15"}),
        ("pace-stripped", {"EF.CardAccess"}),
        ("unsigned-data-group", {"EF.COM", "DG11"}),
        ("sm-mac-flipped", set()),
    ],
)
def test_a_forgery_touches_only_the_files_it_is_about(genuine, issuer, name: str, files: set[str]) -> None:
    assert _changed(genuine, forge(genuine, issuer, (name,))) == files


def test_the_sex_alone_is_changed(genuine, issuer) -> None:
    before = find(genuine.files["DG1"], 0x61, 0x5F1F)
    after = find(forge(genuine, issuer, ("dg1-sex-changed",)).files["DG1"], 0x61, 0x5F1F)
    assert [i for i in range(90) if before[i] != after[i]] == [37]
    assert {before[37:38], after[37:38]} == {b"M", b"F"}


def test_the_religion_alone_is_changed(genuine, issuer) -> None:
    def fields(card: IssuedCard) -> list[bytes]:
        return [child.value for child in parse(find(card.files["DG13"], 0x6D, 0x30)).children()]

    before, after = fields(genuine), fields(forge(genuine, issuer, ("dg13-religion-changed",)))
    assert [i + 1 for i in range(16) if before[i] != after[i]] == [7]


def test_the_self_made_csca_has_the_name_and_key_id_but_not_the_key(genuine, issuer) -> None:
    forged = forge(genuine, issuer, ("csca-self-made",))
    real = x509.Certificate.load(issuer.country.certificate)
    signer = _signer(forged)
    assert signer.issuer == real.subject
    assert signer.authority_key_identifier == real.key_identifier
    assert _sod_signature_holds(forged), "the SOD itself is in order"
    key = issuer.country.key
    with pytest.raises(InvalidSignature):
        to_cryptography_public_key(key.curve, key.point).verify(
            signer.signature, signer["tbs_certificate"].dump(), ec.ECDSA(hashes.SHA512())
        )


def test_the_late_signer_is_genuine_but_was_not_valid_yet(genuine, issuer) -> None:
    forged = forge(genuine, issuer, ("ds-not-valid-at-signing",))
    signer = _signer(forged)
    assert signer.not_valid_before > signing_time(genuine.persona.card)
    assert _sod_signature_holds(forged)
    key = issuer.country.key
    to_cryptography_public_key(key.curve, key.point).verify(
        signer.signature, signer["tbs_certificate"].dump(), ec.ECDSA(hashes.SHA512())
    )


def test_the_broken_signature_parses_but_does_not_verify(genuine, issuer) -> None:
    assert _sod_signature_holds(genuine)
    assert not _sod_signature_holds(forge(genuine, issuer, ("sod-signature-broken",)))


def test_clones_keep_the_public_keys_and_lack_the_private_ones(genuine, issuer) -> None:
    without_ca = forge(genuine, issuer, ("clone-without-ca-key",))
    assert without_ca.chip_keys[0].key != genuine.chip_keys[0].key
    assert without_ca.active_key == genuine.active_key
    without_aa = forge(genuine, issuer, ("clone-without-aa-key",))
    assert without_aa.active_key != genuine.active_key
    assert type(without_aa.active_key) is type(genuine.active_key)
    assert without_aa.chip_keys == genuine.chip_keys


def test_forgeries_combine_in_the_order_of_the_table(genuine, issuer) -> None:
    forged = forge(genuine, issuer, ("unsigned-data-group", "csca-self-made"))
    content = _signed_data(forged)["encap_content_info"]["content"].native
    assert len(parse(content).children()[2].children()) == 6, "the extra group stays unsigned"
    assert "DG11" in forged.files


def test_a_flipped_mac_spoils_dg2_and_nothing_before_it(factory: CardFactory, terminal) -> None:
    built = factory.build("nguyen-van-mau", ("sm-mac-flipped",))
    card = built.card
    card.power_on()
    it = terminal(_image_of("nguyen-van-mau"))
    it.chip = card
    it.select_application()
    assert it.bac(_information("nguyen-van-mau")).sw == 0x9000
    assert it.secure("00B0810000").sw == 0x9000
    assert it.secure("00B09D0000").sw == 0x9000
    with pytest.raises(AssertionError):
        it.secure("00B0820000")


def _information(name: str) -> bytes:
    return mrz_of(load_persona(name).card).information


def _image_of(name: str):
    persona = load_persona(name)
    return Issuer(seeded_rng("unused")).issue(persona, default_profile(persona)).image()


def test_a_card_is_issued_once_and_then_put_on_as_many_chips_as_asked_for(
    factory: CardFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.build("tran-minh-thu")
    monkeypatch.setattr(Issuer, "issue", lambda *_: pytest.fail("issued again, keys and signatures and all"))
    assert factory.build("tran-minh-thu").personal_number == load_persona("tran-minh-thu").card.personal_number
