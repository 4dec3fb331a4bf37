/** What a card knows of its treadmill: its entities, what the house told of the session, and what follows from both. */
const PREPARING = ["ready", "countdown"];
const OVER = ["idle", "finished"];
const STEERED = ["starting", "warm_up", "active", "cool_down"];

export class Treadmill {
  hass;
  device;
  ids = {};
  session = {}; // what the house told last
  #link;
  #curve;
  #entities;

  constructor(link, { curve, entities }) {
    this.#link = link;
    this.#curve = curve;
    this.#entities = entities;
  }

  /** Find the entities of a device; returns whether it is another device than before. */
  resolve(device) {
    const another = device !== this.device;
    if (another) this.session = {};
    this.device = device;
    this.ids = device ? this.#entities.own(this.hass, device) : {};
    return another;
  }

  get exists() {
    return Boolean(this.hass.devices[this.device]);
  }

  entity(key) {
    return this.hass.states[this.ids[key]];
  }

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
    return this.ids.session_state ? this.state("session_state") : this.alive ? this.session.state : undefined;
  }

  /** Whether no session is under way. */
  get sessionOver() {
    return OVER.includes(this.phase);
  }

  /** Whether no session was under way when it was told last. */
  get sessionWasOver() {
    return OVER.includes(this.ids.session_state ? this.entity("session_state")?.state : this.session.state);
  }

  get preparing() {
    return PREPARING.includes(this.phase);
  }

  get steered() {
    return STEERED.includes(this.phase);
  }

  /** Whether the link was lost for a moment, and nothing rises until somebody says so. */
  get held() {
    return this.session.held && this.steered;
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

  /** Seconds: how long the walk is, how much is left of it and how much is over; undefined where nobody knows. */
  get times() {
    const phase = this.phase;
    const { moving, moving_time: walked = 0, at = 0 } = this.session;
    const now = this.#link.now() / 1000;
    const ends = Date.parse(this.state("session_ends")) / 1000;
    const length = this.#curve.length(this.steps) || this.session.length;
    if (this.sessionOver || (this.preparing && !walked)) return { length, left: length, over: 0 };
    if (ends) {
      const left = Math.max(ends - now, 0);
      return { length, left, over: Math.max(length - left, 0) };
    }
    const over = walked + (moving ? Math.max(now - at, 0) : 0);
    const planned = phase === "paused" || this.preparing || phase === "starting";
    return { length, left: planned ? Math.max(length - over, 0) : undefined, over };
  }
}
