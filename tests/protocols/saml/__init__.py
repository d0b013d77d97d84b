"""SAML 2.0: what is admitted, what is refused, and that everything else is refused too."""
