"""`python -m latchstring` is `latchstring`."""

from __future__ import annotations

import sys

from latchstring.cli import main

sys.exit(main())
