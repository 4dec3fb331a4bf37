// @ts-check
/** The card's texts: the integration's translations, and defaults for the most important ones. */
/** @import { Hass, Localize } from "./entities.js" */
/** @import { Refusal } from "./backend.js" */

const DOMAIN = "retrowalk";
/** @type {Record<string, string>} */
const FALLBACK = {
  lost: "Not connected. Use the key.",
  lost_no_key: "Not connected. Use the remote or step off.",
  stop: "Stop",
  stop_failed: "Stop did not get through. Use the key.",
  stop_failed_no_key: "Stop did not get through. Use the remote or step off.",
};

/** @type {Localize} */
let localize = () => "";
/** @type {string | undefined} */
let language;
/** @type {Promise<void>} */
let loading = Promise.resolve();

/**
 * Return one of the card's texts, or "" if it is not loaded.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export const translate = (key, values) => localize(`component.${DOMAIN}.selector.card.options.${key}`, values);

/**
 * Return one of the card's texts, or something readable if it is not loaded.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export const text = (key, values) => translate(key, values) || FALLBACK[key] || key.replaceAll("_", " ");

/**
 * Return what to say without a connection: how this treadmill is stopped without us.
 * @param {boolean | undefined} hasKey a safety key; undefined: not known yet
 */
export const lostText = (hasKey) => text(hasKey === false ? "lost_no_key" : "lost");

/**
 * Return what to say when a Stop did not get through.
 * @param {boolean | undefined} hasKey
 */
export const stopFailedText = (hasKey) => text(hasKey === false ? "stop_failed_no_key" : "stop_failed");

/**
 * Return the message of a Stop that failed, once the connection is back.
 * @param {string} message
 */
export const backText = (message) =>
  [stopFailedText(true), stopFailedText(false)].includes(message) ? text("live_again") : message;

/**
 * Return why something was refused, in the user's language.
 * @param {Refusal | undefined} error
 */
export function refusalText(error) {
  const key = error?.translation_domain === DOMAIN ? error.translation_key : undefined;
  const message = key && localize(`component.${DOMAIN}.exceptions.${key}.message`, error?.translation_placeholders);
  return message || error?.message || text("failed");
}

/**
 * Load the texts in the user's language.
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
