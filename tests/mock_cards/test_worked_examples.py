"""The worked examples of ICAO 9303-11, played by the card with the randomness they print."""

from __future__ import annotations

from collections.abc import Callable

from mock_cards.access import PasswordStore
from mock_cards.chip import Chip, ChipKey, PaceOption, Passwords, image_from_files, profile_by_name
from mock_cards.keys import EcKey
from mock_cards.protocols import Mapping, domain_by_id, pace_oid
from reader.crypto import MODP_GROUPS, CipherSuite, curve_by_name, generator, multiply
from reader.iso7816 import CommandAPDU, encode, find

COM = bytes.fromhex("60145F0104303130365F36063034303030305C026175")


def _scripted(*values: str) -> Callable[[int], bytes]:
    """Return a random source that gives exactly the values of an example, each of the length asked for."""
    left = [bytes.fromhex(value) for value in values]

    def draw(count: int) -> bytes:
        value = left.pop(0)
        assert len(value) == count
        return value

    return draw


def _exchange(chip: Chip, command: str, answer: str) -> None:
    assert chip.transmit(CommandAPDU.from_bytes(bytes.fromhex(command))).to_bytes() == bytes.fromhex(answer)


def test_basic_access_control_and_secure_messaging_answer_as_in_appendix_d() -> None:
    # D.2: MRZ information of the TD1 document L898902C<; D.3: RND.IC and K.IC.
    image = image_from_files({"EF.COM": COM}, profile_by_name("vietnam-2021"), Passwords(b"L898902C<369080619406236"))
    chip = Chip(image, _scripted("4608F91988702212", "0B4F80323EB3191CB04970CB4052790B"))
    chip.power_on()
    _exchange(chip, "00A4040C07A0000002471001", "9000")
    _exchange(chip, "0084000008", "4608F919887022129000")
    _exchange(
        chip,
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
    )
    # D.4: select EF.COM, read four bytes, read the remaining eighteen.
    _exchange(chip, "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000")
    _exchange(
        chip,
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
    )
    _exchange(
        chip,
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
    )


def test_pace_with_generic_mapping_answers_as_in_appendix_g1() -> None:
    # G.1: the MRZ fields with their check digits; nonce, the chip's mapping key, the chip's agreement key.
    pace = PaceOption("0.4.0.127.0.7.2.2.4.2.2", CipherSuite.AES_128, curve_by_name("brainpoolP256r1"))
    profile = profile_by_name("vietnam-2021")
    image = image_from_files({}, profile, Passwords(b"T22000129364081251010318"), pace=(pace,))
    chip = Chip(
        image,
        _scripted(
            "3F00C4D39D153F2B2A214A078D899B22",
            "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560",
            "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A",
        ),
    )
    chip.power_on()
    _exchange(chip, "0022C1A40F800A04007F00070202040202830101", "9000")
    _exchange(chip, "10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000")
    _exchange(
        chip,
        "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
        "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000",
    )
    _exchange(
        chip,
        "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
        "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000",
    )
    _exchange(chip, "008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000")
    assert chip.in_session


# Appendix H gives a password key without the MRZ it came from: it is not that of appendix G.
PASSWORD_KEY_OF_H = bytes.fromhex("591468CDA83D65219CCCB8560233600F")
# The example's private key of H.2 is longer than the subgroup's order; reduced by it, it is the same key.
PRIVATE_KEY_OF_H2 = int(
    "020F018C7284B047FA7721A337EFB7ACB1440BB30C5252BD41C97C30C994BB78E9F0C5B32744D84017D21FFA6878396A"
    "6469CA283EF5C000DAF7D261A39AB8860ED4610AB5343390897AAB5A7787E4FAEFA0649C6A94FDF82D991E8E3FC332F5"
    "142729E7040A3F7D5A4D3CD75CBEE1F043C1CAD2DD484FEB4ED22B597D36688E",
    16,
)


def _chip(mapping: Mapping, parameters: int, mrz: bytes, *draws: str, keys: tuple[ChipKey, ...] = ()) -> Chip:
    domain = domain_by_id(parameters)
    option = PaceOption(pace_oid(mapping, CipherSuite.AES_128, domain), CipherSuite.AES_128, domain, mapping)
    image = image_from_files({}, profile_by_name("icao-dh"), Passwords(mrz), pace=(option,), chip_keys=keys)
    chip = Chip(image, _scripted(*draws))
    chip.power_on()
    return chip


def _play(chip: Chip, transcript: list[tuple[str, str]]) -> None:
    for command, answer in transcript:
        _exchange(chip, command, answer)
    assert chip.in_session


def test_pace_by_diffie_hellman_answers_as_in_appendix_g2(pace_transcripts) -> None:
    chip = _chip(
        Mapping.GENERIC,
        0,
        b"T22000129364081251010318",
        "FA5B7E3E49753A0DB9178B7B9BD898C8",
        "66DDAFEAC1609CB5B963BB0CB3FF8B3E047F336C",
        "A5B780126B7C980E9FCEA1D4539DA1D27C342DFA",
    )
    *steps, (command, answer) = pace_transcripts.G2
    for exchange in steps:
        _exchange(chip, *exchange)
    # The example's chip names a trust point that nobody asked for (§4.4.5: object 87 where 7F4C was sent).
    token = find(bytes.fromhex(answer)[:-2], 0x7C, 0x86)
    assert chip.transmit(CommandAPDU.from_bytes(bytes.fromhex(command))).data == encode(0x7C, encode(0x86, token))
    assert chip.in_session


def test_integrated_mapping_on_a_curve_answers_as_in_appendix_h1(pace_transcripts, monkeypatch) -> None:
    monkeypatch.setattr(PasswordStore, "key", lambda *_: PASSWORD_KEY_OF_H)
    chip = _chip(
        Mapping.INTEGRATED,
        13,
        b"T22000129364081251010318",
        "2923BE84E16CD6AE529049F1F1BBE9EB",
        "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A",
    )
    _play(chip, pace_transcripts.H1)


def test_integrated_mapping_by_diffie_hellman_answers_as_in_appendix_h2(pace_transcripts, monkeypatch) -> None:
    monkeypatch.setattr(PasswordStore, "key", lambda *_: PASSWORD_KEY_OF_H)
    private = PRIVATE_KEY_OF_H2 % MODP_GROUPS[0].q
    chip = _chip(
        Mapping.INTEGRATED,
        0,
        b"T22000129364081251010318",
        "FA5B7E3E49753A0DB9178B7B9BD898C8",
        f"{private:040X}",
    )
    _play(chip, pace_transcripts.H2)


def test_chip_authentication_mapping_answers_as_in_appendix_i1(pace_transcripts) -> None:
    # The static key is printed as a point only; the chip authentication data and the mapping key determine it.
    curve = curve_by_name("brainpoolP256r1")
    mapping_key = 0x9E56A6B59C95D06ECE5CD10F983BB2F4F1943528E577F23881D89D8C3BBEE0AA
    # Printed larger than the group's order; reduced by it, it is the same key.
    agreement_key = 0xCD626EF3C256E235FE8912CAC28279E626008EDA6B3A05C4CF862A3BDAB79E78 % curve.n
    data = 0x85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3
    scalar = mapping_key * pow(data, -1, curve.n) % curve.n
    point = multiply(curve, scalar, generator(curve))
    assert f"{point.x:064X}" == "1872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8"
    key = ChipKey("0.4.0.127.0.7.2.2.3.2.2", CipherSuite.AES_128, EcKey(curve, scalar, point), 13)
    chip = _chip(
        Mapping.CHIP_AUTHENTICATION,
        13,
        b"C11T002JM496081222310314",
        "658B860BC94DF6F044FCE6D5C82CF8E5",
        f"{mapping_key:064X}",
        f"{agreement_key:064X}",
        keys=(key,),
    )
    _play(chip, pace_transcripts.I1)
