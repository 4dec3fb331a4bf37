// @ts-check
/** Times, numbers and amounts as people want them written. */
/** @import { Quantity } from "./curve.js" */
/** @import { Hass } from "./entities.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @type {Record<string, number>} */
const KMH_TO = { "km/h": 1, mph: 0.621371, "m/s": 1 / 3.6, "ft/s": 0.911344, kn: 0.539957, "m/min": 1 / 0.06 };
/** @type {Record<string, string>} how people want numbers written: Home Assistant's choices, by a language that writes so */
const WRITTEN = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
  none: "en-US",
};

/** @param {number} part */
const twoDigits = (part) => String(part).padStart(2, "0");

/**
 * A duration as m:ss, or as h:mm:ss.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${twoDigits(minutes)}:${twoDigits(rest)}` : `${minutes}:${twoDigits(rest)}`;
}

/**
 * @param {Hass} hass
 * @param {number} value
 */
export function number(hass, value) {
  const { language, number_format: format } = hass.locale;
  const written = format === "system" ? undefined : (WRITTEN[format] ?? language);
  return new Intl.NumberFormat(written, { maximumFractionDigits: 1, useGrouping: format !== "none" }).format(value);
}

/**
 * A speed (km/h) or incline (%) in the unit that is shown elsewhere.
 * @param {Treadmill} treadmill
 * @param {Quantity} what
 * @param {number} value
 */
export function amount(treadmill, what, value) {
  if (what === "incline") return `${number(treadmill.hass, value)} %`;
  const shown = treadmill.entity(what)?.attributes.unit_of_measurement;
  const unit = shown !== undefined && shown in KMH_TO ? shown : "km/h";
  return `${number(treadmill.hass, value * KMH_TO[unit])} ${unit}`;
}
