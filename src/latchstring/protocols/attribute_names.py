"""The names under which the fields of a profile arrive, whatever the connection's type: data, in order of trust."""

from __future__ import annotations

from collections.abc import Mapping

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

GENERAL: Mapping[str, tuple[str, ...]] = {
    "idp_id": (
        "id",
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
        "urn:oasis:names:tc:SAML:attribute:subject-id",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.13",  # eduPersonUniqueId
        "urn:oasis:names:tc:SAML:attribute:pairwise-id",
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",  # eduPersonTargetedID
        CLAIMS + "nameidentifier",
        "uid",
        "urn:oid:0.9.2342.19200300.100.1.1",  # uid
        "@NameID",
    ),
    "email": (
        "email",
        "mail",
        "emailAddress",
        CLAIMS + "emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",  # mail
        "urn:oid:1.2.840.113549.1.9.1",  # emailAddress of PKCS 9
        CLAIMS + "name",
        CLAIMS + "upn",
        "@NameID:emailAddress",
    ),
    "first_name": (
        "firstName",
        "first_name",
        "givenName",
        "given_name",
        CLAIMS + "givenname",
        "urn:oid:2.5.4.42",  # givenName
    ),
    "last_name": (
        "lastName",
        "last_name",
        "sn",
        "surname",
        "familyName",
        "family_name",
        CLAIMS + "surname",
        "urn:oid:2.5.4.4",  # sn
    ),
    "name": (
        "displayName",
        "http://schemas.microsoft.com/identity/claims/displayname",
        "urn:oid:2.16.840.1.113730.3.1.241",  # displayName
        "cn",
        "urn:oid:2.5.4.3",  # cn
        "name",
    ),
    "groups": (
        "groups",
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "memberOf",
        "isMemberOf",
        "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",  # isMemberOf
        "member",
        "Role",
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        "roles",
    ),
}
"""The candidates of every connection, whatever its type, in order of trust; of spellings that differ in case, one."""

PREDEFINED: Mapping[str, tuple[str, ...]] = {
    "addresses": (
        "addresses",
        "address.formatted",  # OpenID Connect Core 5.1.1
        "postalAddress",
        "urn:oid:2.5.4.16",  # postalAddress
        CLAIMS + "streetaddress",
    ),
    "cost_center_name": ("cost_center_name", "cost_center", "costCenter"),
    "department_name": (
        "department_name",
        "department",
        "urn:oid:1.2.840.113556.1.2.141",  # department of Active Directory
        CLAIMS + "department",
    ),
    "division_name": ("division_name", "division"),
    "emails": ("emails", "otherMails"),
    "employee_type": ("employee_type", "employeeType", "urn:oid:2.16.840.1.113730.3.1.4"),  # employeeType
    "employment_start_date": ("employment_start_date", "employeeHireDate", "hireDate"),
    "job_title": ("job_title", "jobTitle", "title", "urn:oid:2.5.4.12", CLAIMS + "jobtitle"),  # title
    "manager_email": ("manager_email", "managerEmail"),
    "username": (
        "username",
        "preferred_username",
        "uid",
        "urn:oid:0.9.2342.19200300.100.1.1",  # uid
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",  # eduPersonPrincipalName
        CLAIMS + "upn",
        CLAIMS + "name",
    ),
}
"""The custom attributes that every environment has (contract 11), and where each is looked for without a mapping."""

LISTS = frozenset({"addresses", "emails"})
"""Custom attributes that are a list whatever came; the others are a list only if several values came."""

# A user principal name has the shape of an address and is often one; the rest of the time it is no reason to refuse.
PERHAPS_EMAIL = frozenset({CLAIMS + "name", CLAIMS + "upn", "upn", "preferred_username", "@NameID"})
