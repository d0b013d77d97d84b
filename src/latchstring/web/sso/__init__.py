"""The door for browsers and OAuth clients: authorize, the identity providers' answers, token, profile."""
