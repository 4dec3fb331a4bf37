// @ts-check
/**
 * The entry module of Retrowalk's dashboard: loads the other modules and registers the card and the strategy.
 *
 * Browsers cache modules for a month, so each one is loaded with the version in the URL of this one. That is why the
 * other modules import nothing: they receive what they need as arguments. Their imports in comments are of types.
 */
/** @import * as Card from "./card.js" */
/** @import { Modules as CardModules } from "./card.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Strategy from "./strategy.js" */
/** @import { Modules as StrategyModules } from "./strategy.js" */
/** @typedef {CardModules & StrategyModules & { card: typeof Card, strategy: typeof Strategy }} Modules */
/** @import * as Past from "./past.js" */
/** @import * as Programs from "./programs.js" */
/** @import * as Reminder from "./reminder.js" */
/** @import * as Report from "./report.js" */
/** @import * as Steps from "./steps.js" */

const CUSTOM = "custom:"; // of a card's type in a dashboard
const CARD = "retrowalk-card";
const DOCUMENTATION = "https://github.com/retrowalk/retrowalk#dashboard";

const version = new URL(import.meta.url).search;
const names = [
  "alert",
  "backend",
  "buttons",
  "card",
  "cards",
  "curve",
  "elements",
  "entities",
  "format",
  "guidance",
  "header",
  "layout",
  "program",
  "stop",
  "strategy",
  "texts",
  "timer",
  "treadmill",
  "values",
  "view",
  "voice",
  "week",
];
/** What the card does not need, loaded once it is there. */
const later = [
  "report",
  "reminder",
  "past",
  "programs",
  "steps",
  "due",
  "first_run",
  "result",
  "chips",
  "outlook",
  "knee",
  "adjust",
  "full_screen",
  "wake_lock",
];
const load = (/** @type {string} */ name) => import(`./${name}.js${version}`);
const loaded = Promise.all(names.map(load));
/** The style; without it the card is ugly, but it stops the belt. */
const styled = fetch(new URL(`style.css${version}`, import.meta.url)).then((answer) => answer.text()).catch(() => "");

// Home Assistant up to 2026.10 replaces the element registry while it starts, and elements defined before are lost.
const started = customElements.get("home-assistant")
  ? Promise.resolve()
  : Promise.race(["home-assistant", "hc-main"].map((tag) => customElements.whenDefined(tag)));

/** @type {Modules | undefined} once they are loaded */
let modules;

const texts = {
  /**
   * Return one of the card's texts, or a default until they are loaded.
   * @param {string} key
   * @param {string} otherwise
   */
  get: (key, otherwise) => modules?.texts.translate(key) || otherwise,
};

/**
 * Define an element, unless it is defined.
 * @param {string} tag
 * @param {unknown} element
 */
function define(tag, element) {
  // A strategy is not an element, but Home Assistant looks for it in the element registry.
  if (!customElements.get(tag)) customElements.define(tag, /** @type {CustomElementConstructor} */ (element));
}

Promise.all([loaded, styled, started]).then(([found, css]) => {
  const named = Object.fromEntries(names.map((name, at) => [name, found[at]]));
  modules = /** @type {Modules} */ ({ ...named, style: { css }, load });
  define(CARD, modules.card.makeCard(modules));
  define("ll-strategy-dashboard-retrowalk", modules.strategy.makeStrategy(modules));
  return Promise.all(later.map(load));
}).then((found) => {
  if (!modules) return;
  const [report, reminder, past, programs, steps] =
    /** @type {[typeof Report, typeof Reminder, typeof Past, typeof Programs, typeof Steps]} */ (found);
  modules.view.addParts(...found.flatMap(({ makePart }) => makePart ?? []));
  modules.cards.updateAll();
  const others = [
    report.makeReport(modules),
    reminder.makeReminder(modules),
    past.makeSessions(modules),
    past.makeTrends(modules),
    programs.makePrograms({ ...modules, steps }),
  ];
  for (const element of others) {
    const type = element.type.slice(CUSTOM.length);
    const name = type.slice(type.indexOf("-") + 1);
    define(type, element);
    offer({ type, name: `Retrowalk ${name}` }, () => texts.get(`${name}_card_about`, ""));
  }
});

// Home Assistant reads these two lists, whenever they are filled.
const page = /** @type {{ customCards?: object[], customStrategies?: object[] }} */ (window);
page.customCards ??= [];
page.customStrategies ??= [];

/**
 * Offer a card in the card picker.
 * @param {object} card
 * @param {() => string} about
 */
function offer(card, about) {
  const described = {
    ...card,
    get description() {
      return about();
    },
    preview: true,
    documentationURL: DOCUMENTATION,
  };
  page.customCards?.push(described);
}

/**
 * @param {Hass} hass
 * @param {string} entityId
 */
function getEntitySuggestion(hass, entityId) {
  const device = modules?.entities.treadmillOf(hass, entityId);
  return device ? { config: { type: CUSTOM + CARD, device_id: device } } : null;
}

const about = () => texts.get("card_about", "Timer, speed, program and Stop of a treadmill");
offer({ type: CARD, name: "Retrowalk", getEntitySuggestion }, about);
page.customStrategies.push({
  type: "retrowalk",
  strategyType: "dashboard",
  name: "Retrowalk",
  get description() {
    return texts.get("dashboard_about", "Walks, control and progress of every treadmill");
  },
  documentationURL: DOCUMENTATION,
});
