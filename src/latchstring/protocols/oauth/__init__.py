"""Plain OAuth 2.0 (RFC 6749) with providers that everybody can have an account with.

`providers` is the one table, and `row` says what its lines mean: how a provider wants to be asked, how it wants to know
us, where the person and their e-mail stand in its answers. `request` and `token` are the two legs of the code grant,
`person` reads who it is, `apple` is Apple's own way of proving who we are. An ID token, where there is one, is verified
by `protocols.oidc`, which the adapter asks.
"""
