"""What an identity provider answered, as it was kept: to be downloaded, and to be run again."""

from __future__ import annotations

import msgspec

from latchstring.flows import sign_ins
from latchstring.flows.house import House
from latchstring.model import ids
from latchstring.model.answer import Answer
from latchstring.model.environment import Pass
from latchstring.model.refusal import Mender, NotFound
from latchstring.storage import sign_in_answers


class AnswerNotKept(NotFound):
    """Nothing of the identity provider's answer is kept for this sign-in: '{id}'."""

    code = "answer_not_kept"
    mender = Mender.DEVELOPER
    fix = (
        "Keep answers (`latchstring environment set NAME --sign-in-answers keep`) and sign in again. None came in a "
        "sign-in that is under way or timed out, and what is larger than 64 kB is never kept."
    )


def get(house: House, pass_: Pass, named: str) -> tuple[str, Answer]:
    """The id of the sign-in, and its answer. Raises `NotFound`, and `AnswerNotKept`."""
    sign_in = sign_ins.find(house, pass_, named)
    with house.database.read(pass_) as scope:
        answer = sign_in_answers.get(scope, house.vault, sign_in.id)
    if answer is None:
        raise AnswerNotKept(kind="Answer", id=sign_in.id)
    return sign_in.id, answer


def download(house: House, pass_: Pass, named: str) -> tuple[str, bytes]:
    """A file's name and what is in it: the SAML response as it came, else everything as JSON."""
    sign_in_id, answer = get(house, pass_, named)
    name = f"sign-in-{ids.reference(sign_in_id)}"
    if answer.document:
        return f"{name}.xml", answer.document
    shown = msgspec.json.encode({"parameters": answer.parameters, **answer.heard}, enc_hook=str)
    return f"{name}.json", msgspec.json.format(shown, indent=2)
