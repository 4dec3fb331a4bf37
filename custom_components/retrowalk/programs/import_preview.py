"""What comes of a file, before it is saved: as the description of a form, and as the answer of an action."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Self

from ..training.files.imported import ImportedProgram
from ..training.limits import Direction
from ..training.programs.preview import CutKind, Preview, preview
from ..training.rules import Rules
from ..training.units import Speed
from .blocks import alert, cuts_of, drawing, listed, text_of
from .words import Words

MOST_LINES: Final = 30
"""Steps in words that a form shows; the picture shows all of them."""
FEW_LINES: Final = 10
"""So many are shown without opening the list."""


class ImportPreview(NamedTuple):
    """A program from a file, and what a session on this treadmill will make of it."""

    imported: ImportedProgram
    shown: Preview

    @classmethod
    def of(cls, imported: ImportedProgram, rules: Rules) -> Self:
        """Return the preview for somebody who has walked backward before, under the rules of a treadmill."""
        program = imported.program
        return cls(imported, preview(program, rules.limits(program.direction), rules.limits(Direction.FORWARD)))

    def warnings(self, words: Words) -> list[dict[str, Any]]:
        """Return all that is cut, changed, left out or taken for granted, in words, for an action."""
        notes = [{"line": note.line, "text": words.note(note)} for note in self.imported.notes]
        return [*notes, *({"line": None, "text": words.cut(cut)} for cut in self.shown.cuts)]

    def as_dict(self, words: Words) -> dict[str, Any]:
        """Return the figures and the steps in words, for an action."""
        shown, imported = self.shown, self.imported
        return {
            "minutes": round(shown.minutes, 2),
            "distance": round(shown.meters),
            "top_speed": round(shown.top_speed, 2),
            "top_incline": round(shown.top_incline, 2),
            "full_speed_kmh": imported.full_speed_kmh,
            "lengths": imported.lengths,
            "unit": imported.unit,
            "steps": [words.step(step) for step in shown.steps],
        }

    def html(self, words: Words, *, again: bool = False) -> str:
        """Return it for the description of a form; `again` is for one that was shown before and has changed.

        Each block is one line of HTML, in which the front end looks for no Markdown: a file may contain anything.
        """
        shown = self.shown
        amounts = words.amounts(shown.minutes * 60, shown.meters, shown.top_speed, shown.top_incline)
        blocks = [alert("info", words.say("preview_again"))] if again else []
        blocks += [alert("warning", advice) for advice in self._advice(words)]
        blocks += [f"<p><b>{text_of(amounts)}</b></p>", *drawing(shown, words)]
        cuts = cuts_of(shown, words)
        blocks += cuts
        if notes := [words.note(note) for note in self.imported.notes]:
            blocks.append(listed(words.say("preview_notes"), notes))
        blocks += [] if cuts or notes else [f"<p>{text_of(words.say('preview_as_written'))}</p>"]
        return "\n\n".join([*blocks, _steps([words.step(step) for step in shown.steps], words)])

    def _advice(self, words: Words) -> Iterator[str]:
        """Yield what to think of before it is saved: the direction."""
        program, longest = self.imported.program, Direction.BACKWARD.longest
        if program.direction is Direction.FORWARD:
            if program.duration > longest:
                yield words.say("preview_only_forward", length=words.length(program.duration), longest=longest / 60)
        elif fast := next((cut for cut in self.shown.cuts if cut.kind is CutKind.TOO_FAST and cut.forward_helps), None):
            forward = Speed(fast.forward or fast.asked)
            yield words.say("preview_too_fast", asked=Speed(fast.asked), becomes=Speed(fast.becomes), forward=forward)
        elif self.shown.forward_helps:
            yield words.say("preview_forward_helps")


def _steps(lines: list[str], words: Words) -> str:
    """Return the steps as a numbered list that can be opened, and is open where it is short."""
    items = "".join(f"<li>{text_of(line)}</li>" for line in lines[:MOST_LINES])
    rest = len(lines) - MOST_LINES
    more = f"<p>{text_of(words.say('program_more_steps', number=str(rest)))}</p>" if rest > 0 else ""
    opened = " open" if len(lines) <= FEW_LINES else ""
    summary = text_of(words.say("preview_steps", number=str(len(lines))))
    return f"<details{opened}><summary><b>{summary}</b></summary><ol>{items}</ol>{more}</details>"
