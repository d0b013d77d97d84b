"""Signs a person in through an OAuth provider with the official Python SDK, in two steps; prints one JSON report.

Which SDK it is says PYTHONPATH: the newest, or an older major, which has no words for scopes and for `oauth_tokens`.
"""

# mypy: ignore-errors
# (two majors of one package, with different words for the same things)
from __future__ import annotations

import json
import sys
from importlib.metadata import version

from workos import WorkOSClient

_OLD = int(version("workos").partition(".")[0]) < 6


def main() -> None:
    asked = json.loads(sys.argv[1])
    sso = WorkOSClient().sso
    if "code" not in asked:
        more = {"provider_scopes": asked["scopes"], "provider_query_params": asked["params"]}
        wanted = {name: asked[name] for name in ("provider", "redirect_uri", "state", "login_hint", "domain_hint")}
        report = {"authorization_url": sso.get_authorization_url(**wanted, **({} if _OLD else more))}
    else:
        answer = sso.get_profile_and_token(code=asked["code"])
        found = answer.profile
        again = sso.get_profile(access_token=answer.access_token)
        report = {
            "profile": {name: getattr(found, name) for name in ("id", "email", "connection_type", "organization_id")},
            "again": again.id,
        }
        if not _OLD:
            report["oauth_tokens"] = answer.oauth_tokens and answer.oauth_tokens.to_dict()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
