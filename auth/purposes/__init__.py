"""Why a citizen is looked up: each purpose with its legal basis, what it may ask, and the wording a citizen reads.

What comes in: the shipped ``registry.toml`` or an office's own file. What goes out: a ``PurposeRegistry`` of frozen
purposes, the exact text for the citizen, and the record that they agreed to it. May call ``reader`` for bounded files.
``docs/purposes.md`` lists the shipped purposes and says how an office writes its own.
"""

from auth.purposes.consent import ConsentHow, ConsentRecord, answers, citizen_text, text_digest
from auth.purposes.model import BasisKind, Purpose, RegisterUse, StepUp, Way, Wording
from auth.purposes.registry import PurposeRegistry, load_registry, parse_registry, shipped_registry

__all__ = [
    "PURPOSES",
    "BasisKind",
    "ConsentHow",
    "ConsentRecord",
    "Purpose",
    "PurposeRegistry",
    "RegisterUse",
    "StepUp",
    "Way",
    "Wording",
    "allows",
    "answers",
    "citizen_text",
    "load_registry",
    "parse_registry",
    "purpose",
    "shipped_registry",
    "text_digest",
]

# The shipped ones, for whoever has no registry of their own.
PURPOSES = shipped_registry().purposes
purpose = shipped_registry().purpose
allows = shipped_registry().allows
