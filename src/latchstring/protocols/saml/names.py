"""The words of SAML 2.0 and XML Signature: namespaces, URNs, and the lists of algorithms that are allowed."""

from __future__ import annotations

from collections.abc import Mapping

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# Tags in the way lxml spells them.
RESPONSE = f"{{{SAMLP}}}Response"
STATUS = f"{{{SAMLP}}}Status"
STATUS_CODE = f"{{{SAMLP}}}StatusCode"
STATUS_MESSAGE = f"{{{SAMLP}}}StatusMessage"
EXTENSIONS = f"{{{SAMLP}}}Extensions"
AUTHN_REQUEST = f"{{{SAMLP}}}AuthnRequest"
LOGOUT_REQUEST = f"{{{SAMLP}}}LogoutRequest"
LOGOUT_RESPONSE = f"{{{SAMLP}}}LogoutResponse"
SESSION_INDEX = f"{{{SAMLP}}}SessionIndex"
ISSUER = f"{{{SAML}}}Issuer"
ASSERTION = f"{{{SAML}}}Assertion"
ENCRYPTED_ASSERTION = f"{{{SAML}}}EncryptedAssertion"
SUBJECT = f"{{{SAML}}}Subject"
NAME_ID = f"{{{SAML}}}NameID"
BASE_ID = f"{{{SAML}}}BaseID"
ENCRYPTED_ID = f"{{{SAML}}}EncryptedID"
SUBJECT_CONFIRMATION = f"{{{SAML}}}SubjectConfirmation"
SUBJECT_CONFIRMATION_DATA = f"{{{SAML}}}SubjectConfirmationData"
CONDITIONS = f"{{{SAML}}}Conditions"
AUDIENCE_RESTRICTION = f"{{{SAML}}}AudienceRestriction"
AUDIENCE = f"{{{SAML}}}Audience"
ONE_TIME_USE = f"{{{SAML}}}OneTimeUse"
PROXY_RESTRICTION = f"{{{SAML}}}ProxyRestriction"
ADVICE = f"{{{SAML}}}Advice"
STATEMENT = f"{{{SAML}}}Statement"
AUTHN_STATEMENT = f"{{{SAML}}}AuthnStatement"
AUTHZ_STATEMENT = f"{{{SAML}}}AuthzDecisionStatement"
ATTRIBUTE_STATEMENT = f"{{{SAML}}}AttributeStatement"
ATTRIBUTE = f"{{{SAML}}}Attribute"
ATTRIBUTE_VALUE = f"{{{SAML}}}AttributeValue"
ENCRYPTED_ATTRIBUTE = f"{{{SAML}}}EncryptedAttribute"
XSI_NIL = f"{{{XSI}}}nil"

SIGNATURE = f"{{{DS}}}Signature"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
KEY_INFO = f"{{{DS}}}KeyInfo"
CANONICALIZATION_METHOD = f"{{{DS}}}CanonicalizationMethod"
SIGNATURE_METHOD = f"{{{DS}}}SignatureMethod"
REFERENCE = f"{{{DS}}}Reference"
TRANSFORMS = f"{{{DS}}}Transforms"
TRANSFORM = f"{{{DS}}}Transform"
DIGEST_METHOD = f"{{{DS}}}DigestMethod"
DIGEST_VALUE = f"{{{DS}}}DigestValue"
X509_DATA = f"{{{DS}}}X509Data"
X509_CERTIFICATE = f"{{{DS}}}X509Certificate"
KEY_VALUE = f"{{{DS}}}KeyValue"

ENCRYPTED_DATA = f"{{{XENC}}}EncryptedData"
ENCRYPTED_KEY = f"{{{XENC}}}EncryptedKey"
ENCRYPTION_METHOD = f"{{{XENC}}}EncryptionMethod"
CIPHER_DATA = f"{{{XENC}}}CipherData"
CIPHER_VALUE = f"{{{XENC}}}CipherValue"
OAEP_PARAMS = f"{{{XENC}}}OAEPparams"
MGF = f"{{{XENC11}}}MGF"

ENTITY_DESCRIPTOR = f"{{{MD}}}EntityDescriptor"
ENTITIES_DESCRIPTOR = f"{{{MD}}}EntitiesDescriptor"
IDP_DESCRIPTOR = f"{{{MD}}}IDPSSODescriptor"
SP_DESCRIPTOR = f"{{{MD}}}SPSSODescriptor"
KEY_DESCRIPTOR = f"{{{MD}}}KeyDescriptor"
SINGLE_SIGN_ON_SERVICE = f"{{{MD}}}SingleSignOnService"
SINGLE_LOGOUT_SERVICE = f"{{{MD}}}SingleLogoutService"
NAME_ID_FORMAT = f"{{{MD}}}NameIDFormat"

POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
FORMAT_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
FORMAT_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
FORMAT_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
FORMAT_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
FORMAT_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
LOGOUT_BY_USER = "urn:oasis:names:tc:SAML:2.0:logout:user"
PASSWORD_PROTECTED = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

STATUS_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS_REQUESTER = "urn:oasis:names:tc:SAML:2.0:status:Requester"
STATUS_RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
STATUS_PARTIAL_LOGOUT = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
STATUS_AUTHN_FAILED = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
STATUS_REQUEST_DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
# The second-level codes that mean "this person may not", as opposed to "something is broken" (core 3.2.2.2).
DENIALS = frozenset({STATUS_AUTHN_FAILED, STATUS_REQUEST_DENIED, "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"})

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXC_C14N_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
INCLUSIVE_NAMESPACES = f"{{{EXC_C14N}}}InclusiveNamespaces"
# Canonicalization -> (exclusive, with comments). The first two always, the others by `allow_inclusive_c14n` (SAML-13).
CANONICALIZATIONS: Mapping[str, tuple[bool, bool]] = {
    EXC_C14N: (True, False),
    EXC_C14N_COMMENTS: (True, True),
}
INCLUSIVE_CANONICALIZATIONS: Mapping[str, tuple[bool, bool]] = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    # Version 1.1 differs in xml:base and xml:id alone, which no SAML document carries.
    "http://www.w3.org/2006/12/xml-c14n11": (False, False),
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": (False, True),
}

SHA1_DIGEST = "http://www.w3.org/2000/09/xmldsig#sha1"
SHA256_DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
# Digest algorithm -> the name hashlib knows (RFC 9231). SHA-1 needs `allow_sha1` (SAML-20).
DIGESTS: Mapping[str, str] = {
    SHA256_DIGEST: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    SHA1_DIGEST: "sha1",
}

RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
# Signature algorithm -> (kind of key, hash). HMAC, DSA, MD5 and "none" are on no list and cannot be switched on.
SIGNATURES: Mapping[str, tuple[str, str]] = {
    RSA_SHA256: ("rsa", "sha256"),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": ("rsa", "sha384"),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": ("rsa", "sha512"),
    ECDSA_SHA256: ("ec", "sha256"),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": ("ec", "sha384"),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": ("ec", "sha512"),
    RSA_SHA1: ("rsa", "sha1"),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1": ("ec", "sha1"),
}
