"""Whether the parts of one document agree with each other: pure functions from what was gathered to checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from reader.access import Can, MrzKey
from reader.files import FileId
from reader.genuine import digests_match
from reader.inspection.checks import Check, CheckId
from reader.inspection.gathered import Gathered
from reader.inspection.reasons import Reason
from reader.inspection.request import InspectionRequest
from reader.inspection.states import two_letter_code
from reader.lds import Com, Dg13, LdsSecurityObject, Mrz, StructureDefect, TextFinding, mrz_key, mrz_name_agrees
from reader.verdict import Note, Severity

__all__ = [
    "com_sod_check",
    "dg1_dg13_check",
    "expiry_check",
    "group_is_proven",
    "issuing_state_check",
    "key_check",
    "mrz_digits_check",
    "structure_check",
]

_VERSION_IS_SIGNED_SINCE = (1, 8)
# Without these two groups cannot be said to speak of the same person.
_TO_BE_COMPARED = ("personal-number", "name", "date-of-birth")


def group_is_proven(gathered: Gathered, number: int) -> bool:
    """Tell whether EF.SOD's verified list holds the digest of data group ``number`` as read."""
    found, raw = gathered.security_object, gathered.whole(FileId.of_data_group(number))
    if found is None or found.listed is None or raw is None or not found.proven:
        return False
    return digests_match(found.listed, number, raw)


def com_sod_check(gathered: Gathered) -> Check:
    """Hold the list in EF.COM, and what was read, against the signed list in EF.SOD (LC-01 … LC-03, LC-06, LC-07)."""
    id, com, found = CheckId.COM_SOD, gathered.com, gathered.security_object
    if found is None or found.listed is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    if not found.proven:
        return Check.inconclusive(id, Reason.REFERENCE_UNPROVEN)
    signed, claimed = set(found.data_groups), set(com.data_groups if com else ())
    unsigned = (claimed | set(gathered.whole_data_groups)) - signed
    evidence = {"signed": _groups(signed), "claimed": _groups(claimed)}
    if unsigned:
        return Check.failed(id, Reason.UNSIGNED_CONTENT, evidence | {"unsigned": _groups(unsigned)})
    if com is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    if not _versions_agree(com, found.listed):
        return Check.failed(id, Reason.VERSION_MISMATCH, evidence)
    notes = []
    if found.listed.lds_version is None:
        # Since LDS 1.8 the version is signed: a list without one then comes from somebody who left it out (LC-07).
        since = tuple(map(int, com.lds_version.split("."))) >= _VERSION_IS_SIGNED_SINCE
        notes.append(Note("lds-version-not-signed", Severity.WARNING if since else Severity.INFO))
    if signed - claimed:
        notes.append(Note("com-omits-group", Severity.WARNING))
    return Check.passed(id, Reason.LISTS_AGREE, evidence, *notes)


def _versions_agree(com: Com, listed: LdsSecurityObject) -> bool:
    if listed.lds_version is None or listed.unicode_version is None:
        return True
    said = (_dotted(listed.lds_version), _dotted(listed.unicode_version))
    return said == (com.lds_version, com.unicode_version)


def _dotted(version: str) -> str:
    """Return "0108" as "1.8" and "040000" as "4.0.0": two digits a place, as in EF.COM (ICAO 9303-10 §4.6.1.1)."""
    if "." in version or len(version) % 2:
        return version
    return ".".join(str(int(version[place : place + 2])) for place in range(0, len(version), 2))


def structure_check(gathered: Gathered) -> Check:
    """Tell whether every file that was read is well formed; one bad file never stops the others."""
    id, offered = CheckId.STRUCTURE, gathered.channel.offered
    malformed = dict(gathered.malformed)
    if offered is None and gathered.channel.card_access.data:
        malformed[FileId.CARD_ACCESS.label] = "not SecurityInfos"
    for file, infos in ((FileId.CARD_ACCESS, offered), (FileId.DG14, gathered.dg14)):
        defects = set(infos.defects) - {StructureDefect.NOT_ORDERED} if infos else set()
        if defects:
            malformed[file.label] = " ".join(sorted(defects))
    if malformed:
        return Check.failed(id, Reason.MALFORMED_FILE, malformed)
    framed = [
        file.label for file, read in gathered.reads.items() if read.complete and file.label not in gathered.parsed
    ]
    if not gathered.parsed:
        return Check.inconclusive(id, Reason.NOT_READ)
    evidence = {"files": " ".join(gathered.parsed)}
    if framed:
        evidence["only-tag-and-length"] = " ".join(framed)
    return Check.passed(id, Reason.WELL_FORMED, evidence, *_structure_notes(gathered))


def _structure_notes(gathered: Gathered) -> list[Note]:
    notes = []
    infos = (gathered.channel.offered, gathered.dg14)
    if any(StructureDefect.NOT_ORDERED in given.defects for given in infos if given):
        notes.append(Note("not-in-order"))
    dg13 = gathered.dg13
    if dg13 is not None and dg13.defects:
        notes.append(Note("field-unreadable", Severity.WARNING))
    if dg13 is not None and dg13.altered:
        # Letters written as two characters are no harm; what is invisible or turns the text around may mislead.
        harmless = all(finding is TextFinding.NOT_NFC for _, finding in dg13.altered)
        notes.append(Note("text-made-safe", Severity.INFO if harmless else Severity.WARNING))
    if gathered.identity is None and (gathered.mrz is not None or dg13 is not None):
        notes.append(Note("no-date-of-birth", Severity.WARNING))
    if gathered.portraits > 1:
        notes.append(Note("several-portraits"))
    if gathered.portrait_problem:
        severity = Severity.INFO if gathered.portrait_problem == "no-portrait" else Severity.WARNING
        notes.append(Note(gathered.portrait_problem, severity))
    return notes


def mrz_digits_check(gathered: Gathered) -> Check:
    """Judge the check digits of DG1 (ICAO 9303-3 §4.9); a wrong one is named."""
    id, mrz = CheckId.MRZ_CHECK_DIGITS, gathered.mrz
    if mrz is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    wrong = [digit.field.value for digit in mrz.check_digits if not digit.valid]
    if wrong:
        return Check.failed(id, Reason.CHECK_DIGIT_WRONG, {"wrong": " ".join(wrong)})
    return Check.passed(id, Reason.CHECK_DIGITS_RIGHT, {"right": " ".join(d.field.value for d in mrz.check_digits)})


def key_check(gathered: Gathered, request: InspectionRequest) -> Check:
    """Hold what was typed or scanned to open the chip against what the chip says (LC-11)."""
    id, mrz = CheckId.KEY_MATCHES_CHIP, gathered.mrz
    if mrz is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    compared = _compare_keys(mrz, gathered.dg13, request)
    if not compared:
        return Check.inconclusive(id, Reason.NOTHING_TO_COMPARE)
    differing = [name for name, agrees in compared.items() if not agrees]
    if differing:
        return Check.failed(id, Reason.KEY_DIFFERS, {"differing": " ".join(differing)})
    return Check.passed(id, Reason.KEY_AGREES, {"compared": " ".join(compared)})


def _compare_keys(mrz: Mrz, dg13: Dg13 | None, request: InspectionRequest) -> dict[str, bool]:
    compared: dict[str, bool] = {}
    numbers = {number for number in (mrz.personal_number, dg13.personal_number if dg13 else "") if number}
    if request.personal_number:
        compared["personal-number"] = numbers == {request.personal_number}
    for password in request.passwords:
        match password:
            case Can(digits) if numbers:
                # Only on the Vietnamese card does the CAN follow from the number; elsewhere it says nothing of DG1.
                compared["can"] = all(number.endswith(digits) for number in numbers)
            case MrzKey(number, birth, expiry):
                said = mrz_key(mrz)
                key = (number.rstrip("<"), birth, expiry)
                compared["mrz"] = key == (said.document_number, said.date_of_birth, said.date_of_expiry)
            case _:
                pass
    return compared


def dg1_dg13_check(gathered: Gathered, moment: date) -> Check:
    """Hold the MRZ in DG1 against the Vietnamese text in DG13: number, name, birth, sex, expiry (LC-12)."""
    id, mrz, dg13 = CheckId.DG1_DG13, gathered.mrz, gathered.dg13
    known = 13 in gathered.listed or FileId.DG13 in gathered.reads
    if not gathered.may_be_vietnamese or (not known and gathered.list_is_proven):
        return Check.not_applicable(id, Reason.NO_SUCH_GROUP)
    if mrz is None or dg13 is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    compared = _compare_groups(mrz, dg13, moment)
    differing = [name for name, agrees in compared.items() if not agrees]
    if differing:
        return Check.failed(id, Reason.GROUPS_DIFFER, {"differing": " ".join(differing)})
    evidence = {"compared": " ".join(compared) or "none"}
    missing = [name for name in _TO_BE_COMPARED if name not in compared]
    if missing:
        return Check.inconclusive(id, Reason.PARTLY_COMPARED, evidence | {"missing": " ".join(missing)})
    return Check.passed(id, Reason.GROUPS_AGREE, evidence)


def _compare_groups(mrz: Mrz, dg13: Dg13, moment: date) -> dict[str, bool]:
    compared: dict[str, bool] = {}
    if mrz.personal_number and dg13.personal_number:
        compared["personal-number"] = mrz.personal_number == dg13.personal_number
    if dg13.full_name:
        compared["name"] = mrz_name_agrees(dg13.full_name, mrz)
    born = mrz.date_of_birth(moment)
    if born is not None and dg13.date_of_birth is not None:
        compared["date-of-birth"] = born == dg13.date_of_birth
    if dg13.sex is not None:
        compared["sex"] = mrz.sex == dg13.sex
    if dg13.no_expiry or mrz.has_no_expiry:
        if dg13.no_expiry or dg13.expiry is not None:
            compared["expiry"] = dg13.no_expiry and mrz.has_no_expiry
    elif dg13.expiry is not None:
        compared["expiry"] = mrz.date_of_expiry(moment) == dg13.expiry
    return compared


def issuing_state_check(gathered: Gathered) -> Check:
    """Hold the issuing State of the MRZ against the countries of the Document Signer and its authority (LC-14)."""
    id, mrz = CheckId.ISSUING_STATE, gathered.mrz
    signer = gathered.security_object.signer if gathered.security_object else None
    if mrz is None or signer is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    state = two_letter_code(mrz.issuing_state)
    said = {name.country.upper() for name in (signer.subject, signer.issuer) if name.country}
    countries = {two_letter_code(code) or code for code in said}
    if state is None or not countries:
        return Check.inconclusive(id, Reason.STATE_UNKNOWN, {"mrz": mrz.issuing_state})
    evidence = {"mrz": mrz.issuing_state, "signer": " ".join(sorted(countries))}
    if countries != {state}:
        return Check.failed(id, Reason.STATES_DIFFER, evidence)
    return Check.passed(id, Reason.STATES_AGREE, evidence)


def expiry_check(gathered: Gathered, moment: date) -> Check:
    """Judge whether the document is still valid on the day of ``moment`` (LC-15)."""
    id, mrz, dg13 = CheckId.EXPIRY, gathered.mrz, gathered.dg13
    if mrz is None and dg13 is None:
        return Check.inconclusive(id, Reason.NOT_READ)
    born = (dg13.date_of_birth if dg13 else None) or (mrz.date_of_birth(moment) if mrz else None)
    if born is not None and date(born.year, born.month or 1, born.day or 1) > moment:
        return Check.failed(id, Reason.BIRTH_IN_FUTURE, {"judged-on": moment.isoformat()})
    if dg13 is not None and (dg13.no_expiry or dg13.expiry is not None):
        source, never, expiry = "DG13", dg13.no_expiry, dg13.expiry
    else:
        source, never = "DG1", mrz is not None and mrz.has_no_expiry
        expiry = mrz.date_of_expiry(moment) if mrz else None
    if never:
        return Check.passed(id, Reason.NO_EXPIRY, {"source": source})
    if expiry is None or not expiry.is_complete:
        return Check.inconclusive(id, Reason.DATE_UNREADABLE)
    evidence = {"judged-on": moment.isoformat(), "source": source}
    if date(expiry.year, expiry.month, expiry.day) < moment:
        return Check.failed(id, Reason.EXPIRED, evidence)
    return Check.passed(id, Reason.NOT_EXPIRED, evidence)


def _groups(numbers: Iterable[int]) -> str:
    return " ".join(f"DG{number}" for number in sorted(numbers)) or "none"
