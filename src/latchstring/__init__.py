"""latchstring: one OAuth-shaped API in front of every identity provider.

The floors, from the roof down, each using only what lies below it:

    cli        the terminal
    app        the only place where things are wired
    web        doors: sso (browsers), api (the customer's back end), test_idp; all on web.kit
    flows      one file a verb: what happens, in order
    adapters   the seam to a protocol       storage  all SQL       effects  clock, chance, network, log
    protocols  pure functions: bytes + config + now -> value or refusal       guides  providers as data
    model      the nouns: frozen values
"""

__version__ = "0.1.0"
