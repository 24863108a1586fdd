"""``mock-cards pki``: the issuing side as files, sound or with chosen defects."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mock_cards.issuing.certificates import CSCA_ALGORITHM, SIGNER_ALGORITHM, KeyAlgorithm
from mock_cards.issuing.cv_pki import CV_ALGORITHM, CV_DEFECTS, CvPkiOrder, make_cv_pki
from mock_cards.issuing.pki import PkiOrder, make_pki
from mock_cards.issuing.pki_files import defect_entries, write_pki
from reader.crypto import CURVES

__all__ = ["pki"]

_USAGE = 2
_KEYS = "a curve, or rsa-BITS, or rsa-pss-BITS, with /HASH where another is wanted: rsa-pss-3072/sha384"


def pki(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to write it.")] = None,
    seed: Annotated[str | None, typer.Option(help="The same keys on every run; without it fresh ones.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day it is made for; today without it.")
    ] = None,
    csca: Annotated[str, typer.Option(metavar="KEY", help=f"The CSCA's key: {_KEYS}.")] = CSCA_ALGORITHM.name,
    signer: Annotated[
        str, typer.Option(metavar="KEY", help="The keys of Document Signer and list signers.")
    ] = SIGNER_ALGORITHM.name,
    terminal: Annotated[
        str, typer.Option(metavar="KEY", help="The keys of CVCA, DV and inspection system.")
    ] = CV_ALGORITHM.name,
    named: Annotated[
        bool, typer.Option("--named", help="Name the CSCA's curve in place of spelling its parameters out.")
    ] = False,
    defect: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Something wrong (see --list); may be given again.")
    ] = None,
    list_defects: Annotated[bool, typer.Option("--list", help="Say which defects there are, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: print JSON to standard output.")] = False,
) -> None:
    """Make a test PKI: CSCA, link and change of name, Document Signer, CRL, master and deviation list, CVCA, DV and IS.

    Certificates and lists are DER, private keys PKCS#8. manifest.json says of each file what it is and whether a
    verifier is to trust it, and of each defect which rule it breaks. Everything says TEST, and no desk takes it for a
    State's.
    """
    if list_defects:
        _show_defects(as_json=as_json)
        return
    if out is None:
        raise typer.BadParameter("where to? (or --list)", param_hint="--out")
    chosen = tuple(defect or ())
    _require_known(chosen)
    of_terminals = {one.name for one in CV_DEFECTS}
    day = _day(at)
    try:
        made = make_pki(
            PkiOrder(
                seed,
                datetime(day.year, day.month, day.day, tzinfo=UTC),
                _key(csca),
                _key(signer),
                explicit_parameters=not named,
                defects=tuple(name for name in chosen if name not in of_terminals),
            )
        )
        wanted = tuple(name for name in chosen if name in of_terminals)
        terminals = make_cv_pki(CvPkiOrder(seed, day, _key(terminal), defects=wanted))
    except ValueError as wrong:
        typer.echo(f"cannot be made: {wrong}", err=True)
        raise typer.Exit(_USAGE) from None
    order: dict[str, object] = {
        "at": day.isoformat(), "seed": seed, "csca": csca, "signer": signer, "terminal": terminal,
        "explicit_parameters": not named,
    }  # fmt: skip
    typer.echo(write_pki(out, made, terminals, order))


def _show_defects(*, as_json: bool) -> None:
    entries = defect_entries()
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    table = Table("name", "file", "what is wrong", "rule")
    for entry in entries:
        table.add_row(entry.name, entry.file, entry.about, entry.rule)
    Console().print(table)


def _require_known(names: tuple[str, ...]) -> None:
    known = {entry.name for entry in defect_entries()}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"no defect of the name {name} (mock-cards pki --list)", param_hint="--defect")


def _key(text: str) -> KeyAlgorithm:
    name, _, hash_name = text.partition("/")
    try:
        algorithm = KeyAlgorithm.of(name, hash_name)
        algorithm.scheme  # noqa: B018  # an unknown hash shows here, before any key is made
    except KeyError:
        raise typer.BadParameter(f"no hash of the name {hash_name}") from None
    except ValueError as wrong:
        curves = ", ".join(curve.name for curve in CURVES)
        raise typer.BadParameter(f"{wrong}: rsa-3072, rsa-pss-3072, {curves}") from None
    return algorithm


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is YYYY-MM-DD, as in 2026-06-01", param_hint="--at") from None
