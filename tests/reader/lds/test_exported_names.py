"""The names that other rooms build on; taking one away is a decision, not an accident."""

from __future__ import annotations

import reader.lds

PINNED = """
ActiveAuthenticationInfo BiometricImage BiometricImageKind BiometricPosition CalendarDate CardApplication CardQr
CardSecurity CheckDigit ChipAuthenticationInfo ChipAuthenticationPublicKey Com Dg11 Dg12 Dg13 Dg15 Dg16 Dg2 Dg3 Dg4
Dg5 Dg7 Directory DisplayedImage FaceImage FieldDefect Identity ImageKind KeyInput KeyInputKind LAND_QR_SCANNED
LandQr LdsSecurityObject Mrz MrzField MrzFormat MrzKeyFields OpenGroup OtherGroup PaceInfo PersonToNotify Portrait
SafeText SecurityInfos Sex StructureDefect TerminalAuthenticationInfo TextFinding check_digit cms_of_sod
decode_portrait identity_of make_safe mrz_key mrz_key_of mrz_name_agrees mrz_spelling parse_card_qr
parse_card_security parse_com parse_dg1 parse_dg11 parse_dg12 parse_dg13 parse_dg14 parse_dg15 parse_dg16 parse_dg2
parse_dg3 parse_dg4 parse_dg5 parse_dg7 parse_directory parse_key_input parse_land_qr parse_lds_security_object
parse_mrz parse_open_group parse_other_group parse_security_infos
"""


def test_the_public_names_are_the_pinned_ones() -> None:
    assert sorted(reader.lds.__all__) == sorted(PINNED.split())


def test_every_public_name_is_there() -> None:
    assert [name for name in reader.lds.__all__ if not hasattr(reader.lds, name)] == []
