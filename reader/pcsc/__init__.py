"""PC/SC: who comes and goes, a link to the card, and why it does not work.

What comes in: the PC/SC service, by pyscard's raw layer alone (``scard``). What goes out: ``ReaderSnapshot`` from a
watch that outlives the service, ``CardLink`` from a terminal that always resets the card, and findings by code. Every
return code becomes an error of ``reader.errors`` in ``codes``. It uses ``reader.iso7816`` and nothing else.
"""

from reader.pcsc.codes import Result
from reader.pcsc.connection import PcscTerminal
from reader.pcsc.listing import list_readers
from reader.pcsc.scard import Scard, SystemScard
from reader.pcsc.slots import is_emulated
from reader.pcsc.troubles import Finding, FindingCode, Probe, diagnose
from reader.pcsc.watch import PcscWatch

__all__ = [
    "Finding",
    "FindingCode",
    "PcscTerminal",
    "PcscWatch",
    "Probe",
    "Result",
    "Scard",
    "SystemScard",
    "diagnose",
    "is_emulated",
    "list_readers",
]
