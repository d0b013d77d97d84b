"""What SimpleSAMLphp is told by the tests: its configuration, its people, and the few lines of it that are changed.

The release that Debian has encrypts with AES-128 in CBC mode and RSA-OAEP, and has no setting for either, though its
library knows more. So the tests let an application's metadata name both; where they do not, all is as delivered. The
same goes for the audience, which a test has wrong, and for the clock, which a test puts back.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/usr/share/simplesamlphp")
CONTENT = "tests.encryption"
KEY_TRANSPORT = "tests.keytransport"
AUDIENCE = "tests.audience"
PASSWORD = "correct horse"
PEOPLE: dict[str, dict[str, list[str]]] = {
    "ann": {
        "id": ["emp-1001"],
        "email": ["ann@example.com"],
        "firstName": ["Ann"],
        "lastName": ["Łukaszewicz"],
        "groups": ["Engineering", "Admins & Owners"],
    },
    "joe": {
        "id": ["emp-1002"],
        "email": ["joe@elsewhere.test"],
        "firstName": ["Joe"],
        "lastName": ["Elsewhere"],
        "groups": ["Guests"],
    },
    "eve": {
        "id": ["emp-1003"],
        "email": ["eve@example.com"],
        "firstName": ["<script>alert(1)</script>"],
        "lastName": ['O\u2019Neil "&amp;" \u202eevE'],
        "groups": [f"group {number} of \u65e5\u672c & <b>" for number in range(300)],
        "__proto__": ["polluted", "twice"],
        "notes": ["]]>", "${jndi:ldap://127.0.0.1/a}", "a\nb", "' OR 1=1 --", "ann@example.com"],
    },
}

CONFIG = """<?php
$config = [
    'baseurlpath' => '@base@/',
    'certdir' => '@home@/cert/',
    'loggingdir' => '@home@/log/',
    'datadir' => '@home@/data/',
    'tempdir' => '@home@/tmp',
    'metadatadir' => '@home@/metadata/',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'technicalcontact_name' => 'Tests',
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'secretsalt' => 'salt-of-the-tests',
    'auth.adminpassword' => 'not-used-by-the-tests',
    'admin.protectindexpage' => false,
    'admin.protectmetadata' => false,
    'admin.checkforupdates' => false,
    'trusted.url.domains' => [],
    'enable.http_post' => false,
    'assertion.allowed_clock_skew' => 180,
    'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\\Logger::INFO,
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'statistics.out' => [],
    'enable.saml20-idp' => true,
    'enable.shib13-idp' => false,
    'enable.adfs-idp' => false,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true, 'authorize' => true],
    'session.cookie.name' => 'SimpleSAMLSessionID',
    'session.cookie.path' => '/',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.cookiename' => 'SimpleSAML',
    'session.phpsession.savepath' => '@home@/sessions',
    'session.phpsession.httponly' => true,
    'session.authtoken.cookiename' => 'SimpleSAMLAuthToken',
    'language.available' => ['en'],
    'language.rtl' => [],
    'language.default' => 'en',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'theme.use' => 'default',
    'production' => true,
    'authproc.idp' => [],
    'authproc.sp' => [],
    'metadata.sources' => [['type' => 'flatfile']],
    'metadata.sign.enable' => false,
    'store.type' => 'phpsession',
    'proxy' => null,
];
require '@home@/config/configured.php';
$config = array_replace($config, $configured);
"""

# class -> (its file, [(as delivered, as the tests have it)])
_CHANGES = {
    "SimpleSAML\\Module\\saml\\IdP\\SAML2": (
        "modules/saml/lib/IdP/SAML2.php",
        [
            (
                "(XMLSecurityKey::RSA_OAEP_MGF1P,",
                f"($spMetadata->getString('{KEY_TRANSPORT}', XMLSecurityKey::RSA_OAEP_MGF1P),",
            ),
            (
                "setAssertion($assertion, $key);",
                f"setAssertion($assertion, $key, $spMetadata->getString('{CONTENT}', XMLSecurityKey::AES128_CBC));",
            ),
            (
                "array_merge([$spMetadata->getString('entityid')],",
                f"array_merge([$spMetadata->getString('{AUDIENCE}', $spMetadata->getString('entityid'))],",
            ),
        ],
    ),
    "SAML2\\EncryptedAssertion": (
        "vendor/simplesamlphp/saml2/src/SAML2/EncryptedAssertion.php",
        [
            (
                "setAssertion(Assertion $assertion, XMLSecurityKey $key)",
                "setAssertion(Assertion $assertion, XMLSecurityKey $key, string $content = XMLSecurityKey::AES128_CBC)",
            ),
            ("new XMLSecurityKey(XMLSecurityKey::AES128_CBC)", "new XMLSecurityKey($content)"),
            (
                "case XMLSecurityKey::RSA_OAEP_MGF1P:",
                "case XMLSecurityKey::RSA_OAEP_MGF1P:\n            case XMLSecurityKey::RSA_OAEP:",
            ),
        ],
    ),
}

# The clock as those parts see it that write times into an answer: the folder's file `clock` says how far it is off.
_CLOCK = """
function time() { return \\time() + (int) @file_get_contents('%s'); }
"""
_TELL_TIME = ("SAML2\\Utilities", "SimpleSAML\\Module\\saml\\IdP")

# Our metadata as SimpleSAMLphp reads them. Answers JSON to a POST.
READER = f"""<?php
require '{_ROOT}/lib/_autoload.php';
echo json_encode(SimpleSAML\\Metadata\\SAMLParser::parseString(file_get_contents('php://input'))->getMetadata20SP());
"""


def changed(folder: Path) -> Path:
    """Writes the changed classes into `folder`, and the PHP file that has to run before each page."""
    clock = _CLOCK % (folder / "clock")
    spaces = (f"namespace {name} {{{clock}}}" for name in _TELL_TIME)
    (folder / "clock.php").write_text("<?php\n" + "\n".join(spaces), encoding="utf-8")
    (folder / "first.php").write_text("\n".join(_first(folder)) + "\n", encoding="utf-8")
    return folder / "first.php"


def _first(folder: Path) -> Iterator[str]:
    yield f"<?php\nrequire '{folder}/clock.php';\n$loader = require '{_ROOT}/vendor/autoload.php';"
    for name, (path, changes) in _CHANGES.items():
        text = (_ROOT / path).read_text(encoding="utf-8")
        for delivered, wanted in changes:
            assert text.count(delivered) == 1, f"{path} is not the one that the tests know: {delivered}"
            text = text.replace(delivered, wanted)
        target = folder / f"{name.rpartition(chr(92))[2]}.php"
        target.write_text(text, encoding="utf-8")
        yield f"$loader->addClassMap(['{name}' => '{target}']);"
