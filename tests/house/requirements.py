"""The security requirements that tests are named after, a sentence each; `requirements_table` says who holds them."""

from __future__ import annotations

from collections.abc import Mapping

SAML: Mapping[int, str] = {
    1: "A document type declaration is refused on the parsed document; nothing is expanded, opened or fetched.",
    2: "Size, depth, number of elements, attributes and IDs are limited before any work is done.",
    3: "Deflated input is inflated under a cap of size and of ratio.",
    4: "One parser, one tree: what is verified is what is read.",
    5: "XML that is not plain XML 1.0 in UTF-8 or UTF-16 is refused.",
    6: "The document is one Response of SAML 2.0 with known children in their order.",
    7: "There is exactly one assertion in the whole document, after decryption too.",
    8: "Every ID, in whatever spelling, stands once; a reference means the element at hand.",
    9: "A signature counts as a direct child of Response or Assertion, and stands nowhere else.",
    10: "One SignedInfo with one Reference to its own parent; no other reference is followed.",
    11: "No signature wrapping: eight shapes and every hiding place.",
    12: "Who signed in is read from the verified assertion alone.",
    13: "Transforms and canonicalizations are on a short list, checked before any of them runs.",
    14: "A canonical form that fails or is empty is a refusal, and so is the digest of nothing.",
    15: "Digest, signature value and SignedInfo hold plain text: no comments, instructions or CDATA.",
    16: "A second SignedInfo inside a signature is refused.",
    17: "Text is read whole: a comment inside it shortens nothing, an element inside it is refused.",
    18: "Only the certificates stored for the connection verify; KeyInfo is ignored.",
    19: "Algorithms are on a list and fit the kind of the stored key; never HMAC, DSA or none.",
    20: "MD5 never; SHA-1 and short RSA keys only where the connection allows them.",
    21: "Each signature that is there must verify, and one must be there.",
    22: "Encryption proves nothing: what was decrypted is held to the same rules.",
    23: "Every failure of decryption looks the same; CBC needs a signature around it or an option.",
    24: "What was encrypted is one Assertion and nothing else.",
    25: "A status other than one Success is an error for the application.",
    26: "The issuer is the connection's identity provider, byte for byte.",
    27: "Every AudienceRestriction names us, and there is one.",
    28: "Destination, if present, is this connection's ACS URL; a signed Response has one.",
    29: "A bearer confirmation with our Recipient, an end and no beginning.",
    30: "Every time window holds within the clock skew, to the second, in each way of writing a time.",
    31: "Older than ten minutes or issued in the future is refused, whatever the conditions allow.",
    32: "The answer belongs to the request of this browser, which is used once, within ten minutes.",
    33: "Unsolicited answers only where the connection allows them; an unknown InResponseTo never counts as one.",
    34: "An assertion is used once, however many try at the same time.",
    35: "What is switched off, not finished or deleted lets nobody in at any step, not even those on their way.",
    36: "An answer for one connection is good for no other, whoever shares its identity provider.",
    37: "The whole e-mail address is read, all of several count, and each is in a verified domain.",
    38: "A profile keeps its id within its connection, and never merges with another on e-mail.",
    39: "A blank, missing or endless NameID is refused; a transient one identifies nobody.",
    40: "Attributes are kept as sent, in order, under limits, and shown escaped.",
    41: "RelayState is ours, or may choose a registered redirect URI where the environment allows it; nothing else.",
    42: "A request has a fresh ID of 128 bits; a signed query is signed over the bytes that are sent.",
    43: "A query that can be read in two ways is refused; responses come by POST alone.",
    44: "Metadata has the same limits; choices, expiry and odd addresses are refusals, a new entity needs a person.",
    45: "Certificates come and go by the stored URL alone; the last good set stays, and dates alone break nothing.",
    46: "Profiles that are not offered have no address.",
}

OIDC: Mapping[int, str] = {
    1: "The issuer is the connection's, character for character.",
    2: "The audience holds our client id; of several, we are the authorized party.",
    3: "The algorithm is the connection's; never none, never a shared secret in a key's place.",
    4: "Keys in the token's header are never used; critical and unusual headers are refused.",
    5: "A kid is a name and nothing else; an unknown one causes one refresh; odd key sets are refused.",
    6: "Times and subject have the right type and hold within the clock skew.",
    7: "A nonce is always sent, belongs to this browser, and is used once.",
    8: "at_hash is verified where it is present.",
    9: "The ID token's signature is verified, wherever it came from.",
    10: "Userinfo speaks of the same subject and changes nobody's identity.",
    11: "state belongs to browser, sign-in and connection; without it no token is asked for.",
    12: "No mix-up: a callback for each connection, `iss` where it is promised, codes to the provider that gave them.",
    13: "PKCE with S256 towards every provider, a fresh verifier for each sign-in.",
    14: "The discovery document is the issuer's own, small, over https, and kept for a while only.",
    15: "Outbound calls go to public addresses, as resolved and checked, without redirects, within limits.",
    16: "An e-mail counts for a domain only where the provider vouches for it.",
    17: "Duplicate members, deep nesting, long tokens and loose base64 are refused before any cryptography.",
    18: "Encrypted tokens only where configured, and never with the algorithms of the attacks.",
    19: "A provider's error becomes one of ours, its words cut and escaped.",
}

OAUTH: Mapping[int, str] = {
    1: "A redirect URI is a registered one, character for character.",
    2: "Wildcards: staging only, one left-most label, no public suffix, no default. http: staging's loopback only.",
    3: "Unknown client or redirect URI: a page, never a redirect. Later errors go to the application with its state.",
    4: "A code has 256 bits, is kept as a hash, bound to all it was made for, and lives 600 seconds.",
    5: "A code is good once, whatever the concurrency; used again it is refused and takes its tokens with it.",
    6: "A wrong client, secret, redirect URI or verifier does not use a code up; five of them do.",
    7: "Secrets have 256 bits, are kept as hashes and compared in constant time.",
    8: "PKCE with S256 alone, both ways: no verifier without a challenge, no challenge without a verifier.",
    9: "state comes back byte for byte, up to 2 KiB, and is never logged.",
    10: "Token and profile are never cached or read across origins; an unknown client looks like a wrong secret.",
    11: "The token endpoint takes POST, reads the body first, logs no query; access tokens end and can be revoked.",
    12: "Redirects are 302, carry no referrer, and no page holds a code.",
    13: "Nobody is redirected to an address out of a parameter, a header or a RelayState unless it is registered.",
    14: "Ids of another environment do not exist.",
    15: "Hints and scopes travel as encoded values and become no other parameter.",
    16: "A repeated parameter is an error, an unknown one is ignored, a query ends at 8 KiB.",
}

WEB: Mapping[int, str] = {
    1: "A session's cookie is locked to this host, renewed when rights change, and ended on the server.",
    2: "What binds a sign-in to its browser survives the provider's form from another site, and nothing else does.",
    3: "A form that changes something carries its session's token, and stood on a page of ours.",
    4: "No page can be framed, runs a script of its own, or loads anything from elsewhere.",
    5: "Addresses come from the base URL; Host and forwarded headers count where a proxy of ours is connected.",
    6: "Nothing is read across origins.",
    7: "A link opens the portal of one organization and intent, and no page leads to a thing of another.",
    8: "A change in the portal to a connection in use is in the audit log, and told to the administrators.",
    9: "What a customer or an identity provider says is shown as text.",
    10: "Tries are limited, across restarts, and nobody else is kept out by it.",
    11: "Passwords are argon2id, links good once, accounts not told apart, roles enforced on the server.",
    12: "Heads and bodies of requests end, in bytes and in time.",
    13: "No stack trace, statement or secret is in any answer.",
    14: "What a provider said of a person is kept sealed, in no log, and shown to the roles that may see it.",
}

REQUIREMENTS: Mapping[str, str] = {
    f"{group}-{number:02}": sentence
    for group, sentences in (("SAML", SAML), ("OIDC", OIDC), ("OAUTH", OAUTH), ("WEB", WEB))
    for number, sentence in sentences.items()
}
