"""The dialog of an own program: its steps in rows, or as YAML if it has groups that rows cannot show."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector, ObjectSelector, SelectOptionDict, TextSelector
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_DIRECTION, CONF_STEPS, DOMAIN
from ..programs.library import program_data, program_of, programs_of
from ..programs.rows import first_ramp_without_start, rows_from_steps, rows_selector, step_from_row
from ..training.coaching.presets import PRESETS, fits, made
from ..training.limits import Direction
from ..training.programs.errors import ProgramError
from ..training.programs.program import Program
from .errors import ProgramFormError
from .options import radio_buttons
from .program_dialog import one_line
from .program_import import ImportSteps

CONF_BEGIN_WITH: Final = "begin_with"
CONF_AS_YAML: Final = "as_yaml"
EMPTY: Final = "empty"
FILE: Final = "file"
_EMPTY: Final = {CONF_NAME: "", CONF_DIRECTION: Direction.BACKWARD.value, CONF_STEPS: []}


class ProgramFlow(ImportSteps):
    """Handle a program's subentry. Nothing is reloaded, so it may be changed during a session (S14).

    Between the forms a program is a mapping of its name, its direction and its steps, valid or not.
    """

    _shown: Mapping[str, Any] = _EMPTY  # the answers that the open form was filled with

    # First step

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether the new program is empty, from a file, or a copy of another one."""
        errors: dict[str, str] = {}
        if user_input is not None:
            begin_with = user_input[CONF_BEGIN_WITH]
            if begin_with == EMPTY:
                return self._show_steps(_EMPTY)
            if begin_with == FILE:
                return await self.async_step_file()
            if (program := self._program_to_copy(begin_with)) is not None:
                name = self._free_name(await self._async_display_name(program))
                return self._show_steps({CONF_NAME: name, **program_data(program)})
            errors[CONF_BEGIN_WITH] = ProgramFormError.PROGRAM_GONE
        entry = self._get_entry()
        options = [EMPTY, FILE, *(key for key in PRESETS if fits(key, self._limits()))]
        choices = [SelectOptionDict(value=option, label=option) for option in options]
        choices += [SelectOptionDict(value=key, label=program.name) for key, program in programs_of(entry).items()]
        schema = vol.Schema({vol.Required(CONF_BEGIN_WITH, default=EMPTY): radio_buttons(CONF_BEGIN_WITH, choices)})
        return self.async_show_form(step_id="user", data_schema=schema, errors=errors, last_step=False)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a program."""
        subentry = self._get_reconfigure_subentry()
        try:
            data = program_data(program_of(subentry))
        except ProgramError as err:
            # A newer version wrote it, or somebody edited the file by hand. It is shown as it is, to be corrected.
            answers = {CONF_NAME: subentry.title, CONF_STEPS: subentry.data.get(CONF_STEPS)}
            return self._show_yaml(answers, {CONF_STEPS: "invalid"}, await _async_problem(self.hass, err))
        return self._show_steps({CONF_NAME: subentry.title, **data})

    def _program_to_copy(self, key: str) -> Program | None:
        """Return an own program, or a preset for this treadmill and a walker with backward sessions."""
        entry = self._get_entry()
        if key not in PRESETS:
            return programs_of(entry).get(key)
        return made(key, self._limits())

    async def _async_display_name(self, program: Program) -> str:
        """Return the name to show: presets have a translated name."""
        if program.name not in PRESETS:
            return program.name
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", {DOMAIN})
        return texts[f"component.{DOMAIN}.selector.{CONF_BEGIN_WITH}.options.{program.name}"]

    # Forms

    async def async_step_rows(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Handle the form with the steps in rows."""
        if user_input is None:  # the page was reloaded
            return self._show_rows(self._shown)
        rows = user_input.get(CONF_STEPS, [])
        answers = {**user_input, CONF_STEPS: [step_from_row(row) for row in rows]}
        if answers.pop(CONF_AS_YAML):
            return self._show_yaml(answers)
        errors, problem = await self._async_errors(answers, rows=True)
        if (step := first_ramp_without_start(rows)) is not None:
            errors[CONF_STEPS], problem = ProgramFormError.RAMP_WITHOUT_BEGIN, str(step)
        if errors:
            return self._show_rows(user_input, errors, problem)
        return self._save(answers)

    async def async_step_yaml(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Handle the form with the steps as YAML."""
        if user_input is None:
            return self._show_yaml(self._shown)
        errors, problem = await self._async_errors(user_input)
        if errors:
            return self._show_yaml(user_input, errors, problem)
        return self._save(user_input)

    def _show_steps(self, answers: Mapping[str, Any]) -> SubentryFlowResult:
        """Show the steps in rows if possible, or else as YAML."""
        rows = rows_from_steps(answers[CONF_STEPS])
        return self._show_yaml(answers) if rows is None else self._show_rows({**answers, CONF_STEPS: rows})

    def _show_rows(
        self, answers: Mapping[str, Any], errors: dict[str, str] | None = None, problem: str = ""
    ) -> SubentryFlowResult:
        fields = {
            # Optional, because the form's own error for a missing value is less helpful than ours.
            vol.Optional(CONF_STEPS): rows_selector(),
            vol.Required(CONF_AS_YAML, default=False): BooleanSelector(),
        }
        return self._form("rows", fields, answers, errors, problem)

    def _show_yaml(
        self, answers: Mapping[str, Any], errors: dict[str, str] | None = None, problem: str = ""
    ) -> SubentryFlowResult:
        return self._form("yaml", {vol.Optional(CONF_STEPS): ObjectSelector()}, answers, errors, problem)

    def _form(
        self,
        step_id: str,
        fields: Mapping[vol.Marker, Any],
        answers: Mapping[str, Any],
        errors: dict[str, str] | None,
        problem: str,
    ) -> SubentryFlowResult:
        self._shown = answers
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(CONF_DIRECTION, default=Direction.BACKWARD.value): radio_buttons(
                    "direction", list(Direction)
                ),
                **fields,
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, answers),
            errors=errors or {},
            description_placeholders={"problem": problem},
        )

    # Answers

    async def _async_errors(self, answers: Mapping[str, Any], *, rows: bool = False) -> tuple[dict[str, str], str]:
        """Return the errors by field, and a text about what is wrong with the steps."""
        errors: dict[str, str] = {}
        if (wrong_name := self._name_error(one_line(answers[CONF_NAME]))) is not None:
            errors[CONF_NAME] = wrong_name
        try:
            # With a valid name, so that errors of the name and of the steps are shown together.
            Program.from_dict({**answers, CONF_NAME: DOMAIN})
        except ProgramError as err:
            errors[CONF_STEPS] = ProgramFormError.INVALID
            return errors, await _async_problem(self.hass, err, rows=rows)
        return errors, ""

    def _save(self, answers: Mapping[str, Any]) -> SubentryFlowResult:
        """Save a valid program; the entry's update listener makes it selectable."""
        program = Program.from_dict({**answers, CONF_NAME: one_line(answers[CONF_NAME])})
        data = program_data(program)
        if self.source == SOURCE_RECONFIGURE:
            entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
            return self.async_update_and_abort(entry, subentry, title=program.name, data=data)
        return self.async_create_entry(title=program.name, data=data)


async def _async_problem(hass: HomeAssistant, error: ProgramError, *, rows: bool = False) -> str:
    """Return the text of a program's error in Home Assistant's language."""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", {DOMAIN})
    placeholders = error.placeholders
    if rows:  # a repeated row is a group: step 4.1 is in row 4
        placeholders = {**placeholders, "step": placeholders["step"].partition(".")[0]}
    return texts[f"component.{DOMAIN}.exceptions.{error.key}.message"].format_map(placeholders)
