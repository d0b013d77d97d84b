"""What LemonLDAP::NG reads in the tests: its people, the program that serves its portal, and its own settings."""

from __future__ import annotations

import json
from collections.abc import Mapping

# It is Perl, so a person's groups are a list of their own; each person's password is the login.
PEOPLE: dict[str, dict[str, str]] = {
    "ann": {"uid": "ann", "givenName": "Ann", "sn": "Łukaszewicz", "mail": "ann@example.com"},
    "joe": {"uid": "joe", "givenName": "Joe", "sn": "Elsewhere", "mail": "joe@elsewhere.test"},
}
GROUPS: dict[str, list[str]] = {"Engineering": ["ann"], "Admins & Owners": ["ann"], "Guests": ["joe"]}

# Its own demonstration module knows three persons of a television series; these are ours. A directory tells it octets,
# so nothing is decoded here.
APP = """use JSON ();
use Plack::App::File;
use Plack::Builder;
use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::UserDB::Demo;

sub read_json { local $/; open my $file, '<', "@home@/$_[0]" or die $!; return JSON::from_json(<$file>) }
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = %{ read_json('people.json') };
%Lemonldap::NG::Portal::UserDB::Demo::demoGroups = %{ read_json('groups.json') };
my $portal = Lemonldap::NG::Portal::Main->run({});
builder {
    mount '/static' => Plack::App::File->new(root => '/usr/share/lemonldap-ng/portal/htdocs/static')->to_app;
    mount '/javascript' => Plack::App::File->new(root => '/usr/share/javascript')->to_app;
    mount '/' => $portal;
};
"""

# checkTime -1: each request looks whether an administrator has saved a newer configuration.
INI = """[all]
logLevel = info
checkTime = -1
[configuration]
type = File
dirName = @home@/conf
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
"""


def base(*, port: int, host: str, home: str, keys: Mapping[str, str]) -> dict[str, object]:
    """The settings before any application is known. `keys` are `samlServicePrivateKeySig` and the like."""
    files = {
        "Directory": f"{home}/sessions",
        "LockDirectory": f"{home}/sessions/lock",
        "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
    }
    exported = {name: name for name in ("uid", "mail", "givenName", "sn")}
    return {
        "cfgAuthor": "tests",
        "domain": host,
        "portal": f"http://{host}:{port}/",
        "key": "key-of-the-tests",
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "demoExportedVars": exported,
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": files,
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": files,
        "localSessionStorage": "",
        "locationRules": {},  # no application behind its own reverse proxy
        "exportedHeaders": {},
        "sameSite": "Lax",  # it is served by plain HTTP here, and `None` needs TLS
        "captcha": "::Main::Plugin",  # none: as delivered it draws letters, which takes a graphics library
        "portalDisplayRegister": 0,
        "portalDisplayResetPassword": 0,
        "issuerDBSAMLActivation": 1,
        "issuerDBOpenIDConnectActivation": 1,
        "samlOrganizationName": "Customer of the tests",
        "samlOrganizationDisplayName": "Customer of the tests",
        "oidcServiceKeyIdSig": "tests-1",
        **keys,
    }


def numbered(number: int, settings: Mapping[str, object]) -> str:
    """A configuration as its Manager saves one."""
    return json.dumps({**settings, "cfgNum": number, "cfgDate": 1_700_000_000 + number}, ensure_ascii=False)
