// @ts-check
/**
 * The first module of Retrowalk's dashboard: loads the others, and tells Home Assistant of one card and one strategy.
 *
 * Browsers keep modules for a month, so each is asked for by the version that this one was asked for by. The others
 * import nothing; what they need of each other they are given here.
 */
/** @import * as Card from "./card.js" */
/** @import { Modules as CardModules } from "./card.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Strategy from "./strategy.js" */
/** @import { Modules as StrategyModules } from "./strategy.js" */
/** @typedef {CardModules & StrategyModules & { card: typeof Card, strategy: typeof Strategy }} Modules */

const CARD = "retrowalk-card";
const STRATEGY = "retrowalk";
const DOCUMENTATION = "https://github.com/retrowalk/retrowalk#dashboard";

const version = new URL(import.meta.url).search;
const names = [
  "alert",
  "buttons",
  "card",
  "cards",
  "curve",
  "entities",
  "format",
  "guidance",
  "header",
  "layout",
  "link",
  "program",
  "stop",
  "strategy",
  "style",
  "texts",
  "timer",
  "treadmill",
  "values",
  "view",
  "voice",
  "wake_lock",
  "week",
];
const loaded = Promise.all(names.map((name) => import(`./${name}.js${version}`)));

// Home Assistant up to 2026.10 replaces the registry of elements while it starts: what was defined before is lost.
const started = customElements.get("home-assistant")
  ? Promise.resolve()
  : Promise.race(["home-assistant", "hc-main"].map((tag) => customElements.whenDefined(tag)));

/** @type {Modules | undefined} */
let modules;

const texts = {
  /**
   * One of our texts; other words until it is loaded.
   * @param {string} key
   * @param {string} otherwise
   */
  get: (key, otherwise) => modules?.texts.known(key) || otherwise,
};

/**
 * @param {string} tag
 * @param {unknown} element
 */
function define(tag, element) {
  // Home Assistant takes a strategy, which is no element, from the registry of elements.
  if (!customElements.get(tag)) customElements.define(tag, /** @type {CustomElementConstructor} */ (element));
}

Promise.all([loaded, started]).then(([found]) => {
  const named = Object.fromEntries(names.map((name, at) => [name, found[at]]));
  modules = /** @type {Modules} */ ({ ...named, type: `custom:${CARD}` });
  define(CARD, modules.card.makeCard(modules));
  define(`ll-strategy-dashboard-${STRATEGY}`, modules.strategy.makeStrategy(modules));
});

// These two lists live on the window, and nothing replaces them.
const page = /** @type {{ customCards?: object[], customStrategies?: object[] }} */ (window);
page.customCards ??= [];
page.customCards.push({
  type: CARD,
  name: "Retrowalk",
  get description() {
    return texts.get("card_about", "Timer, speed, program and Stop of a treadmill");
  },
  preview: true,
  documentationURL: DOCUMENTATION,
  /**
   * @param {Hass} hass
   * @param {string} entityId
   */
  getEntitySuggestion(hass, entityId) {
    const device = modules?.entities.treadmillOf(hass, entityId);
    return device ? { config: { type: `custom:${CARD}`, device_id: device } } : null;
  },
});
page.customStrategies ??= [];
page.customStrategies.push({
  type: STRATEGY,
  strategyType: "dashboard",
  name: "Retrowalk",
  get description() {
    return texts.get("dashboard_about", "Walks, control and progress of every treadmill");
  },
  documentationURL: DOCUMENTATION,
});
