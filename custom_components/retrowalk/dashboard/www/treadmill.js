// @ts-check
/** What a card knows of its treadmill: its entities, what the house told of the session, and what follows from both. */
/** @import * as Curve from "./curve.js" */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import { Link, Session } from "./link.js" */

/** @typedef {{ length: number | undefined, left: number | undefined, over: number }} Times */

const PREPARING = ["ready", "countdown"];
const OVER = ["idle", "finished"];
const STEERED = ["starting", "warm_up", "active", "cool_down"];

/**
 * @param {string[]} states
 * @param {string | undefined} state
 */
const isOneOf = (states, state) => state !== undefined && states.includes(state);

export class Treadmill {
  /** @type {string | undefined} */
  device;
  /** @type {Record<string, string>} entity ids by translation key */
  ids = {};
  /** @type {Partial<Session>} what the house told last */
  session = {};
  #link;
  #curve;
  #entities;

  /**
   * @param {Hass} hass
   * @param {Link} link
   * @param {{ curve: typeof Curve, entities: typeof Entities }} modules
   */
  constructor(hass, link, { curve, entities }) {
    this.hass = hass;
    this.#link = link;
    this.#curve = curve;
    this.#entities = entities;
  }

  /**
   * Find the entities of a device; returns whether it is another device than before.
   * @param {string | undefined} device
   */
  resolve(device) {
    const another = device !== this.device;
    if (another) this.session = {};
    this.device = device;
    this.ids = device ? this.#entities.own(this.hass, device) : {};
    return another;
  }

  get exists() {
    return Boolean(this.device && this.hass.devices[this.device]);
  }

  /**
   * An entity with its attributes, if it is there.
   * @param {string} key
   */
  entity(key) {
    const id = this.ids[key];
    return id === undefined ? undefined : this.hass.states[id];
  }

  /**
   * The state of an entity, if it is known.
   * @param {string} key
   */
  state(key) {
    const state = this.entity(key)?.state;
    return state === "unavailable" || state === "unknown" ? undefined : state;
  }

  get alive() {
    return this.#link.alive && this.hass.connected !== false;
  }

  /** The session's state, or undefined where nobody knows it. */
  get phase() {
    // Somebody may have disabled the sensor; Stop works all the same.
    if (this.ids.session_state) return this.state("session_state");
    return this.alive ? this.session.state : undefined;
  }

  /** Whether no session is under way. */
  get sessionOver() {
    return isOneOf(OVER, this.phase);
  }

  /** Whether no session was under way when it was told last. */
  get sessionWasOver() {
    return isOneOf(OVER, this.ids.session_state ? this.entity("session_state")?.state : this.session.state);
  }

  get preparing() {
    return isOneOf(PREPARING, this.phase);
  }

  get steered() {
    return isOneOf(STEERED, this.phase);
  }

  /** Whether the link was lost for a moment, and nothing rises until somebody says so. */
  get held() {
    return Boolean(this.session.held) && this.steered;
  }

  get monitored() {
    return this.session.control === false;
  }

  get locked() {
    return this.state("control_lock") === "on";
  }

  get steps() {
    return this.session.steps ?? [];
  }

  /**
   * Seconds: how long the walk is, how much is left of it and how much is over; undefined where nobody knows.
   * @returns {Times}
   */
  get times() {
    const phase = this.phase;
    const { moving, moving_time: walked = 0, at = 0 } = this.session;
    const now = this.#link.now() / 1000;
    const ends = Date.parse(this.state("session_ends") ?? "") / 1000;
    const length = this.#curve.length(this.steps) || this.session.length;
    if (this.sessionOver || (this.preparing && !walked)) return { length, left: length, over: 0 };
    const known = length ?? Number.NaN;
    if (ends) {
      const left = Math.max(ends - now, 0);
      return { length, left, over: Math.max(known - left, 0) };
    }
    const over = walked + (moving ? Math.max(now - at, 0) : 0);
    const planned = phase === "paused" || this.preparing || phase === "starting";
    return { length, left: planned ? Math.max(known - over, 0) : undefined, over };
  }
}
