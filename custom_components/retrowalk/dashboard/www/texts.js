/** The words: the integration's translations, and a few for when there is nobody to ask. */
const DOMAIN = "retrowalk";
const FALLBACK = {
  lost: "Not connected. Use the key.",
  stop: "Stop",
  stop_failed: "Stop did not get through. Use the key.",
};

let localize = () => "";
let language;
let loading;

/** One of the card's texts, or "". */
export const known = (key, values) => localize(`component.${DOMAIN}.selector.card.options.${key}`, values);

/** One of the card's texts; what was not loaded (yet) is still readable. */
export const text = (key, values) => known(key, values) || FALLBACK[key] || key.replaceAll("_", " ");

/** Why something was refused, in the words of whoever looks. */
export function reason(error) {
  const key = error?.translation_domain === DOMAIN && error.translation_key;
  const said = key && localize(`component.${DOMAIN}.exceptions.${key}.message`, error.translation_placeholders);
  return said || error?.message || text("failed");
}

/** Load the texts in the language of whoever looks. */
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
