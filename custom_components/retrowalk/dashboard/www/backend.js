// @ts-check
/**
 * The connection to Home Assistant: whether it answers, the session feed, and presses.
 *
 * A connection can hang unnoticed, and deliver minutes later what was sent into it. So Home Assistant has to send a
 * beat every second, and a press carries the newest beat: Home Assistant refuses a press with an old one. A Stop
 * carries none, and is always accepted (S3).
 * The types describe what Home Assistant sends (dashboard/feed.py):
 * @typedef {{ date: string, minutes: number, reached: boolean, planned: boolean }} Day
 * @typedef {{ walker: string, value: number | null, text: string, answers: [number, string][] }} KneeBefore 0-10
 * @typedef {{ walker: string, goal: number, today: string, days: Day[], streak: number }} Week
 */
/**
 * @typedef {object} Session
 * @property {"session"} type
 * @property {string | null} session the ID of the session that `moving_time` is of
 * @property {string} [language] of the texts
 * @property {string} state
 * @property {string | null} program
 * @property {number} length seconds
 * @property {Step[]} steps
 * @property {boolean} moving
 * @property {number} moving_time seconds, at the time `at`
 * @property {number} at seconds since 1970
 * @property {boolean} safety_key whether there is one
 * @property {boolean} steered by us, at some time of this session
 * @property {boolean} control false: Retrowalk only monitors
 * @property {boolean} held nothing rises until somebody resumes
 * @property {boolean} coasting the belt slows down to rest
 * @property {string[]} checklist
 * @property {string | null} walker
 * @property {boolean} nobody nobody has said who walks
 * @property {Week | null} week
 * @property {KneeBefore | null} knee null: nobody asks
 * @property {Target | null} speed km/h; null unless it can be changed
 * @property {Target | null} incline %
 */
/**
 * @typedef {object} Rated
 * @property {string | null} [knee] better, same, bit_worse or worse
 * @property {number | null} [discomfort_before] 0-10
 * @property {number | null} [discomfort_after]
 * @property {number | null} [effort]
 */
/**
 * @typedef {object} Next
 * @property {string} start
 * @property {number} minutes
 * @property {number | null} speed km/h
 * @property {number | null} incline %
 * @property {string} reason
 * @property {number} comfortable sessions, where these are the reason
 */
/**
 * @typedef {object} Result
 * @property {"result"} type
 * @property {string} session its id
 * @property {string | null} walker null: a guest
 * @property {string[]} walkers whom the session may be given to
 * @property {boolean} own whether the user may change the session
 * @property {boolean} deletes whether the user may delete it
 * @property {boolean} backward
 * @property {number} seconds
 * @property {number} distance meters
 * @property {number} calories kcal above resting
 * @property {number} top_speed km/h
 * @property {boolean} completed
 * @property {boolean} asks whether the walker wants to be asked
 * @property {Rated | null} rated null: it is not for this user
 * @property {boolean} goal whether the day's goal is reached
 * @property {Week | null} week
 * @property {Next | null} next
 * @property {string} [curve] the data of an SVG path
 * @typedef {Result | { type: "result", session: null }} ResultMessage
 * @typedef {{ type: "curve", session: string, curve: string }} CurveMessage
 * @typedef {Session | SessionEvent | Meter | Walked | NextSession | ResultMessage | CurveMessage} Message
 * @typedef {{ text: string, cuts: boolean, lasts: number }} Phrase cuts: what is being said; lasts: seconds
 * @typedef {{ type: "event", language?: string, event: string, say: Phrase[] }} SessionEvent
 * @typedef {"start" | "confirm" | "resume" | "pause" | "finish" | "stop"} Press
 * @typedef {"faster" | "slower" | "steeper" | "flatter"} Adjustment by one step of the machine
 * @typedef {"walker" | "direction" | "program" | "minutes" | "speed"} Choice for the next session
 * The error of a refused press, and the front end's connection:
 */
/**
 * @typedef {object} Refusal
 * @property {string} [message]
 * @property {string} [translation_domain]
 * @property {string} [translation_key]
 * @property {Record<string, unknown>} [translation_placeholders]
 * @typedef {() => Promise<void>} Unsubscribe
 * @typedef {(callback: (message: any) => void, message: object, options: object) => Promise<Unsubscribe>} Subscribe
 */
/**
 * @typedef {object} Connection
 * @property {boolean} connected
 * @property {(event: string, listener: () => void) => void} addEventListener
 * @property {(event: string, listener: () => void) => void} removeEventListener
 * @property {(message: object) => Promise<unknown>} sendMessagePromise
 * @property {Subscribe} subscribeMessage
 * @property {(force: boolean) => void} [reconnect]
 *
 * What Home Assistant sends of the next session (dashboard/next_feed.py):
 * @typedef {{ value: number, min: number, max: number, step: number }} Target
 * @typedef {{ type: "meter", meters: number, kcal: number | null, speed: number | null, incline: number | null,
 *   pulse: number | null, point: WalkedPoint | null }} Meter of the session under way
 * @typedef {{ type: "walked", points: WalkedPoint[] }} Walked what was measured before
 * @typedef {{ id: string, name: string, picture: string | null, streak: number }} Choosable a walker
 * @typedef {{ option: string, minutes: number | null, speed: number | null }} Program
 * @typedef {{ minutes: Target, speed: Target | null }} Free what a session without a program may be
 * @typedef {{ day: string | null, today: string, reason: string, comfortable: number, unrated: string | null }} Plan the day, why it is as it is, and the session that is to be rated
 * @typedef {{ walker: string | null, direction: string, program: string }} Chosen walker: the id, null is a guest
 * @typedef {{ walkers: Choosable[], programs: Program[], free: Free, plan: Plan | null }} Offered
 * @typedef {{ steps: Step[], meters: number, kcal: number, cuts: string[], refusal: Refusal | null }} Outlook
 * @typedef {{ type: "next" } & Chosen & Offered & Outlook} NextSession
 */
/** @import { Step, WalkedPoint } from "./curve.js" */

const BEAT_INTERVAL = 1000; // ms
const BEAT_TIMEOUT = 2000; // ms
const STOP_TIMEOUT = 1500; // ms; a Stop that failed has to show within two seconds
const STOP_KEPT = 60000; // ms in which a Stop that nobody confirmed is sent again
const PRESS_TIMEOUT = 15000; // ms; Home Assistant may have to find the treadmill first
const MISSED_BEATS = 3; // until the connection is made anew
const SUBSCRIBE_RETRY = 5000; // ms
const CONNECTION_LOST = 3; // the error code of the front end's library

/** There is no connection, or no answer. */
export class ConnectionLostError extends Error {
  sent = false; // whether the message may have arrived all the same
}

/** @type {Map<string, number>} when a Stop without an answer was pressed, by treadmill: ms of performance.now() */
const unconfirmedStops = new Map();

/**
 * Wait for a promise, but not for long.
 * @template T
 * @param {Promise<T>} work
 * @param {number} milliseconds
 */
const withTimeout = (work, milliseconds) => {
  /** @type {number} */
  let timer;
  /** @type {Promise<never>} */
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionLostError("no answer")), milliseconds);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
};

/**
 * Send a message and return the answer. Without a connection the front end's library would keep the message for later.
 * @param {Connection | undefined} connection
 * @param {object} message
 */
const call = async (connection, message) => {
  if (!connection?.connected) throw new ConnectionLostError("not connected");
  try {
    return await connection.sendMessagePromise(message);
  } catch (error) {
    const code = /** @type {{ error?: { code?: unknown } } | undefined} */ (error)?.error?.code;
    const lost = error === CONNECTION_LOST || code === CONNECTION_LOST;
    throw lost ? new ConnectionLostError("connection lost") : error;
  }
};

export class Backend {
  static #lastAvailable = true;
  available = Backend.#lastAvailable; // so that a new card does not report the same loss again
  /** @type {Connection | undefined} */
  #connection;
  #device = "";
  #language = "";
  #onAvailabilityChange;
  #onMessage;
  #clockOffset = 0; // ms that the browser's clock is behind Home Assistant's
  #missedBeats = 0;
  /** @type {number | undefined} */
  #beatTimer;
  /** @type {number | undefined} */
  #subscribeTimer;
  /** @type {(() => void) | undefined} */
  #unsubscribeFeed;
  #subscription = 0; // counts them, to recognize callbacks of an old one

  /**
   * @param {() => void} onAvailabilityChange
   * @param {(message: Message) => void} onMessage
   */
  constructor(onAvailabilityChange, onMessage) {
    this.#onAvailabilityChange = onAvailabilityChange;
    this.#onMessage = onMessage;
  }

  /**
   * Follow the session of a treadmill, unless it is followed already.
   * @param {{ connection: Connection, language: string }} hass
   * @param {string} device
   */
  follow(hass, device) {
    const same = this.#connection === hass.connection && this.#device === device && this.#language === hass.language;
    if (same) return;
    this.close();
    this.#connection = hass.connection;
    this.#device = device;
    this.#language = hass.language;
    this.#connection.addEventListener("disconnected", this.#onDisconnected);
    this.#connection.addEventListener("ready", this.#onReady);
    document.addEventListener("visibilitychange", this.#beat);
    this.#subscribe();
    this.#beat();
  }

  /** Follow nothing any more. */
  close() {
    clearTimeout(this.#beatTimer);
    this.#unsubscribe();
    this.#connection?.removeEventListener("disconnected", this.#onDisconnected);
    this.#connection?.removeEventListener("ready", this.#onReady);
    document.removeEventListener("visibilitychange", this.#beat);
    this.#connection = undefined;
  }

  /** Return the time by Home Assistant's clock: milliseconds since 1970. */
  now() {
    return Date.now() + this.#clockOffset;
  }

  /**
   * Send a press. Throw Home Assistant's refusal or ConnectionLostError, for a Stop within two seconds. After that
   * nothing is sent any more, except a Stop: it is sent first when Home Assistant answers again.
   * @param {Press | Adjustment | "choose"} press
   * @param {{ choice?: Choice, value?: string | number, pressedAt?: number, message?: object }} [options] what is chosen;
   *   when: ms of performance.now(); another command that is a press
   */
  async press(press, { pressedAt = performance.now(), message, ...choosing } = {}) {
    // A press goes on if the card is replaced meanwhile.
    const [connection, device] = [this.#connection, this.#device];
    const isStop = press === "stop";
    let gaveUp = false;
    let sent = false;
    const send = (/** @type {number | undefined} */ beat) => {
      if (gaveUp) throw new ConnectionLostError("too late");
      sent = Boolean(connection?.connected);
      const command = message ?? { type: "retrowalk/press", device_id: device, press, ...choosing };
      return call(connection, { ...command, ...(beat && { beat }) });
    };
    const work = async () => send(isStop ? undefined : await this.#fetchBeat(connection));
    try {
      if (isStop) unconfirmedStops.delete(device);
      return await withTimeout(work(), isStop ? STOP_TIMEOUT : PRESS_TIMEOUT);
    } catch (error) {
      gaveUp = true;
      if (error instanceof ConnectionLostError) {
        error.sent = sent;
        if (isStop) unconfirmedStops.set(device, pressedAt); // also if it was sent, because it may not have arrived
        this.#beat();
      }
      throw error;
    }
  }

  /** Send a Stop without an answer again, unless it is so old that it was meant for another session. */
  #resendStop() {
    const pressedAt = unconfirmedStops.get(this.#device);
    unconfirmedStops.delete(this.#device);
    if (pressedAt === undefined || performance.now() - pressedAt >= STOP_KEPT) return;
    this.press("stop", { pressedAt }).catch(() => {});
  }

  /**
   * Return a new beat, and set the clock by it.
   * @param {Connection | undefined} connection
   */
  async #fetchBeat(connection) {
    const asked = Date.now();
    const answer = await withTimeout(call(connection, { type: "retrowalk/beat" }), BEAT_TIMEOUT);
    const { beat, time } = /** @type {{ beat: number, time: number }} */ (answer);
    this.#clockOffset = time * 1000 - (asked + Date.now()) / 2;
    return beat;
  }

  #onDisconnected = () => this.#setAvailable(false);

  #onReady = () => {
    this.#unsubscribe();
    this.#subscribe();
    this.#beat();
  };

  /** @param {boolean} available */
  #setAvailable(available) {
    if (available === this.available) return;
    Backend.#lastAvailable = available;
    this.available = available;
    this.#onAvailabilityChange();
  }

  /** Ask for a beat, now and every second while the page is visible. */
  #beat = async () => {
    clearTimeout(this.#beatTimer);
    const connection = this.#connection;
    if (!connection || document.hidden) return;
    try {
      await this.#fetchBeat(connection);
      this.#missedBeats = 0;
      if (connection !== this.#connection) return;
      this.#resendStop();
      this.#setAvailable(true);
    } catch (error) {
      if (connection !== this.#connection) return;
      this.#setAvailable(false);
      // An error is an answer, too: Home Assistant runs, but Retrowalk does not, or not yet.
      this.#missedBeats = error instanceof ConnectionLostError ? this.#missedBeats + 1 : 0;
      if (this.#missedBeats && this.#missedBeats % MISSED_BEATS === 0 && connection.connected) {
        connection.reconnect?.(true);
      }
    }
    clearTimeout(this.#beatTimer);
    this.#beatTimer = setTimeout(this.#beat, BEAT_INTERVAL);
  };

  async #subscribe() {
    const subscription = this.#subscription;
    const isCurrent = () => subscription === this.#subscription;
    const retry = () => {
      if (isCurrent()) this.#subscribe();
    };
    const onMessage = (/** @type {Message} */ message) => {
      if (isCurrent()) this.#onMessage(message);
    };
    const request = { type: "retrowalk/session", device_id: this.#device, language: this.#language };
    try {
      // The front end's library would subscribe again by itself, but it gives up after the first error.
      const unsubscribe = await this.#connection?.subscribeMessage(onMessage, request, { resubscribe: false });
      const unsubscribeQuietly = () => unsubscribe?.().catch(() => {});
      if (isCurrent()) this.#unsubscribeFeed = unsubscribeQuietly;
      else unsubscribeQuietly();
    } catch {
      if (isCurrent()) this.#subscribeTimer = setTimeout(retry, SUBSCRIBE_RETRY);
    }
  }

  #unsubscribe() {
    clearTimeout(this.#subscribeTimer);
    this.#subscription += 1;
    this.#unsubscribeFeed?.();
    this.#unsubscribeFeed = undefined;
  }
}
