"""Every line that the log gets at info or above, and every name of a task, which Home Assistant may log."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "custom_components" / "retrowalk"
LEVELS = {"info", "warning", "error", "exception", "critical", "log"}
HARMLESS = {
    "self.name": "of a treadmill (log_name), where it is called so",
    "self._name": "the same, in the runner",
    "self.connection.name": "the same",
    "log_name(self._entry)": "the same",
    "self._entry.title": "a treadmill's name, beside the entity that speaks",
    "speaker.target": "an entity that the owner chose to speak",
    "subentry.title": "a program's name: its owner has to find the one that cannot be read",
    "level": "of the log",
    "what": "a kind of event",
    "key": "a personality of the virtual treadmill",
    "name_of(number)": "a year or a month",
    "store.path": "holds the ID of an entry",
    "self.key": "of a store: the same",
    "self._store.key": "the same",
    "self._key": "the same",
    "entry_id": "",
    "entry.entry_id": "",
    "self._entry.entry_id": "",
    "session_id": "",
    "err.translation_key": "which error, without what it names",
    "cause_of(error)": "the kind of another integration's error",
    "cause_of(failures[0])": "the same",
    "type(err).__name__": "the kind of an error",
    "str(error) or type(error).__name__": "why the speaker that is named did not speak",
    "err": "of our own, see NAMES_NOBODY",
}
"""What a line may tell beside its own words, and why. Whatever is new: can it name a person, or be an address?"""
NAMES_NOBODY = {
    "blueprint_installer.py": "a blueprint's own error",
    "programs/library.py": "what is wrong with a program",
    "reminders/delivery.py": "UndeliverableError, whose text names nobody",
    "reminders/knee_question.py": "the same",
}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Return all modules of the integration, read once."""
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def lines(tree: ast.AST) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the arguments of every call that logs at info or above."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"_LOGGER.{level}" for level in LEVELS}:
            yield node.lineno, [ast.unparse(each) for each in node.args if not isinstance(each, ast.Constant)]


def test_no_line_of_the_log_can_name_a_person_or_an_address(trees: dict[str, ast.Module]) -> None:
    told = [
        (where, line, each) for where, tree in trees.items() for line, arguments in lines(tree) for each in arguments
    ]
    assert [one for one in told if one[2] not in HARMLESS] == []
    assert {where for where, _, each in told if each == "err"} <= NAMES_NOBODY.keys()


def test_no_task_is_named_by_a_person_or_an_address(trees: dict[str, ast.Module]) -> None:
    names = [
        (where, node.lineno, ast.unparse(text))
        for where, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and "task" in ast.unparse(node.func)
        for text in ast.walk(node)
        if isinstance(text, ast.JoinedStr)
    ]
    assert names
    assert [one for one in names if "walker.name" in one[2] or "address" in one[2]] == []


def test_what_names_somebody_would_be_seen() -> None:
    bad = ast.parse('_LOGGER.warning("Could not remind %s", walker.name)\n_LOGGER.debug("%s", self.address)')
    assert [arguments for _, arguments in lines(bad)] == [["walker.name"]]


def test_nothing_is_allowed_that_no_line_tells(trees: dict[str, ast.Module]) -> None:
    told = {each for tree in trees.values() for _, arguments in lines(tree) for each in arguments}
    assert HARMLESS.keys() - told == set()
