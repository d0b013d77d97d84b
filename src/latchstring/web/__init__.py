"""The doors: `sso` for browsers and OAuth clients, `api` for the customer's back end, `test_idp` and `demo` for trying.

Only here are status codes, headers and cookies known. Each door is a table of routes (`kit.route`) and a small table
from refusal families to answers; `kit.endpoint` is the one async file.
"""
