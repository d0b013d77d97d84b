"""What happens, in order: one file a verb. Each takes the `House` and values, and answers with a value or a Refusal.

A login walks through `authorize.py`, `arrive.py` and `redeem.py`. Every flow opens its scopes itself and never calls
out while one is open.
"""
