/**
 * The line to Home Assistant: whether it is alive, what is told of the session, and presses.
 *
 * A connection may hang without anybody saying so, and deliver what was sent into it minutes later. So it has to
 * answer every second, and a press carries the newest answer: an old one is not taken.
 */
const EVERY = 1000; // ms between two questions
const PATIENCE = 2000; // ms for an answer
const STOP_PATIENCE = 1500; // ms; people hear within two seconds that a stop did not get through
const STOP_FRESH = 1500; // ms for which a stop may use the last answer: it waits for nothing
const ACTS_WITHIN = 15000; // ms; a treadmill may have to be found first
const HANGS_AFTER = 3; // answers that stay away until a new connection is tried
const AGAIN = 5000; // ms until the next try to be told of the session

export class LostError extends Error {}

const within = (work, milliseconds) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new LostError("no answer")), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

export class Link {
  alive = true;
  #connection;
  #device;
  #language;
  #changed;
  #told;
  #beat; // the newest answer, and when it came
  #offset = 0; // ms by which this computer's clock is behind Home Assistant's
  #missed = 0;
  #timer;
  #again;
  #leave;
  #turn = 0; // of the present subscription

  /** `changed()`: alive or not; `told(message)`: something about the session. */
  constructor(changed, told) {
    this.#changed = changed;
    this.#told = told;
  }

  /** Watch a treadmill over a connection; may be called as often as one likes. */
  watch(hass, device) {
    const same = this.#connection === hass.connection && this.#device === device && this.#language === hass.language;
    if (same) return;
    this.close();
    this.#connection = hass.connection;
    this.#device = device;
    this.#language = hass.language;
    this.#connection.addEventListener("disconnected", this.#lost);
    this.#connection.addEventListener("ready", this.#ask);
    document.addEventListener("visibilitychange", this.#ask);
    this.#subscribe();
    this.#ask();
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#turn += 1;
    this.#leave?.();
    this.#leave = undefined;
    this.#connection?.removeEventListener("disconnected", this.#lost);
    this.#connection?.removeEventListener("ready", this.#ask);
    document.removeEventListener("visibilitychange", this.#ask);
    this.#connection = undefined;
  }

  /** Milliseconds since 1970, by Home Assistant's clock. */
  now() {
    return Date.now() + this.#offset;
  }

  /**
   * Do what was pressed. Rejects with what Home Assistant says, or LostError: within two seconds for a stop.
   * Once that has happened nothing is sent any more.
   */
  async press(press) {
    const stop = press === "stop";
    let given_up = false;
    const send = (beat) => {
      if (given_up) throw new LostError("too late");
      return this.#call({ type: "retrowalk/press", device_id: this.#device, press, beat });
    };
    const work = async () => {
      const fresh = stop && this.#beat && performance.now() - this.#beat.came < STOP_FRESH;
      try {
        return await send(fresh ? this.#beat.beat : await this.#fresh());
      } catch (error) {
        // A computer that slept may take an old answer for a new one.
        if (!stop || error?.code !== "too_late") throw error;
        return send(await this.#fresh());
      }
    };
    try {
      return await within(work(), stop ? STOP_PATIENCE : ACTS_WITHIN);
    } catch (error) {
      given_up = true;
      if (error instanceof LostError) this.#ask();
      throw error;
    }
  }

  // Without a connection Home Assistant's own library may keep messages and send them when it is back.
  async #call(message) {
    if (!this.#connection?.connected) throw new LostError("not connected");
    try {
      return await this.#connection.sendMessagePromise(message);
    } catch (error) {
      throw typeof error === "number" ? new LostError(`connection: ${error}`) : error;
    }
  }

  async #fresh() {
    const asked = Date.now();
    const found = await within(this.#call({ type: "retrowalk/beat" }), PATIENCE);
    this.#offset = found.time * 1000 - (asked + Date.now()) / 2;
    this.#beat = { beat: found.beat, came: performance.now() };
    return found.beat;
  }

  #lost = () => this.#is(false);

  #is(alive) {
    if (alive !== this.alive) {
      this.alive = alive;
      this.#changed();
    }
  }

  #ask = async () => {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    if (!connection || document.hidden) return;
    try {
      await this.#fresh();
      this.#missed = 0;
      if (connection === this.#connection) this.#is(true);
    } catch {
      if (connection !== this.#connection) return;
      this.#is(false);
      this.#missed += 1;
      if (this.#missed % HANGS_AFTER === 0 && connection.connected) connection.reconnect?.(true);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ask, EVERY);
  };

  async #subscribe() {
    const turn = this.#turn;
    const message = { type: "retrowalk/session", device_id: this.#device, language: this.#language };
    try {
      // After a lost connection the library subscribes anew by itself.
      const leave = await this.#connection.subscribeMessage((told) => turn === this.#turn && this.#told(told), message);
      const leaveQuietly = () => leave().catch(() => {});
      if (turn === this.#turn) this.#leave = leaveQuietly;
      else leaveQuietly();
    } catch {
      if (turn === this.#turn) this.#again = setTimeout(() => turn === this.#turn && this.#subscribe(), AGAIN);
    }
  }
}
