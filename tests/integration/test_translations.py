"""Translations: every language has the same keys and a text for every form, menu, error and option."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, SubentryFlowResult
from homeassistant.const import WEEKDAYS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import SelectSelector
from homeassistant.util.yaml import parse_yaml

from custom_components.retrowalk import config_flow
from custom_components.retrowalk.condition import CONDITIONS
from custom_components.retrowalk.config_flow import RetrowalkConfigFlow
from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.flows import check_run as check_flow
from custom_components.retrowalk.flows import program as program_flow
from custom_components.retrowalk.flows import shared_walker
from custom_components.retrowalk.flows.errors import (
    AnnouncerError,
    FilesError,
    FirstRunAbort,
    FirstRunError,
    GuardsError,
    ProgramFormError,
    SetUpAbort,
    SetUpError,
    SetUpProgress,
    WalkerError,
)
from custom_components.retrowalk.flows.onboarding import OnboardingSteps
from custom_components.retrowalk.flows.options import RetrowalkOptionsFlow
from custom_components.retrowalk.flows.proxy import ANY
from custom_components.retrowalk.machine.bluetooth.probe import Reading
from custom_components.retrowalk.machine.model import Capabilities, MachineInfo
from custom_components.retrowalk.reminders.settings import ReminderError
from custom_components.retrowalk.training.check.check_run import CheckRun
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.check.result import Failure, SecondStart
from custom_components.retrowalk.training.coaching.presets import PRESETS
from custom_components.retrowalk.training.files.imported import (
    ImportAnswers,
    ImportedProgram,
    Lengths,
    Question,
    SpeedUnit,
    UnansweredError,
)
from custom_components.retrowalk.training.files.notes import Counted, NoteKey
from custom_components.retrowalk.training.history.energy import EnergyModel
from custom_components.retrowalk.training.limits import Direction, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.preview import SPEED_CUTS, CutKind
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.programs.steps import Ramp, Step
from custom_components.retrowalk.training.rules import REFUSALS, Refusal
from custom_components.retrowalk.treadmill.first_run import Task
from custom_components.retrowalk.treadmill.options import AnnouncePolicy, ConnectionPolicy, ControlPolicy
from custom_components.retrowalk.trigger import TRIGGERS
from custom_components.retrowalk.walkers.walker import GUEST_NAMES
from tests.support.house import CAPABILITIES, CONTROL, make_entry, open_settings, walker_subentry
from tests.support.languages import FOLDER, LANGUAGES


def texts(language: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text())
    return loaded


def flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


EN = dict(flat(texts("en")))


FIRST_RUN_STEPS = ("added", "first_run", *(task for task in Task if task is not Task.CHECK))
FIRST_RUN_TEXTS = {
    key
    for key in EN
    if key.startswith(tuple(f"options.step.{step}." for step in FIRST_RUN_STEPS))
    or (key.startswith("options.abort.") and not key.endswith(".check_passed"))
    or (key.startswith("options.error.") and key.rpartition(".")[2] in {*FirstRunError})
}
_TABLE = "incline_table"
CHECK_TEXTS = {
    key
    for key in EN
    if key.startswith(("options.step.init.", "options.step.check", "options.progress.", "options.abort.check_passed"))
    or (
        key.startswith("options.error.")
        and key.rpartition(".")[2] not in {*AnnouncerError, *FilesError, *FirstRunError, *GuardsError, _TABLE}
    )
}


# Words that Home Assistant does not use, and the one that it uses instead (see docs/glossary.md).
UNWANTED = {
    "it": {
        r"[Tt]appeto": "tapis roulant",
        r"[Cc]inghia": "nastro",
        r"[Ss]eduta": "sessione",
        r"[Rr]inghiera|[Mm]aniglia": "corrimano",
        r"[Cc]ruscotto|(?<!/)[Dd]ashboard": "plancia",
        r"[Bb]lueprint(?!/)": "progetto",
        r"\b[Ss]cene?\b": "scenario",
        r"[Cc]ellulare|[Ss]martphone": "telefono",
        r"\b([Ss]uo|[Vv]ostr[oaie]|[Ll]ei)\b (account|medico|nome)": "tu",
        r"\b[Ss]peaker\b": "altoparlante",
    },
    "fr": {
        r"[Tt]apis roulant": "tapis de course",
        r"[Cc]ourroie": "bande",
        r"(?<![.{_])\b[Ss]essions?\b(?![_}])": "séance",
        r"(en|marche) arrière": "à reculons",
        r"[Rr]ambarde|[Bb]arre d'appui": "main courante",
        r"\b[Aa]utomations?\b": "automatisation",
        r"(?<!/)[Dd]ashboard": "tableau de bord",
        r"[Ff]irmware": "micrologiciel",
        r"[Bb]ackup": "sauvegarde",
        r"[Ss]martphone|[Pp]ortable": "téléphone",
        r"[Ss]oumettre": "Valider",
        r"\b([Tt]u|[Tt]on|[Tt]oi)\b": "vous",
        r"[a-zé0-9}] [:;?!%»]|« ": "a space that does not break before it",
    },
    "de": {
        r"\bEinheit(en)?\b|-Einheit": "Training, or Maßeinheit",
        r"\b[Tt]empo|tempo\b|Tempi\b": "Geschwindigkeit",
        r"Automatisierung": "Automation",
        r"Handy|Telefon": "Smartphone",
        r"Zahnrad": "Konfigurieren",
        r"Freiwillig": "Optional",
        r"\bSicherung(en)?\b": "Backup",
        r"\bPlatte|Festplatte": "Datenträger",
        r"\b[Aa]m Gerät\b": "Konsole",
        r"Geländer": "Griff",
        r"in Wahrheit": "tatsächlich",
    },
    "es": {
        r"[Cc]aminadora|[Tt]rotadora": "cinta de correr",
        r"\b[Cc]orrea|[Cc]inta de la cinta": "banda",
        r"(?<!/)[Dd]ashboard|[Tt]ablero": "panel de control",
        r"\b[Bb]lueprint(s)?\b(?!/)": "plano",
        r"[Cc]lave de seguridad": "llave de seguridad",
        r"[Bb]arandilla": "pasamanos",
        r"[Cc]uenta regresiva": "cuenta atrás",
        r"\b[Mm]óvil|[Cc]elular": "teléfono",
        r"[Ff]ichero": "archivo",
        r"[Dd]esencadena|[Gg]atillo": "dispara",
        r"\b[Pp]resion[ae]|\b[Cc]lic\b": "pulsa, or selecciona",
        r"\b[Uu]sted": "tú",
        r"con sesión iniciada(?! en Home Assistant)": "con sesión iniciada en Home Assistant, as a session is a walk",
        # "Para" is also "for": what a start or a closed dialog does to the belt is said with another verb.
        r"\bla para\b|arranque para": "detiene",
    },
    "nl": {
        r"\b[Uu]w?\b": "je",
        r"\b[Aa]utomatie|[Aa]utomatisatie": "Automatisering",
        r"[Bb]ackup": "Back-up",
        r"[Nn]otificatie": "Melding",
        r"[Ll]oopmolen|[Tt]redmolen": "Loopband",
        r"[Ss]martphone|\b[Mm]obiel": "Telefoon",
        r"\b[Rr]ail\b|[Rr]eling|[Hh]andvat": "Leuning",
        r"\b[Dd]ek\b|[Ll]oopdek": "Loopvlak",
        r"[Aa]chterwaarts|[Tt]eruglopen": "Achteruit",
        r"[Ii]nclinatie|[Hh]ellingshoek": "Helling",
        r"(?<!/)\b[Ww]orkouts?\b": "Training",
        r"[Tt]rainingssessie": "Sessie",
        r"sessie is klaar\b": "gereed, as klaar is over too",
        r"\b[Pp]roefrun|[Cc]ontrolerun": "Testrun",
        r"[Ss]top met de": "gebruik ... om te stoppen, as it may mean to leave it alone",
    },
    "pl": {
        r"\b[Pp]asek\b|\b[Tt]aśm": "pas",
        r"(?<!/)[Dd]ashboard": "panel",
        r"(?<!/)[Bb]lueprint": "schemat",
        r"[Nn]otyfikacj": "powiadomienie",
        r"[Bb]ackup": "kopia zapasowa",
        r"\b[Ww]stecz\b|[Dd]o tyłu": "tyłem",
        r"[Kk]luczyk|[Zz]awleczk": "klucz bezpieczeństwa",
        r"\b[Bb]arierk|\b[Ss]zyn": "poręcz",
        r"\b[Pp]okład|\b[Dd]esk": "platforma",
        r"[Ii]nklinacj|[Ww]znios": "nachylenie",
        r"[Ss]martfon|[Kk]omórk": "telefon",
        r"\b[Ss]esj": "trening",
        r"[Kk]likn": "wybierz, or naciśnij",
        r"\w(łeś|łaś)\b": "a form that is right for everybody",
        # After 1, 2 and 5 the word has three endings: the number comes last, or a preposition asks for one of them.
        r"(?<!ciągu )(?<!upływie )\{(minutes|seconds|count|days|weeks|sessions|number)\} "
        r"(minut|sekund|dni|dzień|tygodni|trening|etap)": "Liczba minut: {minutes}, or min",
    },
    "pt": {
        r"\b[Ee]steira": "passadeira",
        r"\b[Cc]orreia|\b[Cc]inta\b(?! peitoral)|\b[Ll]ona\b": "tapete",
        r"[Cc]elular": "telemóvel",
        r"\b[Aa]rquiv": "ficheiro",
        r"[Uu]suário": "utilizador",
        r"\b[Tt]ela\b": "ecrã",
        r"[Aa]plicativo": "aplicação",
        r"(?<!/)[Dd]ashboard": "painel",
        r"[Cc]ontagem regressiva": "contagem decrescente",
        r"[Rr]egistro": "registo",
        r"\b[Ss]alvar|\b[Dd]eletar": "guardar, or eliminar",
        r"\b[Vv]ocê": "no pronoun",
        r"\b[Pp]rima\b|\b[Cc]lique": "toque, or selecione",
        r"[Cc]ontrole remoto|[Cc]omando à distância": "telecomando",
        r"com sessão iniciada(?! no Home Assistant)": "com sessão iniciada no Home Assistant, as a session is a walk",
        # "Para" is also "for", and is read aloud like it.
        r"\bpara (sozinh|por si)|(tapete|passadeira) para[.,]|arranca e para\b": "imobiliza-se",
    },
}


def test_there_is_a_german_and_an_english_text() -> None:
    assert {"de", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(language: str) -> None:
    other = dict(flat(texts(language)))
    assert other.keys() == EN.keys()
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in EN.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_whole_and_plain(language: str) -> None:
    for key, text in flat(texts(language)):
        assert text.strip() == text, key
        assert text, key
        # A build step of Home Assistant's own integrations; here it would be shown as it is.
        assert "[%key:" not in text, key
        assert text.count("{") == text.count("}") == len(re.findall(r"{\w+}", text)), key
        assert "—" not in text, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_takes_more_than_twice_the_room_of_the_english_one(language: str) -> None:
    room = {key: 2 * len(text) + 10 for key, text in EN.items()}  # a short label may be one long word elsewhere
    assert {key: text for key, text in flat(texts(language)) if len(text) > room[key]} == {}


def is_label(key: str) -> bool:
    """Return whether a text is one or two words on a button, on the card, or on a phone's notification."""
    on_a_button = re.match(
        r"selector\.card\.options\.|entity\.button\.|common\.(reminder_(start|snooze|skip)|live_stop|knee_)", key
    )
    return on_a_button is not None and len(EN[key]) <= SHORT and not re.search(r"[.?:{]", EN[key])


SHORT, LONGER = 16, 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_on_a_button_fits_on_a_phone_of_320_pixels(language: str) -> None:
    labels = {key: text for key, text in flat(texts(language)) if is_label(key)}
    assert len(labels) > 80
    assert {key: text for key, text in labels.items() if len(text) > len(EN[key]) + LONGER} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_that_keeps_people_off_the_belt_is_not_cut_on_a_narrow_phone(language: str) -> None:
    assert len(texts(language)["options"]["step"]["check_run"]["title"]) <= 32


def test_the_readme_names_every_language() -> None:
    readme = (FOLDER.parents[2] / "README.md").read_text()
    [named] = re.findall(r"\*\*Your language\*\*, written and spoken: (.+)\.", readme)
    assert re.split(", | or ", named) == sorted(NAMES[language] for language in LANGUAGES)


NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_spoken_has_no_signs_and_no_abbreviations(language: str) -> None:
    spoken = {key: text for key, text in flat(texts(language)["common"]) if key.startswith("say_")}
    written = spoken.keys() - {"say_language", "say_decimal_mark", "say_number"}
    assert [key for key in written if re.search(r"[%/()*·\d]|km|mph|\bmin\b", re.sub(r"{\w+}", "", spoken[key]))] == []
    assert [key for key in written if key.endswith("_hour") == spoken[key].endswith(".")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_can_be_called_like_a_guest(language: str) -> None:
    assert texts(language)["entity"]["select"]["walker"]["state"]["guest"].casefold() in GUEST_NAMES


@pytest.mark.parametrize(("language", "unwanted"), sorted(UNWANTED.items()))
def test_no_word_is_used_for_which_home_assistant_has_another(language: str, unwanted: dict[str, str]) -> None:
    found = {
        key: f"{word.group()}: use {better}"
        for key, text in flat(texts(language))
        for pattern, better in unwanted.items()
        if (word := re.search(pattern, text))
    }
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guest_is_known_by_the_name_that_is_shown(language: str) -> None:
    assert texts(language)["entity"]["select"]["walker"]["state"]["guest"].casefold() in GUEST_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_of_a_step_that_waits_fits_the_one_line_that_a_narrow_phone_shows(language: str) -> None:
    steps = (*(f"config.step.{step}" for step in SetUpProgress), "options.step.check_connect", "options.step.check_run")
    titles = {f"{step}.title" for step in steps}
    assert titles <= EN.keys()
    assert {text for key, text in flat(texts(language)) if key in titles and len(text) > 22} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_section_is_described_in_one_paragraph_as_it_is_shown_as_plain_text(language: str) -> None:
    described = {key: text for key, text in flat(texts(language)) if re.search(r"sections\.\w+\.description$", key)}
    assert described
    assert [key for key, text in described.items() if re.search(r"\n|\*\*|\]\(", text)] == []


async def forms(hass: HomeAssistant) -> Iterator[dict[str, Any]]:
    """Yield every form and menu of the config flow, as it is first shown."""
    entry = make_entry()
    entry.add_to_hass(hass)
    shown = []
    for step in sorted(
        name.removeprefix("async_step_")
        for name in {**vars(OnboardingSteps), **vars(RetrowalkConfigFlow)}
        if "async_step" in name
    ):
        if step in {"bluetooth", "search", "connect", "read", "not_a_treadmill", "say_test"}:
            continue  # they show no form of their own
        flow = RetrowalkConfigFlow()
        flow.hass, flow.handler, flow.flow_id = hass, DOMAIN, "flow"
        source = "reconfigure" if step == "reconfigure" else SOURCE_USER
        flow.context = {"source": source, "entry_id": entry.entry_id}
        flow._reading = Reading(MachineInfo(), CAPABILITIES)
        flow._error = "unknown"
        shown.append(dict(await getattr(flow, f"async_step_{step}")()))
    return iter(shown)


@pytest.mark.usefixtures("enable_bluetooth")
async def test_every_step_of_the_config_flow_has_its_texts(hass: HomeAssistant) -> None:
    visited = set()
    for form in await forms(hass):
        step = form["step_id"]
        visited.add(step)
        base = f"config.step.{step}"
        assert f"{base}.title" in EN
        for option in form.get("menu_options") or []:
            assert f"{base}.menu_options.{option}" in EN
        fields = form["data_schema"].schema if form["type"] == "form" else {}
        wanted = {f"{base}.{kind}.{field}" for field in map(str, fields) for kind in ("data", "data_description")}
        assert {key for key in EN if key.startswith((f"{base}.data.", f"{base}.data_description."))} == wanted
        assert_choices(fields)
        named = {name for key, text in EN.items() if key.startswith(f"{base}.") for name in placeholders(text)}
        assert named <= set(form["description_placeholders"] or {})
    listed = {key.split(".")[2] for key in EN if key.startswith("config.step.")}
    assert listed == visited | {"pick", *SetUpProgress}
    assert {"address"} == {key.rsplit(".", 1)[1] for key in EN if key.startswith("config.step.pick.data.")}


async def test_every_step_of_a_walkers_dialog_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry(walkers=[walker_subentry()])
    entry.add_to_hass(hass)
    base = "config_subentries.walker"
    wanted = {f"{base}.entry_type"} | {f"{base}.error.{error}" for error in (*WalkerError, *ReminderError)}
    for step, context in (("user", {}), ("reconfigure", {"subentry_id": "anna"})):
        form = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "walker"), context={"source": step, **context}
        )
        assert form["step_id"] == step
        assert form["data_schema"] is not None
        wanted |= {
            f"{base}.initiate_flow.{step}",
            *(f"{base}.step.{step}.{text}" for text in ("title", "description", "submit")),
        }
        fields = form["data_schema"].schema
        wanted |= {f"{base}.step.{step}.{kind}.{field}" for field in fields for kind in ("data", "data_description")}
        assert_choices(fields)
    share = f"{base}.step.share"
    wanted |= {f"{share}.{text}" for text in ("title", "description", "submit", "data.who", "data_description.who")}
    assert {key for key in EN if key.startswith(f"{base}.")} == wanted


async def forms_of_an_import(hass: HomeAssistant, entry: ConfigEntry) -> list[SubentryFlowResult]:
    """Return every form of the import of a program, with all the fields that it may have."""
    flow = program_flow.ProgramFlow()
    flow.hass, flow.handler, flow.flow_id = hass, (entry.entry_id, "program"), "flow"
    flow.context = {"source": SOURCE_USER}
    flow._answers = ImportAnswers()
    program = Program(name="Evening", steps=(Step(seconds=60, speed=Ramp(1, 1)),))
    flow._imported = ImportedProgram(program=program, full_speed_kmh=3)
    flow._programs = ("Evening",)
    shown = [await flow.async_step_file(), await flow.async_step_program(), await flow.async_step_preview()]
    for question, answers in ((Question.FULL_SPEED, ()), (Question.LENGTHS, Lengths), (Question.UNIT, SpeedUnit)):
        flow._asked = UnansweredError(question, results=dict.fromkeys(answers, flow._imported))
        shown.append(await getattr(flow, f"async_step_{question.value}")())
    return shown


async def test_every_step_of_a_programs_dialog_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    flows = hass.config_entries.subentries
    base = "config_subentries.program"
    wanted = {f"{base}.entry_type"} | {f"{base}.initiate_flow.{step}" for step in ("user", "reconfigure")}
    wanted |= {f"{base}.error.{error}" for error in ProgramFormError}
    begun = await flows.async_init((entry.entry_id, "program"), context={"source": "user"})
    assert begun["data_schema"] is not None
    [begin_with] = begun["data_schema"].schema.values()
    offered = {option["value"] for option in begin_with.config["options"]}
    assert offered == {program_flow.EMPTY, program_flow.FILE, *PRESETS}
    assert offered == set(texts("en")["selector"][program_flow.CONF_BEGIN_WITH]["options"])
    wanted |= {f"{base}.{end}.{program_flow.SAVED}" for end in ("create_entry", "abort")}
    rows = await flows.async_configure(begun["flow_id"], {"begin_with": "empty"})
    answers = {"name": "Evening", "direction": "backward", "as_yaml": True}
    imported = await forms_of_an_import(hass, entry)
    for form in (begun, rows, await flows.async_configure(rows["flow_id"], answers), *imported):
        step = f"{base}.step.{form['step_id']}"
        fields = form["data_schema"].schema
        wanted |= {f"{step}.title", f"{step}.description", f"{step}.submit"}
        wanted |= {f"{step}.{kind}.{field}" for field in fields for kind in ("data", "data_description")}
        if form is not begun:
            assert_choices(fields)
            named = {name for key in ProgramFormError for name in placeholders(EN[f"{base}.error.{key}"])}
            shown = [f"{step}.description", *(f"{step}.data_description.{field}" for field in fields)]
            named |= {name for key in shown for name in placeholders(EN.get(key, ""))}
            assert named == set(form["description_placeholders"])
    wanted -= {
        f"{base}.step.rows.data_description.steps"
    }  # the frontend shows none below a list, whose fields have their own
    assert {key for key in EN if key.startswith(f"{base}.")} == wanted
    config = rows["data_schema"].schema["steps"].config
    assert texts("en")["selector"][config["translation_key"]]["fields"].keys() == config["fields"].keys()
    for field in config["fields"]:
        assert {f"selector.program_step.fields.{field}.{kind}" for kind in ("name", "description")} <= set(EN)


def test_every_dialog_of_a_treadmills_page_is_looked_at() -> None:
    assert {key.split(".")[1] for key in EN if key.startswith("config_subentries.")} == {"walker", "program"}


async def test_every_field_of_the_options_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry({**CONTROL, "proxy": "CE:00:00:00:00:02"})  # which is asked where there is a choice
    entry.add_to_hass(hass)
    form = await open_settings(hass, entry.entry_id)
    base = "options.step.settings"
    assert f"{base}.title" in EN
    wanted = {f"{base}.title"} | {f"options.error.{error}" for error in {*AnnouncerError, *FilesError, *GuardsError}}
    schema = form["data_schema"]
    assert schema is not None
    for group, fields in schema.schema.items():
        assert isinstance(fields, section)
        wanted |= {f"{base}.sections.{group}.name", f"{base}.sections.{group}.description"}
        for field in fields.schema.schema:
            wanted |= {f"{base}.sections.{group}.{kind}.{field}" for kind in ("data", "data_description")}
        assert_choices(fields.schema.schema)
    wanted |= {f"{base}.submit"}
    mine = {key for key in EN if key.startswith(("options.", f"{base}."))} - CHECK_TEXTS - FIRST_RUN_TEXTS
    mine -= {key for key in mine if key.startswith("options.step.machine.")} | {f"options.error.{_TABLE}"}
    assert mine == wanted
    named = {name for key in mine for name in placeholders(EN[key])}
    assert named == set(form["description_placeholders"] or {})


async def test_the_step_about_the_machine_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    flow = RetrowalkOptionsFlow()
    flow.hass, flow.handler, flow.flow_id, flow.context = hass, entry.entry_id, "flow", {}
    form = await flow.async_step_machine()
    schema = form["data_schema"]
    assert schema is not None
    assert_choices(schema.schema)
    base = "options.step.machine"
    behavior = schema.schema["behavior"].schema
    assert_choices(behavior.schema)
    plain = [field for field in schema.schema if field != "behavior"]
    wanted = {f"{base}.{kind}.{field}" for field in plain for kind in ("data", "data_description")}
    within = f"{base}.sections.behavior"
    wanted |= {f"{within}.name", f"{within}.description"} | {f"{within}.data.{field}" for field in behavior.schema}
    wanted |= {key for key in EN if key.startswith(f"{within}.data_description.")}  # some labels say it all
    assert {key for key in EN if key.startswith(f"{base}.")} == wanted | {
        f"{base}.{one}" for one in ("title", "description", "submit")
    }
    described = {key.rpartition(".")[2] for key in wanted if key.startswith(f"{within}.data_description.")}
    assert described <= {str(field) for field in behavior.schema}


async def test_every_step_of_the_check_run_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry()
    entry.add_to_hass(hass)
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    wanted = {"options.step.init.title", "options.step.check_connect.title", "options.step.check_run.title"}
    wanted |= {f"options.step.init.menu_options.{name}" for name in ["first_run", *menu["menu_options"]]}
    flow = RetrowalkOptionsFlow()
    flow.hass, flow.handler, flow.flow_id, flow.context = hass, entry.entry_id, "flow", {}
    flow._check = CheckRun(limits_for(CAPABILITIES, OwnerLimits(), Direction.FORWARD), 0.0)
    for step in ("check", "check_busy", "check_start", "check_console", "check_failed"):
        form = await getattr(flow, f"async_step_{step}")()
        base = f"options.step.{step}"
        wanted |= {f"{base}.title", f"{base}.description", f"{base}.submit"}
        fields = form["data_schema"].schema
        wanted |= {f"{base}.{kind}.{field}" for field in map(str, fields) for kind in ("data", "data_description")}
        assert_choices(fields)
        named = {name for key, text in EN.items() if key.startswith(f"{base}.") for name in placeholders(text)}
        assert named <= set(form["description_placeholders"] or {})
    wanted |= {f"options.step.check_passed.{kind}" for kind in ("title", "description", "submit")}  # see test_check_run
    wanted |= {f"options.progress.check_{phase}" for phase in CheckPhase if phase is not CheckPhase.OVER}
    wanted |= {"options.progress.check_connect", "options.progress.check_hold_virtual", "options.abort.check_passed"}
    wanted |= {f"options.error.{failure}" for failure in Failure}
    wanted |= {f"options.error.{refusal}" for refusal in REFUSALS["start_check"]}
    wanted |= {
        f"options.error.{error}" for error in ("not_acknowledged", "not_loaded", "no_speed", "console_speed_missing")
    }
    assert wanted == CHECK_TEXTS


async def test_every_step_of_a_first_run_has_its_texts(hass: HomeAssistant) -> None:
    entry = make_entry(walkers=[walker_subentry("Anna"), walker_subentry("Bert")])
    entry.add_to_hass(hass)
    flow = RetrowalkOptionsFlow()
    flow.hass, flow.handler, flow.flow_id, flow.context = hass, entry.entry_id, "flow", {}
    wanted = {f"options.abort.{reason}" for reason in FirstRunAbort}
    wanted |= {f"options.error.{error}" for error in FirstRunError}
    wanted |= {f"options.step.first_run.{kind}" for kind in ("title", "description")}
    options = [f"first_run.{kind}" for kind in ("menu_options", "menu_option_descriptions")]
    wanted |= {f"options.step.{option}.{task}" for option in options for task in (*Task, "blueprints", "later")}
    for step in (step for step in FIRST_RUN_STEPS if step != "first_run"):
        form: Any = await getattr(flow, f"async_step_{step}")()
        base = f"options.step.{step}"
        wanted |= {f"{base}.title", f"{base}.description", f"{base}.submit"}
        fields = form["data_schema"].schema
        wanted |= {f"{base}.{kind}.{field}" for field in map(str, fields) for kind in ("data", "data_description")}
        named = {name for key, text in EN.items() if key.startswith(f"{base}.") for name in placeholders(text)}
        assert named <= set(form["description_placeholders"] or {})
    assert wanted == FIRST_RUN_TEXTS


def test_every_refusal_and_every_reason_to_hold_control_has_its_text() -> None:
    assert {f"exceptions.{refusal}.message" for refusal in Refusal} <= set(EN)
    for held in (Refusal.NOT_CHECKED, Refusal.CHECK_OUTDATED, Refusal.CHECK_FAILED, Refusal.TAKES_MILES):
        assert {f"issues.{held}.title", f"issues.{held}.fix_flow.step.init.description"} <= set(EN)
    described = {SecondStart.NOTHING, SecondStart.STOPS, SecondStart.CHANGES_SPEED}
    assert {f"common.check_second_start_{what}" for what in described} <= set(EN)


@pytest.mark.parametrize(
    ("kind", "known"),
    [("trigger", TRIGGERS), ("condition", CONDITIONS)],
    ids=["trigger", "condition"],
)
def test_every_trigger_and_condition_and_its_fields_have_their_texts_and_icons(
    kind: str, known: dict[str, Any]
) -> None:
    shown = parse_yaml((FOLDER.parent / f"{kind}s.yaml").read_text())
    assert isinstance(shown, dict)
    described = {name: about for name, about in shown.items() if not name.startswith(".")}
    assert set(described) == set(known)
    wanted = {f"{kind}s.{name}.{what}" for name in known for what in ("name", "description")}
    for name, about in described.items():
        for field in about.get("fields", {}):
            wanted |= {f"{kind}s.{name}.fields.{field}.{what}" for what in ("name", "description")}
    assert {key for key in EN if key.startswith(f"{kind}s.")} == wanted
    icons = json.loads((FOLDER.parent / "icons.json").read_text())[f"{kind}s"]
    assert set(icons) == set(known)
    assert all(icon[kind].startswith("mdi:") for icon in icons.values())


def assert_choices(fields: dict[Any, Any]) -> None:
    for selector in fields.values():
        if isinstance(selector, SelectSelector) and "translation_key" in selector.config:
            for option in selector.config["options"]:
                label = option["label"] if isinstance(option, dict) else option
                if label.count(":") == 5:
                    continue  # the address of an adapter
                assert f"selector.{selector.config['translation_key']}.options.{label}" in EN


def test_every_choice_has_a_text_and_no_text_is_left_over() -> None:
    def choices(key: str) -> set[str]:
        return set(texts("en")["selector"][key]["options"])

    assert choices("announce") == set(AnnouncePolicy)
    assert choices("console") == set(check_flow.CONSOLES)
    assert choices("control") == set(ControlPolicy)
    assert choices("connection") == set(ConnectionPolicy)
    assert choices("energy_model") == set(EnergyModel)
    assert choices("proxy") == {ANY}
    assert choices("days") == set(WEEKDAYS)
    assert choices("who") == {shared_walker.SOMEBODY_NEW}
    assert choices("treadmill") == {config_flow._SEARCH_AGAIN, config_flow._ENTER_ADDRESS}


def test_every_outcome_of_the_config_flow_has_a_text_and_no_text_is_left_over() -> None:
    only_of_others = {WalkerError.NO_DAYS, WalkerError.NAME_TAKEN, WalkerError.PERSON_TAKEN, WalkerError.SENSOR_MISSING}
    of_the_first_walker: set[str] = {*WalkerError} - only_of_others
    of_the_first_walker |= {ReminderError.REMINDER_IN_QUIET_TIME}
    # One of the set-up's errors ends the flow.
    errors = {*SetUpError, *AnnouncerError, *of_the_first_walker} - {SetUpError.NOT_A_TREADMILL}
    config = texts("en")["config"]
    assert set(config["error"]) == errors
    assert set(config["abort"]) == {*SetUpAbort, "already_configured"}  # Home Assistant's helper raises the last one
    assert set(config["progress"]) == set(SetUpProgress)


def test_a_machine_without_a_minimum_speed_leaves_no_gap_in_a_text(hass: HomeAssistant) -> None:
    flow = RetrowalkConfigFlow()
    flow.hass = hass
    flow._reading = Reading(MachineInfo(), Capabilities())
    used = placeholders(EN["config.step.monitor_only.description"])
    assert all(flow._placeholders()[name] or name == "name" for name in used)


def test_every_note_of_an_import_has_a_text_and_no_text_is_left_over() -> None:
    assert {key for key in texts("en")["common"] if key.startswith("import_note_")} == {*NoteKey}
    for place in Counted:
        assert placeholders(texts("en")["common"][place]) == {"places", "note"}


def test_everything_that_a_preview_cuts_has_a_text_and_no_text_is_left_over() -> None:
    cuts = {key: text for key, text in texts("en")["common"].items() if key.startswith("preview_cut_")}
    assert cuts.keys() == {*CutKind}
    assert {frozenset(placeholders(text) - {"speed_unit"}) for text in cuts.values()} <= {
        frozenset({"asked"}),
        frozenset({"asked", "becomes"}),
    }
    assert {key for key, text in cuts.items() if "speed_unit" in placeholders(text)} == SPEED_CUTS
