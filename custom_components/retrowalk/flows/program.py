"""The dialog of an own program: its steps in rows, with groups unrolled, or as YAML on wish."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_DIRECTION, CONF_STEPS, DOMAIN
from ..programs.library import one_line, program_data, program_of, programs_of
from ..programs.program_preview import ProgramPreview
from ..programs.rows import has_groups, metric_rows, rows_from_steps, rows_selector, shown_rows, steps_from_rows
from ..programs.words import Words
from ..training.coaching.presets import PRESETS, made
from ..training.limits import Direction
from ..training.programs.errors import ProgramError
from ..training.programs.program import Program
from ..util import house_units
from .errors import ProgramFormError
from .options import radio_buttons
from .program_import import ImportSteps

CONF_BEGIN_WITH: Final = "begin_with"
CONF_AS_YAML: Final = "as_yaml"
EMPTY: Final = "empty"
SAVED: Final = "saved"
FILE: Final = "file"
_EMPTY: Final = {CONF_NAME: "", CONF_DIRECTION: Direction.BACKWARD.value, CONF_STEPS: []}


class ProgramFlow(ImportSteps):
    """Handle a program's subentry. Nothing is reloaded, so it may be changed during a session (S14).

    Between the forms a program is a mapping of its name, its direction and its steps, valid or not.
    """

    _shown: Mapping[str, Any] = _EMPTY  # the answers that the open form was filled with
    _written: Sequence[dict[str, Any]] = ()  # the steps of which its rows were made, with their groups
    _seen: tuple[str, Mapping[str, Any]] = ("", {})  # the title and the data of the program that is changed

    # First step

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether the new program is empty, from a file, or a copy of another one."""
        errors: dict[str, str] = {}
        if user_input is not None:
            begin_with = user_input[CONF_BEGIN_WITH]
            if begin_with == EMPTY:
                return await self._async_show_steps(_EMPTY)
            if begin_with == FILE:
                return await self.async_step_file()
            if (program := self._program_to_copy(begin_with)) is not None:
                name = self._free_name(await self._async_display_name(program))
                return await self._async_show_steps({CONF_NAME: name, **program_data(program)})
            errors[CONF_BEGIN_WITH] = ProgramFormError.PROGRAM_GONE
        choices = await self._async_choices()
        # Without a key for translations, which have no room for the figures.
        selector = SelectSelector(SelectSelectorConfig(options=choices, mode=SelectSelectorMode.LIST))
        schema = vol.Schema({vol.Required(CONF_BEGIN_WITH, default=EMPTY): selector})
        return self.async_show_form(step_id="user", data_schema=schema, errors=errors, last_step=False)

    async def _async_choices(self) -> list[SelectOptionDict]:
        """Return what a program may begin with; ready ones with their length and the most they ask for."""
        words = await Words.async_load(self.hass)
        texts = await self._async_texts()
        limits = self._limits()
        presets = {key: program for key in PRESETS if (program := made(key, limits)) is not None}
        programs = [(key, program, texts[key]) for key, program in presets.items()]
        programs += [(key, program, program.name) for key, program in programs_of(self._get_entry()).items()]
        return [
            *(SelectOptionDict(value=key, label=texts[key]) for key in (EMPTY, FILE)),
            *(SelectOptionDict(value=key, label=f"{name} · {words.summary(each)}") for key, each, name in programs),
        ]

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a program."""
        subentry = self._get_reconfigure_subentry()
        self._seen = subentry.title, subentry.data
        try:
            data = program_data(program_of(subentry))
        except ProgramError as err:
            # A newer version wrote it, or somebody edited the file by hand. It is shown as it is, to be corrected.
            answers = {CONF_NAME: subentry.title, CONF_STEPS: subentry.data.get(CONF_STEPS)}
            return self._show_yaml(answers, {CONF_STEPS: "invalid"}, await _async_problem(self.hass, err))
        return await self._async_show_steps({CONF_NAME: subentry.title, **data})

    def _program_to_copy(self, key: str) -> Program | None:
        """Return an own program, or a preset for this treadmill and a walker with backward sessions."""
        entry = self._get_entry()
        if key not in PRESETS:
            return programs_of(entry).get(key)
        return made(key, self._limits())

    async def _async_display_name(self, program: Program) -> str:
        """Return the name to show: presets have a translated name."""
        return program.name if program.name not in PRESETS else (await self._async_texts())[program.name]

    async def _async_texts(self) -> dict[str, str]:
        """Return what a program may begin with in Home Assistant's language, by key."""
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", {DOMAIN})
        before = f"component.{DOMAIN}.selector.{CONF_BEGIN_WITH}.options."
        return {key.removeprefix(before): text for key, text in texts.items() if key.startswith(before)}

    # Forms

    async def async_step_rows(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Handle the form with the steps in rows."""
        if user_input is None:  # the page was reloaded
            return await self._async_show_rows(self._shown)
        answers = self._answers_of(user_input)
        if user_input.get(CONF_AS_YAML):
            return self._show_yaml(answers)
        errors, problem = await self._async_errors(answers, rows=True)
        if errors:
            return await self._async_show_rows(user_input, errors, problem)
        return await self._async_save(answers)

    def _answers_of(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers in the form with rows as a program; its groups stay as long as no row changes."""
        metric = metric_rows(rows.get(CONF_STEPS, []), house_units(self.hass))
        steps = steps_from_rows(metric, self._written)
        return {key: value for key, value in rows.items() if key != CONF_AS_YAML} | {CONF_STEPS: steps}

    async def async_step_yaml(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Handle the form with the steps as YAML."""
        if user_input is None:
            return self._show_yaml(self._shown)
        errors, problem = await self._async_errors(user_input)
        if errors:
            return self._show_yaml(user_input, errors, problem)
        return await self._async_save(user_input)

    async def _async_show_steps(self, answers: Mapping[str, Any]) -> SubentryFlowResult:
        """Show the steps of a valid program in rows."""
        self._written = answers[CONF_STEPS]
        rows = shown_rows(rows_from_steps(self._written), house_units(self.hass))
        return await self._async_show_rows({**answers, CONF_STEPS: rows})

    async def _async_show_rows(
        self, answers: Mapping[str, Any], errors: dict[str, str] | None = None, problem: str = ""
    ) -> SubentryFlowResult:
        fields = {
            # Optional, because the form's own error for a missing value is less helpful than ours.
            vol.Optional(CONF_STEPS): rows_selector(house_units(self.hass)),
            vol.Required(CONF_AS_YAML, default=False): BooleanSelector(),
        }
        return self._form("rows", fields, answers, errors, problem=problem, preview=await self._async_preview(answers))

    async def _async_preview(self, answers: Mapping[str, Any]) -> str:
        """Return what the program in the form will be on this treadmill; empty while it is not valid."""
        try:
            program = Program.from_dict({**self._answers_of(answers), CONF_NAME: DOMAIN})
        except ProgramError:
            return ""
        shown = await self.hass.async_add_executor_job(ProgramPreview.of, program, self._rules())
        return shown.html(await Words.async_load(self.hass), unrolled=has_groups(self._written))

    def _show_yaml(
        self, answers: Mapping[str, Any], errors: dict[str, str] | None = None, problem: str = ""
    ) -> SubentryFlowResult:
        return self._form("yaml", {vol.Optional(CONF_STEPS): ObjectSelector()}, answers, errors, problem=problem)

    def _form(
        self,
        step_id: str,
        fields: Mapping[vol.Marker, Any],
        answers: Mapping[str, Any],
        errors: dict[str, str] | None,
        **placeholders: str,
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
            description_placeholders=placeholders,
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
        if not errors and self._changed_meanwhile():
            errors["base"] = ProgramFormError.CHANGED
        return errors, ""

    def _changed_meanwhile(self) -> bool:
        """Return whether somebody else saved the program since it was shown or since this was said."""
        if self.source != SOURCE_RECONFIGURE:
            return False
        subentry = self._get_reconfigure_subentry()
        before, self._seen = self._seen, (subentry.title, subentry.data)
        return before != self._seen

    async def _async_save(self, answers: Mapping[str, Any]) -> SubentryFlowResult:
        """Save a valid program and say what it will be; the entry's update listener makes it selectable."""
        program = Program.from_dict({**answers, CONF_NAME: one_line(answers[CONF_NAME])})
        shown = await self.hass.async_add_executor_job(ProgramPreview.of, program, self._rules())
        said = {"summary": shown.saved(await Words.async_load(self.hass))}
        data = program_data(program)
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(
                title=program.name, data=data, description=SAVED, description_placeholders=said
            )
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        result = self.async_update_and_abort(entry, subentry, title=program.name, data=data, reason=SAVED)
        return {**result, "description_placeholders": said}


async def _async_problem(hass: HomeAssistant, error: ProgramError, *, rows: bool = False) -> str:
    """Return the text of a program's error in Home Assistant's language."""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", {DOMAIN})
    placeholders = house_units(hass).written(error.placeholders)
    if rows:  # a repeated row is a group: step 4.1 is in row 4
        placeholders["step"] = placeholders["step"].partition(".")[0]
    return texts[f"component.{DOMAIN}.exceptions.{error.key}.message"].format_map(placeholders)
