"""Blocks of HTML for the description of a form.

Each block is one line, in which the front end looks for no Markdown: what people write and files hold may be anything.
"""

from collections.abc import Iterable
from html import escape

from ..training.programs.preview import Preview
from .picture import has_inclines, has_red, picture
from .words import Words


def text_of(text: str) -> str:
    """Return a text for HTML, in one line: an empty one would end the block."""
    return escape(" ".join(text.split()))


def alert(kind: str, text: str) -> str:
    """Return a text that stands out."""
    return f'<div><ha-alert alert-type="{kind}">{text_of(text)}</ha-alert></div>'


def listed(title: str, lines: Iterable[str]) -> str:
    """Return lines below a title."""
    items = "".join(f"<li>{text_of(line)}</li>" for line in lines)
    return f"<p><b>{text_of(title)}</b></p><ul>{items}</ul>"


def drawing(shown: Preview, words: Words) -> list[str]:
    """Return the picture of a program, and what its colors mean."""
    drawn = picture(shown)
    keys = {"preview_speed": True, "preview_incline": has_inclines(drawn), "preview_red": has_red(drawn)}
    legend = " ".join(words.say(key) for key, is_there in keys.items() if is_there)
    return [f"<p>{drawn}</p>", f"<p>{text_of(legend)}</p>"]


def cuts_of(shown: Preview, words: Words) -> list[str]:
    """Return what the limits change, in one block; none if they change nothing."""
    cuts = [words.cut(cut) for cut in shown.cuts]
    return [listed(words.say("preview_cuts"), cuts)] if cuts else []
