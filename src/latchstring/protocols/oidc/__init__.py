"""OpenID Connect as a relying party sees it: `discovery.py`, `request.py`, `token.py`."""
