"""The OpenID Connect half of the attacks: a hostile provider, and a catalogue of how it misbehaves.

values.py      how a provider behaves, as values
jose.py        tokens, forged byte by byte
provider.py    the provider: an issuer for each attack
stage.py       the organization and the connections at the product
row.py         a row of the catalogue, and how it is played
journeys.py    the attacks that are more than one bent sign-in
catalogue/     the rows
"""
