"""Whether the chip's unsigned files say what its signed ones say (ICAO 9303-11 §4.2): EF.CardAccess and EF.DIR.

EF.CardAccess is read before anything protects the channel, so it may have been changed to lead us to a weaker way of
opening. What is signed is DG14 and, on chips with Chip Authentication Mapping, EF.CardSecurity; each must hold the same
(§9.2.11), and so must the two of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from reader.access import AccessProtocol
from reader.files import FileId
from reader.genuine import differing_key_ids
from reader.inspection.checks import Check, CheckId
from reader.inspection.consistency import group_is_proven
from reader.inspection.gathered import Gathered
from reader.inspection.reasons import Reason
from reader.lds import CardSecurity, SecurityInfos

__all__ = ["card_access_check"]

_ID = CheckId.CARD_ACCESS


def card_access_check(gathered: Gathered) -> Check:
    """Hold what the chip showed before it was opened against everything that is signed, both ways (AC-04 … AC-08)."""
    shown = gathered.channel.offered
    signed = dict(_signed(gathered))
    if not signed:
        return _without_reference(gathered, shown)
    for name, infos in signed.items():
        differing = _compare(shown, name, infos)
        if differing is not None:
            return differing
    differing = _compare_signed(gathered, signed)
    if differing is not None:
        return differing
    if shown is None or not shown.infos:
        return Check.not_applicable(_ID, Reason.NOT_OFFERED)
    return Check.passed(_ID, Reason.CARD_ACCESS_SIGNED, {"compared-with": ", ".join(signed)} | _counts(shown, signed))


def _signed(gathered: Gathered) -> Iterator[tuple[str, SecurityInfos]]:
    """Yield the files whose signature, whoever's it is, holds over what they say."""
    if gathered.dg14 is not None and group_is_proven(gathered, 14):
        yield FileId.DG14.label, gathered.dg14
    master = _proven_card_security(gathered)
    if master is not None:
        yield FileId.CARD_SECURITY.label, master.infos


def _proven_card_security(gathered: Gathered) -> CardSecurity | None:
    found = gathered.card_security
    return found.content if found is not None and found.proven else None


def _without_reference(gathered: Gathered, shown: SecurityInfos | None) -> Check:
    if gathered.dg14 is not None:
        return Check.inconclusive(_ID, Reason.REFERENCE_UNPROVEN)
    if 14 in gathered.listed or not gathered.list_is_proven:
        return Check.inconclusive(_ID, Reason.NOT_READ)
    if gathered.channel.protocol is AccessProtocol.BAC and not (shown and shown.infos):
        return Check.not_applicable(_ID, Reason.NOT_OFFERED)
    return Check.inconclusive(_ID, Reason.NOTHING_SIGNED)


def _compare(shown: SecurityInfos | None, name: str, signed: SecurityInfos) -> Check | None:
    """Tell what is missing from the unsigned file and what it has beyond the signed one; None where they agree."""
    here = set(shown.infos) if shown else set()
    ways = _ways(signed)
    evidence = {
        "pair": f"{FileId.CARD_ACCESS.label}, {name}",
        "signed": str(len(signed.infos)),
        "shown": str(len(here)),
    }
    stripped, injected = ways - here, here - set(signed.infos)
    if stripped:
        return Check.failed(_ID, Reason.DOWNGRADE, evidence | {"stripped": str(len(stripped))})
    if injected:
        # A signed file without any way of opening is what an issuer leaves out for all its cards alike; that is told
        # apart from a single way put in, and is a failure all the same: §9.2.11 wants it there.
        reason = Reason.INJECTED if ways else Reason.WAYS_NOT_SIGNED
        return Check.failed(_ID, reason, evidence | {"injected": str(len(injected))})
    return None


def _compare_signed(gathered: Gathered, signed: dict[str, SecurityInfos]) -> Check | None:
    """Hold the signed files against each other, and EF.DIR, where it was read, against its signed copy (AC-07)."""
    master = _proven_card_security(gathered)
    if master is None:
        return None
    dg14 = signed.get(FileId.DG14.label)
    if dg14 is not None:
        # Their ways of opening are the same where each agreed with EF.CardAccess; their keys were not compared yet.
        pair = {"pair": f"{FileId.CARD_SECURITY.label}, {FileId.DG14.label}"}
        keys = differing_key_ids(master.infos, dg14)
        if keys:
            return Check.failed(_ID, Reason.SIGNED_FILES_DIFFER, pair | {"keys": " ".join(map(str, keys))})
    directory = gathered.whole(FileId.DIR)
    if directory is not None and master.ef_dir is not None and directory != master.ef_dir:
        pair = {"pair": f"{FileId.DIR.label}, {FileId.CARD_SECURITY.label}"}
        return Check.failed(_ID, Reason.DIRECTORY_DIFFERS, pair)
    return None


def _ways(infos: SecurityInfos) -> set[bytes]:
    """Return the infos of PACE, each as it stands in its file."""
    return {info.raw for info in infos.pace} | set(infos.pace_domain_parameters)


def _counts(shown: SecurityInfos, signed: dict[str, SecurityInfos]) -> dict[str, str]:
    return {"signed": str(max(len(infos.infos) for infos in signed.values())), "shown": str(len(shown.infos))}
