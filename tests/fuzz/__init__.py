"""Throws spoilt input at everything that reads what strangers send, and looks for a broken promise.

`python -m tests.fuzz` (or `make fuzz`) runs each file of `targets/` in a process of its own (`child.py`) under
`meter.py`; `xml_mutations.py` and `mutations.py` spoil what `saml_seeds.py` and the targets began with, and
`findings.py` keeps what broke. docs/fuzzing.md tells how to read it and how to add a target.

The promise: nobody is ever accepted but as who they are; nothing is raised but a `Refusal`; nothing takes more than
200 ms of CPU or 64 MiB.
"""
