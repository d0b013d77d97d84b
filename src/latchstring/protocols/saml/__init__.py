"""SAML 2.0 as a service provider sees it, and enough of an identity provider to test it.

Read in this order: `xml.py` (the only parser), `signature.py` (bytes -> signed bytes), `response.py` (signed bytes ->
Assertion), `request.py`, `metadata.py`; `issue.py` writes what the Test IdP sends.
"""
