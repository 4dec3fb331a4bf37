// @ts-check
/** The card's element, as Home Assistant's dashboards use it. */
/** @import { Hass } from "./entities.js" */
/** @import * as ViewModule from "./view.js" */
/** @import { Config, Modules as ViewModules, View } from "./view.js" */
/** @typedef {ViewModules & { view: typeof ViewModule }} Modules */

/** @param {Modules} modules */
export const makeCard = (modules) => {
  const { elements, entities, texts } = modules;

  return class RetrowalkCard extends HTMLElement {
    static getConfigForm() {
      const select = (/** @type {string} */ name, /** @type {string[]} */ values) => ({
        select: {
          mode: "list",
          multiple: name === "hide",
          options: values.map((value) => ({ value, label: texts.text(`${name}_${value}`) })),
        },
      });
      return elements.settings(texts, "treadmill", () => ({
        layout: select("layout", ["full", "compact"]),
        hide: select("hide", ["week", "values"]), // whatever is about Stop may not be hidden
      }));
    }

    /** @param {Hass} hass */
    static getStubConfig(hass) {
      return { type: "custom:retrowalk-card", device_id: entities.treadmills(hass)[0] };
    }

    /** @type {Config} */
    #config = {};
    /** @type {View | undefined} from the first `hass` on */
    #view;

    /** @param {Config} config */
    setConfig(config) {
      if (config.device_id !== undefined && typeof config.device_id !== "string") {
        throw new Error("device_id has to be the id of a treadmill's device");
      }
      this.#config = config;
      this.#view?.setConfig(config);
    }

    getCardSize() {
      return this.#config.layout === "compact" ? 3 : 9;
    }

    getGridOptions() {
      return { columns: 12, min_columns: 6, rows: "auto" };
    }

    /** @param {Hass} hass */
    set hass(hass) {
      if (this.#view) this.#view.setHass(hass);
      else this.#view = new modules.view.View(this, this.#config, hass, modules);
    }

    connectedCallback() {
      this.#view?.connect();
    }

    disconnectedCallback() {
      this.#view?.disconnect();
    }
  };
};
