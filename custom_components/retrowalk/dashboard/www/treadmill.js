// @ts-check
/** The state of a card's treadmill, from its entities and from the session feed. */
/** @import * as Curve from "./curve.js" */
/** @import * as Entities from "./entities.js" */
/** @import { Step, WalkedPoint } from "./curve.js" */
/** @import { Hass } from "./entities.js" */
/** @import { Backend, Meter, NextSession, Result, Session } from "./backend.js" */

/** @typedef {{ length: number | undefined, remaining: number | undefined, elapsed: number }} Times in seconds */

/** @typedef {(string | undefined)[]} States */

/** @type {States} */
const PREPARING = ["ready", "countdown"];
/** @type {States} */
const OVER = ["idle", "finished"];
/** @type {States} */
const STEERED = ["starting", "warm_up", "active", "cool_down"];

/** @type {Step[]} */
const NONE = [];

export class Treadmill {
  device = ""; // none
  /** @type {Record<string, string>} entity ids by translation key */
  ids = {};
  /** @type {Partial<Session>} the last message of the feed */
  session = {};
  /** @type {Result | undefined} of the last session, until somebody is done with it */
  result;
  /** @type {NextSession | undefined} the next session, if the feed has told */
  next;
  /** @type {Meter | undefined} what is measured of the session under way */
  meter;
  /** @type {WalkedPoint[]} what was measured of it */
  walked = [];
  /** What was walked with what is planned, and of what it was made. */
  #joined = { of: NONE, count: 0, steps: NONE };
  #backend;
  #curve;
  #entities;

  /**
   * @param {Hass} hass
   * @param {Backend} backend
   * @param {{ curve: typeof Curve, entities: typeof Entities }} modules
   */
  constructor(hass, backend, { curve, entities }) {
    this.hass = hass;
    this.#backend = backend;
    this.#curve = curve;
    this.#entities = entities;
  }

  /**
   * Find the entities of a device; return whether the device has changed.
   * @param {string} device
   */
  setDevice(device) {
    const changed = device !== this.device;
    if (changed) Object.assign(this, { session: {}, result: undefined, next: undefined, meter: undefined, walked: [] });
    this.device = device;
    this.ids = this.#entities.entityIds(this.hass, device);
    return changed;
  }

  get exists() {
    return Boolean(this.hass.devices[this.device]);
  }

  /**
   * Return the state of an entity with its attributes, if there is one.
   * @param {string} key
   */
  entity(key) {
    const id = this.ids[key];
    return id === undefined ? undefined : this.hass.states[id];
  }

  /**
   * Return the state of an entity, if it is known.
   * @param {string} key
   */
  state(key) {
    const state = this.entity(key)?.state;
    return state === "unavailable" || state === "unknown" ? undefined : state;
  }

  /** Whether Home Assistant answers, so that what is known here is up to date. */
  get live() {
    return this.#backend.available && this.hass.connected !== false;
  }

  /** The session's state, if it is known; a session that somebody is done with is not told of any more. */
  get sessionState() {
    const feed = this.live ? this.session.state : undefined;
    // The sensor may be disabled; then the feed knows.
    const state = this.ids.session_state ? this.state("session_state") : feed;
    return state === "finished" && !this.result ? "idle" : state;
  }

  /** Whether there is no session. */
  get sessionOver() {
    return OVER.includes(this.sessionState);
  }

  /** Whether there was no session according to the last known state. */
  get sessionWasOver() {
    return OVER.includes(this.ids.session_state ? this.entity("session_state")?.state : this.session.state);
  }

  /** Whether anything may move, as far as anybody knows; then Stop is loud (S3). */
  get mayMove() {
    const moves = this.session.coasting || this.state("belt_moving") === "on";
    return !this.sessionOver || !this.live || moves || Boolean(this.session.moving);
  }

  get preparing() {
    return PREPARING.includes(this.sessionState);
  }

  get steered() {
    return STEERED.includes(this.sessionState);
  }

  /** Whether nothing rises until somebody resumes, because the link was lost for a moment. */
  get awaitingResume() {
    return Boolean(this.session.held) && this.steered;
  }

  get monitorOnly() {
    return this.session.control === false;
  }

  /** Whether somebody walks at the console and nobody ever steered: a walk like any other. */
  get walksAtConsole() {
    return this.sessionState === "manual" && this.session.steered === false;
  }

  /** Whether there is no link to the treadmill, as far as that is known. */
  get unlinked() {
    const connection = this.state("connection");
    return connection !== undefined && connection !== "connected";
  }

  get locked() {
    return this.state("control_lock") === "on";
  }

  /** The steps of the session, or else of the next one. */
  get steps() {
    if (this.sessionOver) return this.next?.steps ?? NONE;
    const { walked, session: { steps = NONE } } = this;
    if (this.preparing) return steps;
    const { of, count } = this.#joined;
    if (of !== steps || count !== walked.length) {
      this.#joined = { of: steps, count: walked.length, steps: this.#curve.joined(walked, steps) };
    }
    return this.#joined.steps;
  }

  /**
   * The length of the session and how much of it remains and has elapsed; undefined if it is not known.
   * @returns {Times}
   */
  get times() {
    const { sessionState } = this;
    const { moving, moving_time: movingTime = 0, at = 0 } = this.session;
    const now = this.#backend.now() / 1000;
    const endsAt = Date.parse(this.state("session_ends") ?? "") / 1000;
    const length = this.#curve.duration(this.steps) || this.session.length;
    if (this.sessionOver || (this.preparing && !movingTime)) return { length, remaining: length, elapsed: 0 };
    const known = length ?? Number.NaN;
    if (endsAt) {
      const remaining = Math.max(endsAt - now, 0);
      return { length, remaining, elapsed: Math.max(known - remaining, 0) };
    }
    const elapsed = movingTime + (moving ? Math.max(now - at, 0) : 0);
    const planned = sessionState === "paused" || this.preparing || sessionState === "starting";
    return { length, remaining: planned ? Math.max(known - elapsed, 0) : undefined, elapsed };
  }
}
