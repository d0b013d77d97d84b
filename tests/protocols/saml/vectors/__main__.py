"""Makes the certificate and the signed responses anew, out of the templates: the same bytes each time."""

from __future__ import annotations

from tests.protocols.saml.vectors import EVERY, FOLDER
from tests.protocols.saml.vectors.make import own_certificate, signed

(FOLDER / "certificate.pem").write_text(own_certificate())
for vector in EVERY:
    (FOLDER / vector.name / "response.xml").write_bytes(signed(vector.template))
