// @ts-check
/** The words: the integration's translations, and a few for when there is nobody to ask. */
/** @import { Hass, Localize } from "./entities.js" */
/** @import { Refusal } from "./link.js" */

const DOMAIN = "retrowalk";
/** @type {Record<string, string>} */
const FALLBACK = {
  lost: "Not connected. Use the key.",
  stop: "Stop",
  stop_failed: "Stop did not get through. Use the key.",
};

/** @type {Localize} */
let localize = () => "";
/** @type {string | undefined} */
let language;
/** @type {Promise<void>} */
let loading = Promise.resolve();

/**
 * One of the card's texts, or "".
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export const known = (key, values) => localize(`component.${DOMAIN}.selector.card.options.${key}`, values);

/**
 * One of the card's texts; what was not loaded (yet) is still readable.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export const text = (key, values) => known(key, values) || FALLBACK[key] || key.replaceAll("_", " ");

/**
 * Why something was refused, in the words of whoever looks.
 * @param {Refusal | undefined} error
 */
export function reason(error) {
  const key = error?.translation_domain === DOMAIN ? error.translation_key : undefined;
  const said = key && localize(`component.${DOMAIN}.exceptions.${key}.message`, error?.translation_placeholders);
  return said || error?.message || text("failed");
}

/**
 * Load the texts in the language of whoever looks.
 * @param {Hass} hass
 */
export function load(hass) {
  if (language !== hass.language) {
    language = hass.language;
    loading = (async () => {
      await hass.loadBackendTranslation("exceptions", DOMAIN);
      localize = await hass.loadBackendTranslation("selector", DOMAIN);
    })().catch(() => {
      language = undefined;
    });
  }
  return loading;
}
