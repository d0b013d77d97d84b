"""Known attacks as data, fired over HTTP at a running latchstring: `latchstring attack`.

    outcome.py   what an attack is, and what became of it
    report.py    outcomes -> a table, JSON, an exit code
    browser.py   speaks HTTP as a browser does, and reads a refusal's code from the answer
    saml/        the SAML half: forged responses, from an identity provider's key that the attacker holds
    oidc/        the OpenID Connect half: a hostile provider

Nothing in here opens a database or knows a flow: what these rows learn, anybody on the Internet could learn. Each row
names the check that is meant to refuse it, so an attack that fails for the wrong reason is a finding as well.
"""
