"""The names that other rooms build on; taking one away is a decision, not an accident."""

from __future__ import annotations

import reader.lds

PINNED = """
ActiveAuthenticationInfo CalendarDate CardQr CheckDigit ChipAuthenticationInfo ChipAuthenticationPublicKey Com
Dg13 Dg15 Dg2 FaceImage FieldDefect Identity ImageKind KeyInput KeyInputKind LdsSecurityObject Mrz MrzField
MrzFormat MrzKeyFields PaceInfo Portrait SafeText SecurityInfos Sex StructureDefect TerminalAuthenticationInfo
TextFinding check_digit cms_of_sod decode_portrait identity_of make_safe mrz_key mrz_key_of mrz_name_agrees
mrz_spelling parse_card_qr parse_com parse_dg1 parse_dg13 parse_dg14 parse_dg15 parse_dg2 parse_key_input
parse_lds_security_object parse_mrz parse_security_infos
"""


def test_the_public_names_are_the_pinned_ones() -> None:
    assert sorted(reader.lds.__all__) == sorted(PINNED.split())


def test_every_public_name_is_there() -> None:
    assert [name for name in reader.lds.__all__ if not hasattr(reader.lds, name)] == []
