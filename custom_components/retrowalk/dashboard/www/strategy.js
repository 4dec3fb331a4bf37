// @ts-check
/** The dashboard: a view for each treadmill, made of Retrowalk's card and Home Assistant's own. */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/**
 * @typedef {{ entities: typeof Entities, texts: typeof Texts }} Modules
 */
/** @typedef {Record<string, string>} Ids entity ids by translation key */

/** The tiles of the control section: what the card does not show itself. */
const CONTROL = ["control_lock", "connection", "safety_key"];
const PROGRESS = [
  "today",
  "goal_reached",
  "streak",
  "week",
  "next_session",
  "knee_discomfort",
];
/**
 * Options of single tiles. The next session shows its time, because it may be earlier today: "8 minutes ago" tells
 * nobody that it is still due.
 * @type {Record<string, object>}
 */
const TILE_OPTIONS = {
  next_session: {
    time_format: { type: "datetime", style: "short" },
    grid_options: { columns: 12 },
  },
};

const SOME = { condition: "numeric_state", above: 0 };
/**
 * When tiles are shown that have nothing to say at first: Home Assistant writes no minutes as "0m".
 * @type {Record<string, object>}
 */
const WORTH_SHOWING = {
  today: SOME,
  week: SOME,
  knee_discomfort: { condition: "state", state_not: "unknown" },
  control_lock: { condition: "state", state_not: "unavailable" }, // as it is where a treadmill is only watched
};

/**
 * @param {string} entity
 * @param {object} [condition] of its state, under which it is shown
 */
const tile = (entity, condition) => ({
  type: "tile",
  entity,
  visibility: condition && [{ ...condition, entity }],
  // Without the treadmill's name, which would leave no room for it.
  name: { type: "entity" },
});

/**
 * @param {string} heading
 * @param {string} icon
 * @param {object[]} cards
 */
const section = (heading, icon, ...cards) => ({ type: "grid", cards: [{ type: "heading", heading, icon }, ...cards] });

/**
 * @param {string} name
 * @param {string} device
 */
const card = (name, device) => ({ type: `custom:retrowalk-${name}`, device_id: device });

/** @param {Modules} modules */
export const makeStrategy = ({ entities, texts }) => {
  /**
   * @param {string} walker
   * @param {Ids} ids
   * @param {string} title
   */
  const progress = (walker, ids, title) => {
    const names = { today: texts.text("today_tile"), week: texts.text("week_tile") }; // short enough for a phone
    const tiles = PROGRESS.filter((key) => ids[key]).map((key) => {
      const name = /** @type {Record<string, string>} */ (names)[key];
      return Object.assign(tile(ids[key], WORTH_SHOWING[key]), TILE_OPTIONS[key], name && { name });
    });
    return section(title, "mdi:chart-line", ...tiles, card("reminder", walker), card("report", walker));
  };

  /**
   * Return the entity ids of a device by translation key, without hidden ones.
   * @param {Hass} hass
   * @param {string} device
   */
  const visibleIds = (hass, device) =>
    Object.fromEntries(Object.entries(entities.entityIds(hass, device)).filter(([, id]) => !hass.entities[id].hidden));

  /**
   * @param {Hass} hass
   * @param {string} device
   */
  const view = (hass, device) => {
    const ids = visibleIds(hass, device);
    const control = CONTROL.filter((key) => ids[key]);
    const walkers = entities.walkers(hass, device);
    /**
     * @param {string} walker
     * @param {string} title if there is one walker
     */
    const titleOf = (walker, title) => (walkers.length > 1 ? entities.deviceName(hass, walker) : title);
    return {
      title: entities.deviceName(hass, device),
      // dashboard/links.py relies on this path. An icon would replace the title in the tabs.
      path: device,
      type: "sections",
      max_columns: 3,
      sections: [
        section(texts.text("session"), "mdi:walk", card("card", device)),
        section(texts.text("control"), "mdi:tune-variant", ...control.map((key) => tile(ids[key], WORTH_SHOWING[key]))),
        ...walkers.map((walker) => progress(walker, visibleIds(hass, walker), titleOf(walker, texts.text("progress")))),
        ...walkers.map((walker) =>
          section(titleOf(walker, texts.text("trends")), "mdi:chart-bar", card("trends", walker))
        ),
        hass.user?.is_admin && entities.entityIds(hass, device).start &&
        section(texts.text("programs"), "mdi:chart-bell-curve", card("programs", device)),
        section(texts.text("sessions"), "mdi:calendar-check", card("sessions", device)),
      ].filter(Boolean),
    };
  };

  const empty = () => {
    const content = texts.text("no_treadmill", { link: "/config/integrations/dashboard/add?domain=retrowalk" });
    return { title: "Retrowalk", cards: [{ type: "markdown", content }] };
  };

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
