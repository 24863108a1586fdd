"""Ask a register as a desk does, in a process whose clock is wrong; write what a clerk is told to standard output."""

from __future__ import annotations

import base64
import json
import sys
import time

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.errors import RegisterError
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from desk.failures import failure_text
from desk.language import Language
from reader.lds.identity import CalendarDate


def main() -> None:
    """Take the register and the device as JSON from standard input."""
    told = json.load(sys.stdin)
    answer_key, seal_key = ((key_id, base64.b64decode(spki)) for key_id, spki in (told["answer_key"], told["seal_key"]))
    endpoint = RegisterEndpoint(
        "population",
        told["base_url"],
        (base64.b64decode(told["anchor"]),),
        (AnswerKey(*answer_key),),
        seal_keys=(SealKey(*seal_key),),
    )
    passphrase = told["passphrase"].encode()
    device = DeviceCredential(
        "desk-1",
        SoftwareSigner.from_encrypted_pem(told["signer"].encode(), passphrase),
        SoftwareOpener.from_encrypted_pem(told["opener"].encode(), passphrase),
    )
    client = PopulationClient(endpoint, device, deadline_s=20.0)
    said: dict[str, object] = {"year": time.gmtime().tm_year}
    try:
        lookup = Lookup(**{**told["lookup"], "date_of_birth": CalendarDate.from_iso(told["lookup"]["date_of_birth"])})
        said["answered"] = client.find_citizen(lookup).record is None
    except RegisterError as error:
        steps = {one.value: failure_text(error.code, one).next_step for one in Language}
        said |= {"code": error.code, "why": error.why, "next_step": steps}
    finally:
        client.close()
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
