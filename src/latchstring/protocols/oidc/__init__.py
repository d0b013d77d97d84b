"""OpenID Connect as a relying party sees it.

`discovery.py` (who the provider is), `request.py` (the browser's way out), `token.py` (the code's exchange), `keys.py`
and `id_token.py` (what is signed), `userinfo.py` (what is added, and the Assertion).
"""
