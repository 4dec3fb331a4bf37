"""What a program will be on a treadmill, for the form in which it is written and for the answers of actions."""

from typing import Any, NamedTuple, Self

from ..training.limits import Direction
from ..training.programs.preview import Preview, preview
from ..training.programs.program import Program
from ..training.rules import Rules
from .blocks import alert, cuts_of, drawing, text_of
from .words import Words


class ProgramPreview(NamedTuple):
    """A program, and what a session on this treadmill makes of it."""

    program: Program
    shown: Preview

    @classmethod
    def of(cls, program: Program, rules: Rules) -> Self:
        """Return the preview for somebody who has walked before, under the rules of a treadmill."""
        forward = rules.limits(Direction.FORWARD)
        return cls(program, preview(program, rules.limits(program.direction), forward))

    def summary(self, words: Words) -> str:
        """Return how long, how fast and how steep it is, as it is written."""
        return words.summary(self.program)

    def html(self, words: Words, *, unrolled: bool = False) -> str:
        """Return it for the description of a form; `unrolled` says that its groups are shown as rows."""
        notes = [alert("info", words.say("program_unrolled"))] if unrolled else []
        summary = f"<p><b>{text_of(self.summary(words))}</b></p>"
        return "\n\n".join([*notes, summary, *drawing(self.shown, words), *cuts_of(self.shown, words)])

    def saved(self, words: Words) -> str:
        """Return what is said once it is saved."""
        return "\n\n".join([f"<p><b>{text_of(self.summary(words))}</b></p>", *cuts_of(self.shown, words)])


def cuts_data(shown: Preview, words: Words) -> list[dict[str, Any]]:
    """Return each thing that the limits cut, for an action: where, what was asked, what becomes of it, and why."""
    return [
        {
            "kind": cut.kind.value.removeprefix("preview_cut_"),
            "steps": [*cut.steps],
            "asked": round(cut.asked, 2),
            "becomes": round(cut.becomes, 2),
            "text": words.cut(cut),
        }
        for cut in shown.cuts
    ]
