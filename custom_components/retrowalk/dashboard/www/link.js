// @ts-check
/**
 * The line to Home Assistant: whether it is alive, what is told of the session, and presses.
 *
 * A connection may hang without anybody saying so, and deliver what was sent into it minutes later. So it has to
 * answer every second, and a press carries the newest answer: an old one is not taken. Stop waits for no answer, and is
 * taken however late it comes (S3).
 *
 * What Home Assistant sends (dashboard/feed.py):
 *
 * @typedef {{ date: string, minutes: number, reached: boolean, planned: boolean }} Day
 * @typedef {{ walker: string, goal: number, today: string, days: Day[], streak: number }} Week
 * @typedef {object} Session
 * @property {"session"} type
 * @property {string} [language] of what is said
 * @property {string} state
 * @property {string | null} program
 * @property {number} length seconds
 * @property {Step[]} steps
 * @property {boolean} moving
 * @property {number} moving_time seconds of the walk
 * @property {number} at when that was so: seconds since 1970
 * @property {boolean} control false: only monitored
 * @property {boolean} held
 * @property {boolean} coasting
 * @property {string[]} checklist
 * @property {string | null} walker
 * @property {boolean} nobody
 * @property {Week | null} week
 *
 * @typedef {{ text: string, cuts: boolean, lasts: number }} Phrase lasts: seconds
 * @typedef {{ type: "event", language?: string, event: string, say: Phrase[] }} SessionEvent
 * @typedef {"start" | "confirm" | "resume" | "pause" | "finish" | "stop"} Press
 *
 * What a press is refused with, and the front end's connection:
 *
 * @typedef {object} Refusal
 * @property {string} [message]
 * @property {string} [translation_domain]
 * @property {string} [translation_key]
 * @property {Record<string, unknown>} [translation_placeholders]
 *
 * @typedef {object} Connection
 * @property {boolean} connected
 * @property {(event: string, listener: () => void) => void} addEventListener
 * @property {(event: string, listener: () => void) => void} removeEventListener
 * @property {(message: object) => Promise<unknown>} sendMessagePromise
 * @property {(told: (message: any) => void, message: object, options: object) => Promise<() => Promise<void>>} subscribeMessage
 * @property {(force: boolean) => void} [reconnect]
 */
/** @import { Step } from "./curve.js" */

const EVERY = 1000; // ms between two questions
const PATIENCE = 2000; // ms for an answer
const STOP_PATIENCE = 1500; // ms; people hear within two seconds that a stop did not get through
const STOP_KEPT = 60000; // ms for which a stop that nobody answered is kept
const ACTS_WITHIN = 15000; // ms; a treadmill may have to be found first
const HANGS_AFTER = 3; // answers that stay away until a new connection is tried
const AGAIN = 5000; // ms until the next try to be told of the session

/** The line is down; `sent` tells whether something may have got through all the same. */
export class LostError extends Error {
  sent = false;
}
const CONNECTION_LOST = 3; // the front end's library rejects with this

/** @type {Map<string, number>} when a Stop of a treadmill was pressed that nobody answered: ms of the page's clock */
const owed = new Map();

/**
 * @template T
 * @param {Promise<T>} work
 * @param {number} milliseconds
 */
const within = (work, milliseconds) => {
  /** @type {number} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new LostError("no answer")), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

// Without a connection Home Assistant's own library may keep messages and send them when it is back.
/**
 * @param {Connection | undefined} connection
 * @param {object} message
 */
const call = async (connection, message) => {
  if (!connection?.connected) throw new LostError("not connected");
  try {
    return await connection.sendMessagePromise(message);
  } catch (error) {
    const code = /** @type {{ error?: { code?: unknown } } | undefined} */ (error)?.error?.code;
    const lost = error === CONNECTION_LOST || code === CONNECTION_LOST;
    throw lost ? new LostError("connection lost") : error;
  }
};

export class Link {
  static #last = true;
  alive = Link.#last; // a new card is no reason to hear of the same loss again
  /** @type {Connection | undefined} */
  #connection;
  #device = "";
  #language = "";
  #changed;
  #told;
  #offset = 0; // ms by which this computer's clock is behind Home Assistant's
  #missed = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #again;
  /** @type {(() => void) | undefined} */
  #leave;
  #turn = 0; // of the present subscription

  /**
   * @param {() => void} changed alive or not
   * @param {(message: Session | SessionEvent) => void} told something about the session
   */
  constructor(changed, told) {
    this.#changed = changed;
    this.#told = told;
  }

  /**
   * Watch a treadmill over a connection; may be called as often as one likes.
   * @param {{ connection: Connection, language: string }} hass
   * @param {string} device
   */
  watch(hass, device) {
    const same = this.#connection === hass.connection && this.#device === device && this.#language === hass.language;
    if (same) return;
    this.close();
    this.#connection = hass.connection;
    this.#device = device;
    this.#language = hass.language;
    this.#connection.addEventListener("disconnected", this.#lost);
    this.#connection.addEventListener("ready", this.#back);
    document.addEventListener("visibilitychange", this.#ask);
    this.#subscribe();
    this.#ask();
  }

  close() {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#connection?.removeEventListener("disconnected", this.#lost);
    this.#connection?.removeEventListener("ready", this.#back);
    document.removeEventListener("visibilitychange", this.#ask);
    this.#connection = undefined;
  }

  /** Milliseconds since 1970, by Home Assistant's clock. */
  now() {
    return Date.now() + this.#offset;
  }

  /**
   * Do what was pressed. Rejects with what Home Assistant says, or LostError: within two seconds for a stop.
   * Once that has happened nothing is sent any more, except a stop: it goes first when the line is back.
   * @param {Press} press
   * @param {number} since ms of the page's clock
   */
  async press(press, since = performance.now()) {
    // The card may be replaced meanwhile; what was pressed on it goes on.
    const [connection, device] = [this.#connection, this.#device];
    const stop = press === "stop";
    let given_up = false;
    let sent = false;
    const send = (/** @type {number | undefined} */ beat) => {
      if (given_up) throw new LostError("too late");
      sent = Boolean(connection?.connected);
      return call(connection, { type: "retrowalk/press", device_id: device, press, ...(beat && { beat }) });
    };
    const work = async () => send(stop ? undefined : await this.#fresh(connection));
    try {
      if (stop) owed.delete(device);
      return await within(work(), stop ? STOP_PATIENCE : ACTS_WITHIN);
    } catch (error) {
      given_up = true;
      if (error instanceof LostError) {
        error.sent = sent;
        if (stop) owed.set(device, since); // also one that was sent: nobody knows what became of it
        this.#ask();
      }
      throw error;
    }
  }

  /** Send the stop again that nobody answered; one of a minute ago was for another walk. */
  #settle() {
    const since = owed.get(this.#device);
    owed.delete(this.#device);
    if (since !== undefined && performance.now() - since < STOP_KEPT) this.press("stop", since).catch(() => {});
  }

  /**
   * The newest answer.
   * @param {Connection | undefined} connection
   */
  async #fresh(connection) {
    const asked = Date.now();
    const answer = await within(call(connection, { type: "retrowalk/beat" }), PATIENCE);
    const found = /** @type {{ beat: number, time: number }} */ (answer);
    this.#offset = found.time * 1000 - (asked + Date.now()) / 2;
    return found.beat;
  }

  #lost = () => this.#is(false);

  #back = () => {
    this.#unsubscribe();
    this.#subscribe();
    this.#ask();
  };

  /** @param {boolean} alive */
  #is(alive) {
    if (alive === this.alive) return;
    Link.#last = alive;
    this.alive = alive;
    this.#changed();
  }

  #ask = async () => {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    if (!connection || document.hidden) return;
    try {
      await this.#fresh(connection);
      this.#missed = 0;
      if (connection !== this.#connection) return;
      this.#settle();
      this.#is(true);
    } catch (error) {
      if (connection !== this.#connection) return;
      this.#is(false);
      // An error is an answer too: Home Assistant is there, and we in it are not, or not yet.
      this.#missed = error instanceof LostError ? this.#missed + 1 : 0;
      if (this.#missed && this.#missed % HANGS_AFTER === 0 && connection.connected) connection.reconnect?.(true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ask, EVERY);
  };

  async #subscribe() {
    const turn = this.#turn;
    const again = () => {
      if (turn === this.#turn) this.#subscribe();
    };
    const message = { type: "retrowalk/session", device_id: this.#device, language: this.#language };
    const told = (/** @type {Session | SessionEvent} */ news) => {
      if (turn === this.#turn) this.#told(news);
    };
    try {
      // The library would subscribe anew by itself, but it gives up where that fails.
      const leave = await this.#connection?.subscribeMessage(told, message, { resubscribe: false });
      const leaveQuietly = () => leave?.().catch(() => {});
      if (turn === this.#turn) this.#leave = leaveQuietly;
      else leaveQuietly();
    } catch {
      if (turn === this.#turn) this.#again = setTimeout(again, AGAIN);
    }
  }

  #unsubscribe() {
    clearTimeout(this.#again);
    this.#turn += 1;
    this.#leave?.();
    this.#leave = undefined;
  }
}
