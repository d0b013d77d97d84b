"""A real SAML 2.0 identity provider inside the house, for trying and for tests."""
