"""``motcua diagnose``: why it does not work and what to do."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from desk import diagnosis
from desk.cli.session import LanguageOption, LogOption, SettingsOption, open_session
from desk.exit_codes import ExitCode

__all__ = ["diagnose"]


def diagnose(
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON to standard output.")] = False,
    language: LanguageOption = None,
    log_level: LogOption = "",
    settings_file: SettingsOption = None,
) -> None:
    """Say what works, what does not, why, and what to do next; exit 3 where a card cannot be read.

    Probes the smart-card service, the readers, the card on each, the installed issuer certificates and the registers'
    settings.
    """
    session = open_session(language, log_level, settings_file)
    findings = diagnosis.diagnose(session.settings)
    told = [(finding, *diagnosis.words_of(finding, session.texts)) for finding in findings]
    if as_json:
        report = {
            "findings": [
                {
                    "area": finding.area,
                    "code": finding.code,
                    "ok": finding.ok,
                    "about": finding.about,
                    "result": f"0x{finding.result & 0xFFFFFFFF:08X}" if finding.result is not None else None,
                    "reason": reason,
                    "next_step": step,
                }
                for finding, reason, step in told
            ]
        }
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    else:
        for finding, reason, step in told:
            about = f" [{finding.about}]" if finding.about else ""
            typer.echo(f"{'✔' if finding.ok else '✘'} {reason}{about}")
            if step:
                typer.echo(f"  → {step}")
    no_card = any(finding.area == "pcsc" and not finding.ok for finding in findings)
    raise typer.Exit(ExitCode.PCSC_TROUBLE if no_card else ExitCode.PROCEED)
