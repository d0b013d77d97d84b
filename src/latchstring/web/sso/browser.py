"""The cookie that binds a sign-in to its browser: it is the kit's, because the Dashboard begins sign-ins as well."""

from __future__ import annotations

from latchstring.web.kit.sign_in_cookies import bind as bind
from latchstring.web.kit.sign_in_cookies import consented as consented
from latchstring.web.kit.sign_in_cookies import drop as drop
from latchstring.web.kit.sign_in_cookies import forget as forget
from latchstring.web.kit.sign_in_cookies import hold as hold
from latchstring.web.kit.sign_in_cookies import remember as remember
from latchstring.web.kit.sign_in_cookies import secrets as secrets
