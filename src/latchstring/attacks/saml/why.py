"""Why a response is refused although a signature in it is valid: one sentence for each code that refuses such a one.

Libraries for XML signatures accept these documents, and rightly so: a signature says who wrote something, not that
this is what will be read, nor to whom it was written, nor when, nor in answer to what.
"""

from __future__ import annotations

from collections.abc import Mapping

_SENTENCES: Mapping[tuple[str, ...], str] = {
    # What is signed is not certainly what is read.
    ("several_assertions", "duplicate_ids", "signature_misplaced"): (
        "A valid signature covers one element; with several that could be meant, what is verified and what is read can "
        "be two things, which is what signature wrapping lives on."
    ),
    ("not_a_response", "response_malformed"): (
        "Around the signed element stands something that is no Response of SAML 2.0: whoever reads it all the same "
        "reads, with good will, what no signature covers."
    ),
    ("signature_invalid", "certificate_unknown"): (
        "One signature in the document holds, another does not: whoever is content with any of them lets the "
        "sender choose which one counts."
    ),
    ("signature_malformed", "canonicalization_failed"): (
        "What a signature covers is decided by its own form. SAML allows one form (core 5.4), and every other one"
        " has a library that computes it differently: comments in a digest, objects, further transforms, other "
        "references."
    ),
    ("assertion_malformed",): (
        "The signature holds, and yet two programs would read two people: an assertion that the schema does not allow "
        "has no one meaning, whoever signed it."
    ),
    ("document_has_dtd", "document_not_xml"): (
        "Before a signature can be looked at, the document has been parsed. Declarations, entities, odd encodings"
        " and processing instructions are what parsers disagree about, and none of them belongs in SAML."
    ),
    ("document_too_large",): (
        "A valid signature is no reason to spend more time and memory on a document than any honest one needs: "
        "the limits come before the work, and so before the signature."
    ),
    # Who could have made the signature.
    ("weak_algorithm", "algorithm_not_allowed"): (
        "It verifies because the library can do more than sign-ins need. Each algorithm beyond the short list is one "
        "more for an attacker to choose from; with a broken hash or a short key a signature proves nothing."
    ),
    ("signature_missing", "assertion_not_encrypted"): (
        "This connection asks for a signature, or an encryption, that is not there; another valid one is no "
        "substitute for what was agreed."
    ),
    # To whom, when, and in answer to what it was written.
    ("audience_mismatch", "destination_mismatch", "recipient_mismatch", "connection_address_unknown"): (
        "A valid signature says who wrote, not to whom: an answer for another service, address or customer of the same "
        "provider, or for a connection that is gone, would open this one."
    ),
    ("condition_unknown",): (
        "The provider has signed that it holds under a condition which nobody here can check, and then it is not to "
        "be relied on (core 2.5.1)."
    ),
    ("issuer_mismatch",): (
        "The key is pinned for one provider. Who signs for several issuers, or lets customers choose the name, "
        "has signed in the name of another one."
    ),
    ("assertion_expired", "assertion_not_yet_valid", "response_too_old", "time_invalid"): (
        "A valid signature never goes out of date; what it says does. Without a moment that can be read, or "
        "outside of its window, the answer is a find from a log or a backup."
    ),
    (
        "browser_mismatch",
        "in_response_to_unknown",
        "answer_unknown",
        "unsolicited_response",
        "idp_initiated_sso_disabled",
    ): (
        "It is genuine, and was made for another sign-in: of another browser, of another request, or of none. "
        "Whoever gets it accepted signs somebody in who asked for nothing."
    ),
    ("assertion_replayed", "attempt_already_used"): (
        "Signed once, it may be used once; its copy is as valid as the original for every library without a memory."
    ),
    (
        "parameter_repeated",
        "saml_request_beside_response",
        "relay_state_not_allowed",
        "relay_state_unregistered",
    ): (
        "No signature covers the fields around the response: which of two counts, and where the browser goes "
        "afterwards, would be up to whoever made the form."
    ),
    # What it says.
    ("idp_error", "idp_refused", "authn_statement_missing", "subject_unconfirmed"): (
        "The provider has signed that nobody signed in, or does not say that whoever brings this is the one who did."
    ),
    (
        "subject_missing",
        "encrypted_element_unsupported",
        "attributes_missing",
        "identifier_ambiguous",
        "identifier_malformed",
        "identifier_too_long",
        "email_invalid",
    ): ("The provider has signed a name that names nobody, names several, or is sealed for somebody else."),
    ("email_outside_organization",): (
        "A customer's provider can sign any address it likes; it speaks for the domains of that customer alone."
    ),
}

WHY: Mapping[str, str] = {code: sentence for codes, sentence in _SENTENCES.items() for code in codes}
