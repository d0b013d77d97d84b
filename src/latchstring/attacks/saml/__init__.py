"""The SAML half: responses forged by somebody who has an identity provider's key, or a valid response, or neither."""
