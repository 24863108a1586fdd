"""A gateway in the shape of a desk's settings, its secret and its code names in files beside them."""

from __future__ import annotations

import json
from pathlib import Path

from auth.wire.soap_gateway import SoapGateway

__all__ = ["gateway_settings"]


def gateway_settings(gateway: SoapGateway, folder: Path) -> dict[str, object]:
    """Return ``[registers.gateway]``; the files are written into ``folder``, which is made where it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    codes = folder / "codes.toml"
    # A JSON string is a TOML basic string too.
    entries = (f"{json.dumps(code)} = {json.dumps(name, ensure_ascii=False)}\n" for code, name in gateway.names.areas)
    areas = "".join(entries)
    codes.write_text(f"[areas]\n{areas}", encoding="utf-8")
    told: dict[str, object] = {
        "procedure_codes": dict(gateway.procedure_codes),
        "content_type": gateway.content_type,
        "request_date": gateway.request_date.value,
        "answer_date": gateway.answer_date.value,
        "timestamp": gateway.timestamp,
        "x_road_client": gateway.x_road_client,
        "codes_file": str(codes),
    }
    for name, text in (("unit", gateway.unit), ("account", gateway.account), ("phone", gateway.phone)):
        if text is not None:
            told[name] = text
    if gateway.basic is not None:
        login = gateway.basic
        told["basic"] = {
            "user": login.user,
            "auth_url": login.auth_url,
            "secret_file": str(_secret(folder / "secret", login.secret)),
        }
    if gateway.api_key:
        told["api_key_file"] = str(_secret(folder / "api-key", gateway.api_key))
    return told


def _secret(file: Path, secret: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(secret, encoding="ascii")
    return file
