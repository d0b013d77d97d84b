"""Whole responses in the shapes that products send, signed once and kept: each folder has one, and what comes of it.

`template.xml` is the response as its product writes it (prefixes, order, NameFormats, what is signed and how), spread
over lines for the reader; `response.xml` is the same on one line, signed; `expect.json` is the connection and the
profile. `python -m tests.protocols.saml.vectors` makes the responses anew. They are signed by xmlsec, so that no code
of the product has a say in what it is given to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.house_for_tests import START

FOLDER = Path(__file__).parent
NOW: datetime = START  # when each arrives
ACS = "https://sso.example.net/sso/saml/acs/vectors"
SP = "https://sso.example.net/vectors"
HANDLE = b"\7" * 16
REQUEST = "_" + HANDLE.hex()  # what each answers


@dataclass(frozen=True)
class Vector:
    """One product's response."""

    name: str

    @property
    def template(self) -> str:
        return (FOLDER / self.name / "template.xml").read_text(encoding="utf-8")

    @property
    def response(self) -> bytes:
        return (FOLDER / self.name / "response.xml").read_bytes()

    @property
    def expected(self) -> Any:
        """`connection_type`, `idp_entity_id`, `signed`, `profile`, and `cautions` of the trace."""
        return msgspec.json.decode((FOLDER / self.name / "expect.json").read_bytes())


EVERY = [Vector(path.parent.name) for path in sorted(FOLDER.glob("*/template.xml"))]


def certificate() -> str:
    """The one that every connection of a vector trusts."""
    return (FOLDER / "certificate.pem").read_text(encoding="ascii")
