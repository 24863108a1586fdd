"""``motcua trust list``, ``history`` and ``repair``: what is installed, who installed it, and whether it is whole."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from auth.distribution.entry import EntryKind
from auth.distribution.freshness import TrustFreshness, freshness_of
from auth.distribution.installation import Installation
from auth.distribution.installed import State
from desk.cli.session import LanguageOption, Session, SettingsOption, open_session
from desk.cli.trust.common import StoreOption, installation_of, now, say, show_json, trust_errors
from desk.trusting import trust_view
from desk.words.trust_words import KINDS
from reader.trust import TrustMaterial

__all__ = ["history", "list_", "repair"]

CountryOption = Annotated[str, typer.Option("--country", metavar="XX", help="Show the certificates of this country.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Write it as JSON to standard output.")]


def list_(
    country: CountryOption = "",
    as_json: JsonFlag = False,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show what is installed: certificates by country, lists with their dates, other files, and how fresh it all is."""
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        state, opened = installation.opened()
        freshness = freshness_of(installation, state, opened.material, now())
    if as_json:
        show_json(_as_json(state, opened.material, freshness, country))
    else:
        _show(session, state, opened.material, freshness, country)


def history(
    as_json: JsonFlag = False,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Verify every change since the founding, and show who signed what, and when."""
    session = open_session(language, "", settings_file, trust_store=store)
    installation = installation_of(session)
    with trust_errors(session):
        installation.state()
        installation.audit()
        entries = [_entry(installation, number) for number in range(1, installation.state().entry.number + 1)]
    if as_json:
        show_json({"schema": 1, "entries": entries})
        return
    for entry in entries:
        counts = {"added": len(entry["added"]), "removed": len(entry["removed"])}
        line = say(session, "entry", number=entry["number"], date=entry["made_at"][:16], **counts)
        if entry["kind"] == EntryKind.UPDATE.value:
            line += f"; {say(session, 'update', version=entry['repository'])}"
        if entry["back_to"]:
            line += f"; {say(session, 'back-to', number=entry['back_to'])}"
        if entry["signed_by"]:
            line += f"; {say(session, 'by', names=', '.join(entry['signed_by']))}"
        typer.echo(line)
        for ref in entry["added"]:
            typer.echo(f"  + {ref['name']} {ref['sha256'][:16]}")
        for ref in entry["removed"]:
            typer.echo(f"  − {ref['name']} {ref['sha256'][:16]}")
    typer.echo(say(session, "whole"))


def repair(store: StoreOption = None, language: LanguageOption = None, settings_file: SettingsOption = None) -> None:
    """Build what a desk reads anew from the installed files, once the whole history was verified."""
    session = open_session(language, "", settings_file, trust_store=store)
    with trust_errors(session):
        installation_of(session).rebuild()
    typer.echo(say(session, "repaired"))


def _as_json(state: State, material: TrustMaterial, freshness: TrustFreshness, country: str) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for anchor in material.anchors.anchors:
        counts[anchor.country] = counts.get(anchor.country, 0) + 1
    return {
        "schema": 1,
        "change": state.entry.number,
        "trust": freshness.as_json(now()),
        "certificates": len(material.anchors),
        "countries": dict(sorted(counts.items())),
        "anchors": [
            {
                "country": anchor.country,
                "subject": anchor.certificate.subject.common_name,
                "sha256": anchor.certificate.fingerprint,
                "key": anchor.key_fingerprint,
            }
            for anchor in material.anchors.for_country(country)
        ],
        "revocation_lists": [
            {
                "country": held.content.country,
                "entries": len(held.content.revoked),
                "issued": held.content.this_update.isoformat(),
                "next": held.content.next_update.isoformat(),
            }
            for held in material.revocation.lists
        ],
        "files": [
            {"kind": ref.kind.value, "name": ref.name, "sha256": ref.sha256, "origin": ref.origin.value}
            for ref in state.objects
        ],
    }


def _show(session: Session, state: State, material: TrustMaterial, freshness: TrustFreshness, country: str) -> None:
    told = _as_json(state, material, freshness, country)
    language = session.texts.language
    typer.echo(session.texts.trust(trust_view(freshness, now())))
    typer.echo(f"{told['certificates']} {say(session, 'certificates')}: {_counts(told['countries'])}")
    for anchor in told["anchors"]:
        typer.echo(f"  {anchor['country']} {anchor['subject']} {anchor['sha256'][:16]}")
    for crl in told["revocation_lists"]:
        entries = say(session, "entries", count=crl["entries"])
        valid = say(session, "valid", begin=crl["issued"][:10], end=crl["next"][:10])
        typer.echo(f"  {crl['country']} {entries}, {valid}")
    for ref in state.objects:
        typer.echo(f"  {KINDS[ref.kind].text(language)}: {ref.name} {ref.sha256[:16]} ({ref.origin.value})")


def _counts(countries: dict[str, int]) -> str:
    return ", ".join(f"{country or '–'} {number}" for country, number in countries.items()) or "–"


def _entry(installation: Installation, number: int) -> dict[str, Any]:
    signed = installation.signed_entry(number)
    entry = signed.entry
    before = installation.signed_entry(number - 1).entry.operators if number > 1 else entry.operators
    names = {one.key_id: one.name for one in (*signed.signers(before), *signed.signers(entry.operators))}
    return {
        "number": number,
        "kind": entry.kind.value,
        "made_at": entry.made_at.isoformat(),
        "sha256": signed.sha256,
        "signed_by": list(names.values()),
        "back_to": entry.back_to,
        "repository": entry.repository.targets if entry.repository else None,
        "added": [{"name": ref.name, "kind": ref.kind.value, "sha256": ref.sha256} for ref in entry.added],
        "removed": [{"name": ref.name, "kind": ref.kind.value, "sha256": ref.sha256} for ref in entry.removed],
    }
