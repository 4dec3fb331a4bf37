"""The part of a program's dialog that takes one from a file: what the file leaves open is asked, then it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import voluptuous as vol
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import CONF_DIRECTION, DOMAIN
from ..programs.import_preview import ImportPreview
from ..programs.library import one_line, program_data
from ..programs.words import Words
from ..storage.file_access import read_file
from ..training.files.errors import LARGEST, FormatError
from ..training.files.imported import (
    ForwardOnlyError,
    ImportAnswers,
    ImportedProgram,
    Lengths,
    Question,
    SeveralProgramsError,
    SpeedUnit,
    UnansweredError,
)
from ..training.files.reading import read_workout
from ..training.limits import Direction
from ..training.programs.errors import ProgramError
from ..training.programs.steps import LONGEST_TEXT
from ..training.units import Speed, Units
from ..util import house_units
from .errors import ProgramFormError
from .options import radio_buttons
from .program_dialog import ProgramDialog

CONF_FILE: Final = "file"
CONF_PATH: Final = "path"
CONF_PROGRAM: Final = "program"
CONF_FULL_SPEED: Final = Question.FULL_SPEED.value
ACCEPTED: Final = ".zwo,.xml,.fit,.json,.csv,.txt"
_EXAMPLE: Final = 3.0
"""km/h that somebody may walk backward at their fastest."""

type _Errors = Mapping[str, str]


class UploadGoneError(Exception):
    """An uploaded file that is not there any more: it is kept until it is read, or until Home Assistant stops."""


class ImportSteps(ProgramDialog):
    """The forms of an import, one after the other; nothing is saved before the last one is submitted."""

    _content: bytes
    _name_of_file: str
    _programs: tuple[str, ...]
    _answers: ImportAnswers
    _asked: UnansweredError
    _imported: ImportedProgram

    # The file

    async def async_step_file(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a file: an uploaded one, or one in a folder that Home Assistant may use."""
        if user_input is None:
            return self._show_file({})
        upload, path = user_input.get(CONF_FILE), user_input.get(CONF_PATH, "").strip()
        if bool(upload) == bool(path):
            error = ProgramFormError.ONE_FILE if upload else ProgramFormError.FILE_MISSING
            return self._show_file(user_input, {CONF_FILE: error})
        # An upload is gone once it was read, so that the form cannot show it again.
        field, shown = (CONF_PATH, {CONF_PATH: path}) if path else (CONF_FILE, {})
        words = await Words.async_load(self.hass)
        try:
            read = await self.hass.async_add_executor_job(_content_of, self.hass, upload, path)
            file_name, self._content = read
            self._name_of_file = one_line(file_name)[:LONGEST_TEXT].strip() or DOMAIN
            self._answers = ImportAnswers()
            return await self._async_go_on()
        except UploadGoneError:
            return self._show_file(shown, {field: ProgramFormError.UPLOAD_GONE})
        except ServiceValidationError as err:
            return self._show_file(shown, {field: ProgramFormError.INVALID}, words.refusal(err))
        except (FormatError, ProgramError) as err:
            return self._show_file(shown, {field: ProgramFormError.INVALID}, words.error(err))

    def _show_file(
        self, shown: Mapping[str, Any], errors: _Errors | None = None, problem: str = ""
    ) -> SubentryFlowResult:
        fields = {
            vol.Optional(CONF_FILE): FileSelector(FileSelectorConfig(accept=ACCEPTED)),
            vol.Optional(CONF_PATH): TextSelector(),
        }
        return self._show("file", fields, shown, errors, problem=problem)

    # What it leaves open

    async def async_step_program(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for one of the programs in a file."""
        if user_input is None or CONF_PROGRAM not in user_input:
            return self._show_programs({} if user_input is None else {CONF_PROGRAM: ProgramFormError.ANSWER_MISSING})
        before, self._answers = self._answers, replace(self._answers, name=user_input[CONF_PROGRAM])
        try:
            return await self._async_go_on()
        except (FormatError, ProgramError) as err:
            self._answers = before
            problem = (await Words.async_load(self.hass)).error(err)
            return self._show_programs({CONF_PROGRAM: ProgramFormError.INVALID}, problem)

    def _show_programs(self, errors: _Errors | None = None, problem: str = "") -> SubentryFlowResult:
        config = SelectSelectorConfig(options=list(self._programs), mode=SelectSelectorMode.DROPDOWN)
        return self._show("program", {vol.Optional(CONF_PROGRAM): SelectSelector(config)}, {}, errors, problem=problem)

    async def async_step_full_speed_kmh(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask how fast 100 % is."""
        return await self._async_ask(user_input)

    async def async_step_lengths(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what the lengths count, with what comes of either answer."""
        return await self._async_ask(user_input)

    async def async_step_unit(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what the speeds are in, with what comes of either answer."""
        return await self._async_ask(user_input)

    async def _async_ask(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask the question that is open. Nothing is chosen beforehand: whoever only goes on would not have answered."""
        question, before = self._asked.question, self._answers
        selector, read = _questions(house_units(self.hass))[question]
        words = await Words.async_load(self.hass)
        shown: Mapping[str, Any] = (
            {} if self._asked.default is None else {question.value: self._shown_speed(self._asked.default)}
        )
        errors, problem = dict[str, str](), ""
        if user_input is not None:
            shown = user_input
            try:
                if question.value in user_input:
                    self._answers = replace(before, **{question.value: read(user_input[question.value])})
                    return await self._async_go_on()
                errors[question.value] = ProgramFormError.ANSWER_MISSING
            except (FormatError, ProgramError) as err:
                self._answers = before
                errors[question.value], problem = ProgramFormError.INVALID, words.error(err)
        fields = {vol.Optional(question.value): selector}
        unit: dict[str, str] = {}
        if question is Question.FULL_SPEED:
            unit = {"example": words.number(Speed(_EXAMPLE)), "speed_unit": words.speed_unit}
        return self._show(question.value, fields, shown, errors, problem=problem, **unit, **words.outcomes(self._asked))

    async def _async_go_on(self) -> SubentryFlowResult:
        """Ask what is still open, or show what comes of the file. Raises FormatError or ProgramError."""
        try:
            self._imported = await self._async_imported(self._answers)
        except ForwardOnlyError as err:
            self._imported = err.forward
            self._answers = replace(self._answers, direction=Direction.FORWARD)
        except SeveralProgramsError as err:
            if not err.names:
                raise
            self._programs = err.names
            return self._show_programs()
        except UnansweredError as err:
            if err.question is Question.NAME:  # asked in the preview, with a name to begin with
                self._answers = replace(self._answers, name=self._name_of_file)
                return await self._async_go_on()
            self._asked = err
            return await self._async_ask()
        return await self.async_step_preview()

    async def _async_imported(self, answers: ImportAnswers) -> ImportedProgram:
        return await self.hass.async_add_executor_job(read_workout, self._content, answers)

    # What comes of it

    async def async_step_preview(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what comes of the file, and save it once it is submitted as it was shown."""
        if user_input is None:
            return await self._async_show_preview({CONF_NAME: self._free_name(self._imported.program.name)})
        errors, problem = dict[str, str](), ""
        if (wrong_name := self._name_error(one_line(user_input[CONF_NAME]))) is not None:
            errors[CONF_NAME] = wrong_name
        changed = self._changed(user_input)
        try:
            if changed:
                answers = replace(self._answers, **changed)
                self._imported = await self._async_imported(answers)
                self._answers = answers
        except (FormatError, ProgramError) as err:
            field = CONF_DIRECTION if isinstance(err, ForwardOnlyError) else CONF_FULL_SPEED
            errors[field], problem = ProgramFormError.INVALID, (await Words.async_load(self.hass)).error(err)
        if errors or changed:
            return await self._async_show_preview(user_input, errors, problem, again=not errors)
        program = replace(self._imported.program, name=one_line(user_input[CONF_NAME]))
        return self.async_create_entry(title=program.name, data=program_data(program))

    def _changed(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers that are not those of the preview that was shown."""
        changed: dict[str, Any] = {}
        if (direction := Direction(user_input[CONF_DIRECTION])) is not self._imported.program.direction:
            changed["direction"] = direction
        if (speed := user_input.get(CONF_FULL_SPEED)) != self._full_speed:
            changed[CONF_FULL_SPEED] = None if speed is None else house_units(self.hass).kmh(speed)
        return changed

    @property
    def _full_speed(self) -> float | None:
        """How fast 100 % is in the preview, as its form shows it."""
        speed = self._imported.full_speed_kmh
        return None if speed is None else self._shown_speed(speed)

    def _shown_speed(self, kmh: float) -> float:
        """Return a speed for a field: two decimals are enough for a belt."""
        return round(house_units(self.hass).shown_speed(kmh), 2)

    async def _async_show_preview(
        self, answers: Mapping[str, Any], errors: _Errors | None = None, problem: str = "", *, again: bool = False
    ) -> SubentryFlowResult:
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_DIRECTION): radio_buttons("direction", list(Direction)),
        }
        shown: dict[str, Any] = {CONF_DIRECTION: self._imported.program.direction.value}
        if self._full_speed is not None:
            fields[vol.Required(CONF_FULL_SPEED)] = _speed_box(house_units(self.hass))
            shown[CONF_FULL_SPEED] = self._full_speed
        words = await Words.async_load(self.hass)
        shown_program = await self.hass.async_add_executor_job(ImportPreview.of, self._imported, self._rules())
        html = shown_program.html(words, again=again)
        return self._show("preview", fields, {**shown, **answers}, errors, problem=problem, preview=html)

    def _show(
        self,
        step_id: str,
        fields: Mapping[vol.Marker, Any],
        shown: Mapping[str, Any],
        errors: _Errors | None = None,
        **placeholders: str,
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(dict(fields)), shown),
            errors=dict(errors or {}),
            description_placeholders=placeholders,
            last_step=step_id == "preview",
        )


def _questions(units: Units) -> Mapping[Question, tuple[Selector[Any], Callable[[Any], Any]]]:
    """Return the selector of each question, and what its answer is read with."""
    return {
        Question.FULL_SPEED: (_speed_box(units), lambda shown: units.kmh(float(shown))),
        Question.LENGTHS: (radio_buttons("lengths", list(Lengths)), Lengths),
        Question.UNIT: (radio_buttons("speed_unit", list(SpeedUnit)), SpeedUnit),
    }


def _speed_box(units: Units) -> NumberSelector:
    """Return a field without bounds, which only a schema would know: what is too fast is told in words of ours."""
    config = NumberSelectorConfig(step="any", unit_of_measurement=units.speed_unit, mode=NumberSelectorMode.BOX)
    return NumberSelector(config)


def _content_of(hass: HomeAssistant, upload: str | None, path: str) -> tuple[str, bytes]:
    """Return the name of a file without its ending, and its content. Raises UploadGoneError, ServiceValidationError."""
    if upload is None:
        return Path(path).stem, read_file(hass, path, LARGEST)
    try:
        with process_uploaded_file(hass, upload) as uploaded, uploaded.open("rb") as file:
            return uploaded.stem, file.read(LARGEST + 1)
    except (KeyError, OSError, ValueError) as err:  # the same form submitted twice at once
        raise UploadGoneError from err
