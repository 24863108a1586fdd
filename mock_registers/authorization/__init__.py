"""The sandbox's authorization server: clerks sign in here, and desks get tokens for them (FAPI 2.0 Security Profile).

What comes in: pushed requests of enrolled devices, and a clerk at a page. What goes out: short tokens that are bound to
the device's key and say for which purposes they are good. ``TokenJudge`` is the registers' side of them.
"""

from mock_registers.authorization.clerks import INVENTED, Clerk, ClerkLogin
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.judge import TokenJudge
from mock_registers.authorization.service import AuthorizationService

__all__ = [
    "INVENTED",
    "AuthorizationFault",
    "AuthorizationService",
    "Clerk",
    "ClerkLogin",
    "TokenJudge",
]
