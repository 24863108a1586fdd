"""The purposes as the second half of docs/purposes.md has them: a test holds that page to the registry."""

from __future__ import annotations

from auth.purposes.consent import citizen_text
from auth.purposes.model import Purpose, RegisterUse
from auth.purposes.registry import PurposeRegistry, shipped_registry

__all__ = ["purposes_page"]


def purposes_page(registry: PurposeRegistry) -> str:
    """Return each purpose with what it asks, and the text that a citizen reads in both languages."""
    head = [f"Registry {registry.version}, {len(registry.purposes)} purposes, SHA-256 `{registry.sha256}`.", ""]
    return "\n".join([*head, *(line for purpose in registry.purposes for line in _section(purpose))])


def _section(purpose: Purpose) -> list[str]:
    step_up = purpose.step_up
    fresh = f"at most {step_up.max_age_s} s old, `{step_up.acr}`" if step_up else "as the shift began"
    return [
        f"### `{purpose.id}`",
        "",
        f"{purpose.name_vi} · {purpose.name_en}",
        "",
        "| | |",
        "| --- | --- |",
        f"| basis | {purpose.basis}: {purpose.legal_basis} |",
        *(f"| {use.register} | {_asks(use)} |" for use in purpose.uses),
        f"| log-in | {fresh} |",
        f"| kept | {purpose.keep_days} days |",
        f"| wording | {purpose.wording_version} |",
        "",
        *_quoted(citizen_text(purpose, "vi")),
        "",
        *_quoted(citizen_text(purpose, "en")),
        "",
    ]


def _asks(use: RegisterUse) -> str:
    ways = f" (by {' or '.join(use.ways)})" if use.ways else ""
    first = f"yes or no first: {', '.join(use.questions)}; " if use.questions else ""
    return f"{first}{', '.join(use.fields) or 'no data'}{ways}"


def _quoted(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"> {line}" + ("  " if number < len(lines) else "") for number, line in enumerate(lines, start=1)]


if __name__ == "__main__":
    print(purposes_page(shipped_registry()), end="")  # noqa: T201  # this is the command that prints the page
