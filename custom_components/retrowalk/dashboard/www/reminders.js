// @ts-check
/**
 * The reminders of a treadmill's walkers, as Home Assistant sends them, and what may be asked for them.
 *
 * The types describe what dashboard/reminders.py sends:
 *
 * @typedef {{ title: string, text: string, snooze: number | null, start: boolean }} Due snooze: minutes
 * @typedef {object} Own a walker for whom this user may act
 * @property {string | null} device_id
 * @property {string} name
 * @property {true} own
 * @property {boolean} on
 * @property {string} time
 * @property {number[]} days 0 is Monday
 * @property {string | null} target null: the walker's phones, else Home Assistant
 * @property {{ value: string, label: string }[]} targets
 * @property {string | null} next the local time of the house
 * @property {boolean} paused
 * @property {string | null} paused_until the last day
 * @property {Due | null} due
 * @typedef {{ device_id: string | null, name: string, own: false }} Other
 * @typedef {{ today: string, walkers: (Own | Other)[] }} Reminders
 */
/** @import { Connection, Refusal, Unsubscribe } from "./backend.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Hass } from "./entities.js" */

const RETRY = 5000; // ms

/** Follows the reminders of one treadmill. */
export class ReminderFeed {
  /** @type {Reminders | undefined} */
  latest;
  #onChange;
  #device = "";
  #language = "";
  /** @type {Connection | undefined} */
  #connection;
  #number = 0; // counts the subscriptions, to recognize what comes from an old one
  /** @type {Unsubscribe | undefined} */
  #unsubscribe;
  /** @type {number | undefined} */
  #timer;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /**
   * Follow a treadmill's or a walker's device, unless it is followed already.
   * @param {Hass} hass
   * @param {string} device
   */
  follow(hass, device) {
    const { connection, language } = hass;
    if (this.#connection === connection && this.#device === device && this.#language === language) return;
    this.close();
    [this.#connection, this.#device, this.#language] = [connection, device, language];
    this.#subscribe();
  }

  /** Follow nothing any more. */
  close() {
    clearTimeout(this.#timer);
    this.#number += 1;
    this.#unsubscribe?.().catch(() => {});
    this.#unsubscribe = undefined;
    this.#connection = undefined;
    this.latest = undefined;
  }

  async #subscribe() {
    const number = this.#number;
    const isCurrent = () => number === this.#number;
    const onMessage = (/** @type {Reminders} */ message) => {
      if (!isCurrent()) return;
      this.latest = message;
      this.#onChange();
    };
    const request = { type: "retrowalk/reminders", device_id: this.#device, language: this.#language };
    try {
      // The front end's library subscribes again by itself after the connection was lost.
      const unsubscribe = await this.#connection?.subscribeMessage(onMessage, request, {});
      if (isCurrent()) this.#unsubscribe = unsubscribe;
      else unsubscribe?.().catch(() => {});
    } catch {
      if (isCurrent()) this.#timer = setTimeout(() => isCurrent() && this.#subscribe(), RETRY);
    }
  }
}

class NotConnectedError extends Error {}

/**
 * Return why something failed, in the user's language.
 * @param {typeof Texts} texts
 * @param {unknown} error
 */
export const why = (texts, error) =>
  error instanceof NotConnectedError
    ? texts.text("not_sent")
    : texts.refusalText(/** @type {Refusal | undefined} */ (error));

/**
 * Send a message and return the answer; nothing is kept for later while there is no connection.
 * @param {Hass} hass
 * @param {object} message
 */
export const ask = async ({ connection }, message) => {
  if (!connection.connected) throw new NotConnectedError("not connected");
  return connection.sendMessagePromise(message);
};

/**
 * Run an action for a walker's device.
 * @param {Hass} hass
 * @param {string} service
 * @param {object} data
 */
export const act = (hass, service, data) =>
  ask(hass, { type: "call_service", domain: "retrowalk", service, service_data: data });

/**
 * Return a local time of the house in words, such as "tomorrow, 18:00".
 * @param {Hass} hass
 * @param {string} moment
 * @param {string} today
 */
export function when({ language, locale }, moment, today) {
  const at = new Date(moment);
  const days = Math.round((Date.parse(moment.slice(0, 10)) - Date.parse(today)) / 86400000);
  const hour12 = { 12: true, 24: false }[locale.time_format ?? ""];
  const time = at.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit", hour12 });
  if (days < 2) return `${new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day")}, ${time}`;
  return `${at.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" })}, ${time}`;
}
