"""Installs what the tests need from outside Python: Debian packages, npm packages, and SDKs that must not meet in one
environment. Run by `make setup-test`; a second run sees its own stamp and ends at once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
STAMP = TOOLS / "installed"
NODE_BIN = Path(sys.executable).parent

# A Debian package, and a file (or a pattern) that is there once it is installed.
APT = {
    "chromium": "/usr/bin/chromium",
    "simplesamlphp": "/usr/share/simplesamlphp/www/index.php",
    "php-cli": "/usr/bin/php",
    "php-cgi": "/usr/bin/php-cgi",
    "php-xml": "/usr/lib/php/*/dom.so",
    "php-mbstring": "/usr/lib/php/*/mbstring.so",
    "php-curl": "/usr/lib/php/*/curl.so",
    "liblemonldap-ng-portal-perl": "/usr/share/perl5/Lemonldap/NG/Portal/Main.pm",
    # LemonLDAP::NG recommends these alone, and needs them for SAML and OpenID Connect.
    "liblasso-perl": "/usr/lib/*/perl5/*/Lasso.pm",
    "libxml-simple-perl": "/usr/share/perl5/XML/Simple.pm",
    "libio-string-perl": "/usr/share/perl5/IO/String.pm",
    "libstring-random-perl": "/usr/share/perl5/String/Random.pm",
    "starman": "/usr/bin/starman",
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}

# Two majors of the SDK side by side need names of their own; the plain name is what applications import.
NPM = {
    "@workos-inc/node": "11.0.0",
    "workos-node-11": "npm:@workos-inc/node@11.0.0",
    "workos-node-7": "npm:@workos-inc/node@7.82.0",
    "oidc-provider": "9.13.3",
    "express": "5.3.0",
    "axe-core": "4.14.1",
}

# Each in a directory of its own, put first on PYTHONPATH by the test that wants it.
PIP = {
    "python-old": ROOT / "requirements" / "sdk-old.txt",
    "python-flask": ROOT / "requirements" / "example-flask.txt",
}


def say(line: str) -> None:
    """One line of progress."""
    print(f"setup-test: {line}", file=sys.stderr, flush=True)


def wanted() -> str:
    """A digest over everything that is asked for; when it changes, everything is installed anew."""
    digest = hashlib.sha256(json.dumps([sorted(APT), NPM, sys.version_info[:2]]).encode())
    for name, requirements in sorted(PIP.items()):
        digest.update(name.encode() + requirements.read_bytes())
    return digest.hexdigest()


def missing_apt() -> list[str]:
    """The Debian packages whose files are not there."""
    return [package for package, proof in APT.items() if not any(Path("/").glob(proof[1:]))]


@contextmanager
def no_service_starts() -> Iterator[None]:
    """Keeps packages from starting the services they bring: the tests start their own."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def install_apt() -> None:
    """Installs missing Debian packages, or says which are missing and stops."""
    missing = missing_apt()
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        say("these packages are missing (named as in Debian): " + " ".join(missing))
        say("they are installed here only as root on Debian; elsewhere install them and run this again.")
        say("on Debian: apt-get install --no-install-recommends " + " ".join(missing))
        sys.exit(1)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = [apt, "install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *missing]
    say("apt-get update")
    run([apt, "update", "-q"], environment)
    say("apt-get install " + " ".join(missing))
    with no_service_starts():
        run(install, environment)
    if still := missing_apt():
        say("installed without an error, yet not to be found: " + " ".join(still))
        sys.exit(1)


def install_npm() -> None:
    """Installs the npm packages with the Node of this virtual environment."""
    home = TOOLS / "node"
    say("npm install " + " ".join(f"{name}@{version.rpartition('@')[2]}" for name, version in NPM.items()))
    home.mkdir(parents=True, exist_ok=True)
    package = {"name": "latchstring-test-tools", "private": True, "dependencies": NPM}
    (home / "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{NODE_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    flags = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--no-update-notifier"]
    run([str(NODE_BIN / "npm"), "install", *flags, "--loglevel=error"], environment, home)


def install_pip() -> None:
    """Installs each set of Python packages into a directory of its own."""
    for name, requirements in PIP.items():
        say(f"pip install -r {requirements.relative_to(ROOT)} into .tools/{name}")
        shutil.rmtree(TOOLS / name, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
        run([*pip, "--only-binary", ":all:", "--target", str(TOOLS / name), "-r", str(requirements)])


def run(command: list[str], environment: dict[str, str] | None = None, directory: Path | None = None) -> None:
    """Runs a command, its output on stderr; when it fails, so does this script."""
    try:
        subprocess.run(command, check=True, env=environment, cwd=directory, stdout=sys.stderr)
    except subprocess.CalledProcessError as failed:
        say(f"`{' '.join(command)}` ended with {failed.returncode}")
        sys.exit(1)


def main() -> None:
    """Installs what is missing, and leaves a stamp that says so."""
    digest = wanted()
    if STAMP.exists() and STAMP.read_text(encoding="ascii") == digest and not missing_apt():
        return
    install_apt()
    install_npm()
    install_pip()
    STAMP.write_text(digest, encoding="ascii")
    say("done")


if __name__ == "__main__":
    main()
