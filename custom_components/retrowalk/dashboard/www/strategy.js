// @ts-check
/** The dashboard: a view for each treadmill, made of our card and of Home Assistant's own. */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/** @typedef {{ entities: typeof Entities, texts: typeof Texts, type: string }} Modules type: of the card */
/** @typedef {Record<string, string>} Own entity ids by translation key */

const BUTTONS = { type: "numeric-input", style: "buttons" };
const SELECT = { type: "select-options" };
/** @type {Record<string, object | undefined>} what can be set, and how; the whole width for what needs it on a phone */
const CONTROL = {
  program: SELECT,
  walker: SELECT,
  direction: SELECT,
  session_length: BUTTONS,
  target_speed: BUTTONS,
  target_incline: BUTTONS,
  control_lock: undefined,
  connection: undefined,
  safety_key: undefined,
};
const PROGRESS = [
  "today",
  "goal_reached",
  "streak",
  "week",
  "next_session",
  "last_session",
  "knee_discomfort",
  "plan_paused",
];
/** In words: the dots of a month have no names. An arrow leads to the weeks before. */
const CALENDAR = { type: "calendar", initial_view: "listWeek" };
/** @type {Record<string, string>} */
const GRAPHS = { total_duration: "minutes_week", total_calories: "calories_week" };
/**
 * What a tile cannot know. A next session of earlier today may still be walked: "8 minutes ago" would be no answer.
 * @type {Record<string, object>}
 */
const LOOKS = {
  next_session: {
    state_content: ["state", "reason"],
    time_format: { type: "datetime", style: "short" },
    grid_options: { columns: 12 },
  },
};

/** What is chosen for the next walk, and cannot be changed in one. */
const BETWEEN = ["program", "walker", "direction", "session_length"];
const STEERED = ["target_speed", "target_incline"];

/**
 * @param {string} entity
 * @param {object} [feature]
 * @param {object} [visible] a condition
 */
const tile = (entity, feature, visible) => ({
  type: "tile",
  entity,
  visibility: visible && [{ condition: "state", ...visible }],
  /** Or the treadmill's name leaves no room for it. */
  name: { type: "entity" },
  features: feature && [feature],
  grid_options: feature && { columns: 12 },
});

/**
 * @param {string} heading
 * @param {string} icon
 * @param {object[]} cards
 */
const section = (heading, icon, ...cards) => ({ type: "grid", cards: [{ type: "heading", heading, icon }, ...cards] });

/** @param {Modules} modules */
export const makeStrategy = ({ entities, texts, type }) => {
  /**
   * @param {Own} own
   * @param {string} title
   */
  const progress = (own, title) => {
    const has = (/** @type {string} */ key) => own[key];
    const tiles = PROGRESS.filter(has).map((key) => Object.assign(tile(own[key]), LOOKS[key]));
    const graphs = Object.keys(GRAPHS).filter(has).map((key) => ({
      type: "statistics-graph",
      title: texts.text(GRAPHS[key]),
      entities: [own[key]],
      chart_type: "bar",
      period: "day",
      days_to_show: 7,
      stat_types: ["change"],
      hide_legend: true,
    }));
    return section(title, "mdi:chart-line", ...tiles, ...graphs);
  };

  /**
   * What people have hidden stays hidden.
   * @param {Hass} hass
   * @param {string} device
   */
  const shown = (hass, device) =>
    Object.fromEntries(Object.entries(entities.own(hass, device)).filter(([, id]) => !hass.entities[id].hidden));

  /**
   * @param {Hass} hass
   * @param {string} device
   */
  const view = (hass, device) => {
    const own = shown(hass, device);
    /** Who hides the session's tile hides no other. */
    const session = entities.own(hass, device).session_state;
    const control = Object.keys(CONTROL).filter((key) => own[key]);
    const moves = ["speed", "incline"].map((key) => own[key]).filter(Boolean);
    const walkers = entities.walkers(hass, device);
    const visible = (/** @type {string} */ key) => {
      if (BETWEEN.includes(key)) return session ? { entity: session, state: ["idle", "finished"] } : undefined;
      return STEERED.includes(key) ? { entity: own[key], state_not: "unavailable" } : undefined;
    };
    /** @param {string} walker */
    const titleOf = (walker) => (walkers.length > 1 ? entities.nameOf(hass, walker) : texts.text("progress"));
    return {
      title: entities.nameOf(hass, device),
      // dashboard/links.py knows it. An icon would take the title's place in the tabs, and be the same in all.
      path: device,
      type: "sections",
      max_columns: 3,
      sections: [
        section(texts.text("session"), "mdi:walk", { type, device_id: device }),
        section(
          texts.text("control"),
          "mdi:tune-variant",
          ...control.map((key) => tile(own[key], CONTROL[key], visible(key))),
        ),
        ...walkers.map((walker) => progress(shown(hass, walker), titleOf(walker))),
        own.sessions &&
        section(texts.text("sessions"), "mdi:calendar-check", { ...CALENDAR, entities: [own.sessions] }),
        moves.length &&
        section(texts.text("history"), "mdi:speedometer", {
          type: "history-graph",
          entities: moves,
          hours_to_show: 12,
        }),
      ].filter(Boolean),
    };
  };

  const empty = () => ({ title: "Retrowalk", cards: [{ type: "markdown", content: texts.text("no_treadmill") }] });

  return class RetrowalkStrategy {
    static registryDependencies = ["entities", "devices"];
    static noEditor = true;

    static getCreateSuggestions() {
      return { title: "Retrowalk", icon: "mdi:walk" };
    }

    /**
     * @param {{ device_id?: string }} config
     * @param {Hass} hass
     */
    static async generate(config, hass) {
      await texts.load(hass);
      const found = entities.treadmills(hass).filter((device) => !config.device_id || device === config.device_id);
      return { title: "Retrowalk", views: found.length ? found.map((device) => view(hass, device)) : [empty()] };
    }
  };
};
