/**
 * The first module of Retrowalk's dashboard: loads the others, and tells Home Assistant of one card and one strategy.
 *
 * Browsers keep modules for a month, so each is asked for by the version that this one was asked for by. The others
 * import nothing; what they need of each other they are given here.
 */
const CARD = "retrowalk-card";
const STRATEGY = "retrowalk";
const DOCUMENTATION = "https://github.com/retrowalk/retrowalk#dashboard";

const version = new URL(import.meta.url).search;
const names = [
  "alert", "buttons", "card", "cards", "curve", "entities", "format", "guidance", "header", "layout", "link", "program",
  "stop", "strategy", "style", "texts", "timer", "treadmill", "values", "voice", "wake_lock", "week",
];
const loaded = Promise.all(names.map((name) => import(`./${name}.js${version}`)));

// Home Assistant up to 2026.10 replaces the registry of elements while it starts: what was defined before is lost.
const started = customElements.get("home-assistant")
  ? Promise.resolve()
  : Promise.race(["home-assistant", "hc-main"].map((tag) => customElements.whenDefined(tag)));

const texts = { get: (key, otherwise) => otherwise };
Promise.all([loaded, started]).then(([modules]) => {
  const parts = Object.fromEntries(names.map((name, at) => [name, modules[at]]));
  parts.type = `custom:${CARD}`;
  texts.get = (key, otherwise) => parts.texts.known(key) || otherwise;
  texts.entities = parts.entities;
  const define = (tag, make) => customElements.get(tag) || customElements.define(tag, make(parts));
  define(CARD, parts.card.makeCard);
  define(`ll-strategy-dashboard-${STRATEGY}`, parts.strategy.makeStrategy);
});

// These two lists live on the window, and nothing replaces them.
(window.customCards ||= []).push({
  type: CARD,
  name: "Retrowalk",
  get description() {
    return texts.get("card_about", "Timer, speed, program and Stop of a treadmill");
  },
  preview: true,
  documentationURL: DOCUMENTATION,
  getEntitySuggestion(hass, entityId) {
    const device = texts.entities?.treadmillOf(hass, entityId);
    return device ? { config: { type: `custom:${CARD}`, device_id: device } } : null;
  },
});
(window.customStrategies ||= []).push({
  type: STRATEGY,
  strategyType: "dashboard",
  name: "Retrowalk",
  get description() {
    return texts.get("dashboard_about", "Walks, control and progress of every treadmill");
  },
  documentationURL: DOCUMENTATION,
});
