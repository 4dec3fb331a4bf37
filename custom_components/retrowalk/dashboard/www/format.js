// @ts-check
/** Formats durations, numbers and quantities the way the user has chosen. */
/** @import { Quantity } from "./curve.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @type {Record<string, Record<string, number>>} what one of ours is in each unit; ours come first */
const UNITS = {
  speed: { "km/h": 1, mph: 0.621371, "m/s": 1 / 3.6, "ft/s": 0.911344, kn: 0.539957, "m/min": 1 / 0.06 },
  incline: { "%": 1 },
  distance: { m: 1, km: 0.001, ft: 3.28084, yd: 1.09361, mi: 0.000621371 },
  heart_rate: { bpm: 1 },
  session_calories: { kcal: 1, cal: 1000, kJ: 4.184, Wh: 1.16222, kWh: 0.00116222 },
};
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
 * @param {number} [least] digits that are shown if they are 0, too
 */
export function number(hass, value, digits = 1, least = 0) {
  const { language, number_format: format } = hass.locale;
  const locale = format === "system" ? undefined : (NUMBER_LOCALES[format] ?? language);
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: least,
    maximumFractionDigits: digits,
    useGrouping: format !== "none",
  }).format(value);
}

/**
 * Return a speed (km/h), incline (%), distance (m), energy (kcal) or heart rate in the unit that Home Assistant shows it in.
 * @param {Treadmill} treadmill
 * @param {Quantity | "distance" | "session_calories" | "heart_rate"} kind
 * @param {number} value
 * @param {number} [digits]
 */
export function amount(treadmill, kind, value, digits = kind === "distance" ? 0 : 1) {
  const shown = treadmill.entity(kind)?.attributes.unit_of_measurement ?? "";
  const unit = shown in UNITS[kind] ? shown : Object.keys(UNITS[kind])[0];
  const factor = UNITS[kind][unit];
  /** A step of a machine is less than 0.1 mph. */
  const fine = factor < 0.01 || unit === "mph";
  const most = fine ? 2 : digits;
  return { number: number(treadmill.hass, value * factor, most), unit, exact: value * factor, digits: most };
}

/**
 * Return an amount with its unit.
 * @param {Parameters<typeof amount>} of
 */
export function quantity(...of) {
  const { number: value, unit } = amount(...of);
  return `${value} ${unit}`;
}

/**
 * Return a day in words, by default such as "Thursday, December 3".
 * @param {Hass} hass
 * @param {string} day
 * @param {Intl.DateTimeFormatOptions} [options]
 */
export const date = ({ language }, day, options = { weekday: "long", day: "numeric", month: "long" }) =>
  // At noon, because midnight may be the day before in another time zone.
  new Date(`${day}T12:00`).toLocaleDateString(language, options);

/**
 * Return the time of day of a local time of the house.
 * @param {Hass} hass
 * @param {string} moment
 */
export function time({ language, locale }, moment) {
  const hour12 = { 12: true, 24: false }[locale.time_format ?? ""];
  return new Date(moment).toLocaleTimeString(language, { hour: "numeric", minute: "2-digit", hour12 });
}

/**
 * Return why the plan is as it is.
 * @param {Hass} hass
 * @param {typeof Texts} texts
 * @param {{ reason: string, comfortable: number }} plan
 */
export const why = (hass, texts, { reason, comfortable: count }) =>
  (count && texts.translate(`why_${reason}`, { count })) ||
  hass.localize(`component.retrowalk.entity.sensor.next_session.state_attributes.reason.state.${reason}`);

/**
 * Return a day relative to another one, such as "tomorrow".
 * @param {Hass} hass
 * @param {string} day
 * @param {string} today
 */
function relativeDay(hass, day, today) {
  const days = Math.round((Date.parse(day) - Date.parse(today)) / 86400000);
  if (days < 2) return new Intl.RelativeTimeFormat(hass.language, { numeric: "auto" }).format(days, "day");
  return days < 7 ? date(hass, day, { weekday: "long" }) : date(hass, day);
}

/**
 * Return a local time of the house in words, such as "tomorrow, 18:00"; without a time only its day.
 *
 * From right to left it is isolated, because the text around it may be in another language.
 * @param {Hass} hass
 * @param {string} moment
 * @param {string} today
 */
export function when(hass, moment, today) {
  const day = relativeDay(hass, moment.slice(0, 10), today);
  const words = moment.length === 10 ? day : `${day}, ${time(hass, moment)}`;
  return document.dir === "rtl" ? `\u2068${words}\u2069` : words;
}
