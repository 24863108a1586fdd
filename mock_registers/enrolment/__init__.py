"""The register's side of devices: who asks to be enrolled, who was, how each stands, and the orders to wipe.

The registers' gates ask ``devices`` at every request, so what the registrar does counts from the next one on. Other
programs may write to the same database meanwhile: ``mock-registers devices`` does.
"""

from mock_registers.enrolment.devices import DevicesTogether, EnrolledDevices
from mock_registers.enrolment.service import EnrolmentService

__all__ = ["DevicesTogether", "EnrolledDevices", "EnrolmentService"]
