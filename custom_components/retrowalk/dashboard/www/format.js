// @ts-check
/** Formats durations, numbers and quantities the way the user has chosen. */
/** @import { Quantity } from "./curve.js" */
/** @import { Hass } from "./entities.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @type {Record<string, number>} */
const UNITS_PER_KMH = { "km/h": 1, mph: 0.621371, "m/s": 1 / 3.6, "ft/s": 0.911344, kn: 0.539957, "m/min": 1 / 0.06 };
/** @type {Record<string, string>} Home Assistant's number formats, each as a locale that uses it */
const NUMBER_LOCALES = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
  none: "en-US",
};

/** @param {number} part */
const twoDigits = (part) => String(part).padStart(2, "0");

/**
 * Return a duration as m:ss or h:mm:ss.
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${twoDigits(minutes)}:${twoDigits(rest)}` : `${minutes}:${twoDigits(rest)}`;
}

/**
 * Return a number, by default with at most one decimal.
 * @param {Hass} hass
 * @param {number} value
 * @param {number} [digits]
 */
export function number(hass, value, digits = 1) {
  const { language, number_format: format } = hass.locale;
  const locale = format === "system" ? undefined : (NUMBER_LOCALES[format] ?? language);
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits, useGrouping: format !== "none" }).format(value);
}

/**
 * Return a speed (km/h) or incline (%) in the unit that Home Assistant shows it in.
 * @param {Treadmill} treadmill
 * @param {Quantity} kind
 * @param {number} value
 */
export function quantity(treadmill, kind, value) {
  if (kind === "incline") return `${number(treadmill.hass, value)} %`;
  const shown = treadmill.entity(kind)?.attributes.unit_of_measurement;
  const unit = shown !== undefined && shown in UNITS_PER_KMH ? shown : "km/h";
  return `${number(treadmill.hass, value * UNITS_PER_KMH[unit])} ${unit}`;
}
