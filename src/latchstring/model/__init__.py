"""The nouns of single sign-on as frozen values: no I/O, nothing imported but msgspec and the standard library.

Start with `connection.py` (how a customer's people sign in), then `attempt.py` (one login, one story) and
`profile.py` (what the application gets). `refusal.py` is how every "no" of the product is said.
"""
