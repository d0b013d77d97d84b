"""Does with the official Python SDK what applications do with it, and prints one JSON report.

Which SDK it is says PYTHONPATH: the newest, or an older major. Usage is that of `sdk_node.mjs`, without the package.
"""

# mypy: ignore-errors
# (two majors of one package, with different words for the same things)
from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from workos import WorkOSClient

_VERSION = version("workos")
_OLD = int(_VERSION.partition(".")[0]) < 6


def client(key: str | None = None) -> Any:
    """The SDK, told by WORKOS_API_KEY, WORKOS_CLIENT_ID and WORKOS_BASE_URL where to go."""
    return WorkOSClient(api_key=key) if key else WorkOSClient()


def plain(value: Any) -> dict[str, Any]:
    """A typed answer as JSON."""
    return json.loads(value.model_dump_json()) if _OLD else value.to_dict()


def ids(page: Any) -> list[str]:
    return [item.id for item in page.data]


def failure(call: Callable[[], object]) -> dict[str, Any] | None:
    """What a call raises, in words that are the same for every SDK."""
    try:
        call()
    except Exception as error:
        status = error.response.status_code if _OLD else error.status_code
        said = {name: getattr(error, name) for name in ("message", "code", "error", "error_description", "request_id")}
        return {"class": type(error).__name__, "status": status, **said}
    return None


def authorization_url(sso: Any, asked: dict[str, str]) -> dict[str, str]:
    name = "organization_id" if _OLD else "organization"
    wanted = {name: asked["organization"], "redirect_uri": asked["redirect_uri"], "state": asked["state"]}
    return {"authorization_url": sso.get_authorization_url(**wanted)}


def signed_in(sso: Any, asked: dict[str, str]) -> dict[str, Any]:
    answer = sso.get_profile_and_token(code=asked["code"])
    return {
        "access_token": answer.access_token,
        "profile": plain(answer.profile),
        "profile_again": plain(sso.get_profile(access_token=answer.access_token)),
    }


def connections(sso: Any, asked: dict[str, str]) -> dict[str, Any]:
    got = plain(sso.get_connection(asked["connection"]))
    report = {
        "got": {"id": got["id"], "name": got["name"], "state": got["state"], "type": got["connection_type"]},
        "listed": ids(sso.list_connections()),
        "of_organization": ids(sso.list_connections(organization_id=asked["organization"])),
        "of_type": ids(sso.list_connections(connection_type="OktaSAML")),
    }
    sso.delete_connection(asked["doomed"])
    return {**report, "deleted": failure(lambda: sso.get_connection(asked["doomed"]))}


def domain_data(domain: str, state: str) -> list[Any]:
    data: Any = {"domain": domain, "state": state}
    if not _OLD:
        from workos.organizations.models import OrganizationDomainData

        data = OrganizationDomainData.from_dict(data)
    return [data]


def organizations(api: Any, asked: dict[str, str]) -> dict[str, Any]:
    data = domain_data(asked["domain"], "verified")
    made = api.create_organization(name="Made by Python", domain_data=data, external_id=asked["domain"])
    got = plain(api.get_organization_by_external_id(asked["domain"]))
    named = {"organization_id": made.id} if _OLD else {"id": made.id}
    changed = api.update_organization(**named, name="Renamed by Python")
    listed = ids(api.list_organizations(domains=[asked["domain"]]))
    api.delete_organization(made.id)
    return {
        "made": {
            "id": made.id,
            "name": made.name,
            "domains": [[one["domain"], one["state"]] for one in got["domains"]],
        },
        "got": got["name"],
        "changed": changed.name,
        "listed": listed,
        "deleted": failure(lambda: api.get_organization(made.id)),
    }


def organization_domains(sdk: Any, asked: dict[str, str]) -> dict[str, Any]:
    name = f"waits.{asked['domain']}"
    organization = sdk.organizations.create_organization(name="Domains", domain_data=domain_data(name, "pending"))
    named = {"organization_id": organization.id} if _OLD else {"id": organization.id}
    changed = sdk.organizations.update_organization(**named, domain_data=domain_data(name, "verified"))
    api = sdk.organization_domains
    made = api.create_organization_domain(organization_id=organization.id, domain=f"more.{name}")
    got = plain(api.get_organization_domain(made.id))
    looked = plain(api.verify_organization_domain(made.id))
    again = failure(lambda: api.create_organization_domain(organization_id=organization.id, domain=name))
    proven = failure(lambda: api.verify_organization_domain(changed.domains[0].id))
    api.delete_organization_domain(made.id)
    report = {
        "changed": [[one["domain"], one["state"]] for one in plain(changed)["domains"]],
        "same": changed.domains[0].id == organization.domains[0].id,
        "made": [got["domain"], got["state"]],
        "record": [bool(got["verification_token"]), bool(got["verification_prefix"])],
        "looked": [looked["id"] == made.id, looked["state"]],
        "again": again["status"],
        "proven": proven["status"],
        "deleted": failure(lambda: api.get_organization_domain(made.id))["status"],
    }
    sdk.organizations.delete_organization(organization.id)
    return report


def errors(sdk: Any, asked: dict[str, str]) -> dict[str, Any]:
    return {
        "not_found": failure(lambda: sdk.sso.get_connection("conn_00000000000000000000000000")),
        "unauthorized": failure(lambda: client("sk_test_wrong").organizations.list_organizations()),
        "unprocessable": failure(lambda: sdk.organizations.create_organization(name="")),
        "bad_code": failure(lambda: sdk.sso.get_profile_and_token(code=asked["code"])),
    }


def begin(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    return authorization_url(sdk.sso, asked)


def everything(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        **signed_in(sdk.sso, asked),
        "connections": connections(sdk.sso, asked),
        "organizations": organizations(sdk.organizations, asked),
        "organization_domains": organization_domains(sdk, asked),
        "errors": errors(sdk, asked),
    }


def called_back(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """What stands behind an application's redirect URI: begins anew what began at the identity provider."""
    came = asked["query"]
    if came.get("error") != "idp_initiated_sso_disabled":
        return signed_in(sdk.sso, came)
    name = asked["by"] + "_id" if _OLD else asked["by"]
    chosen = {name: came[asked["by"] + "_id"]}
    return {"redirect": sdk.sso.get_authorization_url(**chosen, redirect_uri=asked["redirect_uri"], state="anew")}


def swap(_: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """A code, with a key that may be somebody else's."""
    return {"failure": failure(lambda: client(asked["key"]).sso.get_profile_and_token(code=asked["code"]))}


def show(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    return {"failure": failure(lambda: sdk.sso.get_profile(access_token=asked["access_token"]))}


def sign_out(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    failed = failure(lambda: made.update(logout_link(sdk.sso, asked["profile_id"])))
    return {**made, "failure": failed}


def mail_a_link(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    api = sdk.passwordless
    wanted = {name: asked[name] for name in ("email", "redirect_uri", "state")}
    made = api.create_session(type="MagicLink", **wanted)
    return {
        "session": plain(made),
        "sent": {"success": api.send_session(made.id)},
        "unknown": failure(lambda: api.send_session("passwordless_session_00000000000000000000000000")),
        "wrong": failure(lambda: api.create_session(type="MagicLink", email="nobody")),
    }


def portal(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    api = sdk.portal if _OLD else sdk.admin_portal
    name = "organization_id" if _OLD else "organization"
    named = {name: asked["organization"]}
    urls = {"return_url": "https://app.example/back", "success_url": "https://app.example/done"}
    report = {
        "link": api.generate_link(**named, intent="sso", **urls).link,
        "unknown": failure(lambda: api.generate_link(**{name: "bogus-id"}, intent="sso")),
        "not_offered": failure(lambda: api.generate_link(**named, intent="dsync")),
    }
    if _OLD:
        api.generate_link(
            **named,
            intent="domain_verification",
            intent_options={"sso": {"bookmark_slug": "hub", "provider_type": "GoogleSAML"}},
        )
        return report
    people, organization = sdk.organizations, asked["organization"]
    made = people.create_it_contact(organization, email=asked["email"])
    people.invite_it_contact(organization, made.id, intents=["sso"])
    again = failure(lambda: people.invite_it_contact(organization, made.id, intents=["sso"]))
    people.revoke_it_contact(organization, made.id)
    taken = api.generate_link(
        **named, intent="sso", external_user_id="ann", it_contact_emails=[f"more.{asked['email']}"]
    ).link
    api.revoke_link(**named, external_user_id="ann")
    listed = [each.email for each in people.list_it_contacts(organization).data]
    people.delete_it_contact(organization, made.id)
    gone = failure(lambda: people.delete_it_contact(organization, made.id))
    more = {"contact": made.email, "again": again["status"], "listed": listed, "gone": gone["status"], "taken": taken}
    return {**report, **more}


def portal_link(sdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    api, name = (sdk.portal, "organization_id") if _OLD else (sdk.admin_portal, "organization")
    ends = {name: asked["organization"], "return_url": asked["return_url"], "success_url": asked["success_url"]}
    return {"link": api.generate_link(intent=asked["intent"], **ends).link}


def logout_link(sso: Any, profile_id: str) -> dict[str, Any]:
    """Python 5 has no word for it: its HTTP client is told what to send."""
    if _OLD:
        return sso._http_client.request("sso/logout/authorize", method="post", json={"profile_id": profile_id})
    answer = sso.authorize_logout(profile_id=profile_id)
    return {**plain(answer), "helper": sso.get_logout_url(token=answer.logout_token)}


def main() -> None:
    asked: dict[str, Any] = json.loads(sys.argv[1])
    steps = (begin, everything, called_back, swap, show, sign_out, mail_a_link, portal, portal_link)
    (step,) = [step for step in steps if step.__name__ == asked["do"]]
    print(json.dumps({"version": _VERSION, **step(client(), asked)}))


if __name__ == "__main__":
    main()
