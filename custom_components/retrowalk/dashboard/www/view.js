// @ts-check
/** What is in the card: its parts, what they share, and when they are brought up to date. */
/** @import * as Alert from "./alert.js" */
/** @import * as Buttons from "./buttons.js" */
/** @import * as Cards from "./cards.js" */
/** @import * as Curve from "./curve.js" */
/** @import * as Entities from "./entities.js" */
/** @import * as Format from "./format.js" */
/** @import * as Guidance from "./guidance.js" */
/** @import * as Header from "./header.js" */
/** @import * as Layout from "./layout.js" */
/** @import * as Link from "./link.js" */
/** @import * as Program from "./program.js" */
/** @import * as Stop from "./stop.js" */
/** @import * as Style from "./style.js" */
/** @import * as Texts from "./texts.js" */
/** @import * as Timer from "./timer.js" */
/** @import * as Treadmill from "./treadmill.js" */
/** @import * as Values from "./values.js" */
/** @import * as Voice from "./voice.js" */
/** @import * as WakeLock from "./wake_lock.js" */
/** @import * as Week from "./week.js" */
/** @import { Hass } from "./entities.js" */
/** @import { Session, SessionEvent } from "./link.js" */

/**
 * What this module needs of the others.
 * @typedef {object} Modules
 * @property {typeof Alert} alert
 * @property {typeof Buttons} buttons
 * @property {typeof Cards} cards
 * @property {typeof Curve} curve
 * @property {typeof Entities} entities
 * @property {typeof Format} format
 * @property {typeof Guidance} guidance
 * @property {typeof Header} header
 * @property {typeof Layout} layout
 * @property {typeof Link} link
 * @property {typeof Program} program
 * @property {typeof Stop} stop
 * @property {typeof Style} style
 * @property {typeof Texts} texts
 * @property {typeof Timer} timer
 * @property {typeof Treadmill} treadmill
 * @property {typeof Values} values
 * @property {typeof Voice} voice
 * @property {typeof WakeLock} wake_lock
 * @property {typeof Week} week
 */
/** @typedef {{ type?: string, device_id?: string }} Config of a card: without a device the first treadmill is shown */

/** What happened that everybody has to see, wherever it was caused. */
const WARNINGS = [
  "start_failed",
  "stop_failed",
  "safety_key",
  "guard",
  "nobody_on_belt",
  "not_obeyed",
  "rise_refused",
  "interrupted",
];
const GOES_ON = ["started", "stopped", "finished", "link_back", "resumed"]; // what was said before holds no more
const STOPPED = ["stopped", "finished"];

export class View {
  #host;
  #config;
  #modules;
  #voice;
  #link;
  #treadmill;
  #alert;
  #timer;
  #wakeLock;
  /** @type {{ update(): unknown }[]} in the order in which they are brought up to date */
  #parts;
  /** @type {(() => void) | undefined} of the other cards */
  #leave;

  /**
   * @param {HTMLElement} host the card
   * @param {Config} config
   * @param {Hass} hass
   * @param {Modules} modules
   */
  constructor(host, config, hass, modules) {
    this.#host = host;
    this.#config = config;
    this.#modules = modules;
    this.#voice = modules.voice.voice;
    this.#link = new modules.link.Link(this.#aliveChanged, this.#told);
    this.#treadmill = new modules.treadmill.Treadmill(hass, this.#link, modules);
    const shared = {
      LostError: modules.link.LostError,
      layout: new modules.layout.Layout(host.attachShadow({ mode: "open" }), modules.style.css),
      treadmill: this.#treadmill,
      link: this.#link,
      cards: modules.cards,
      curve: modules.curve,
      entities: modules.entities,
      format: modules.format,
      texts: modules.texts,
      voice: this.#voice,
      speaks: this.#speaks,
      update: this.#update,
    };
    const program = modules.program.makeProgram(shared);
    this.#alert = modules.alert.makeAlert(shared);
    this.#timer = modules.timer.makeTimer({ ...shared, program });
    this.#wakeLock = modules.wake_lock.makeWakeLock(shared);
    this.#parts = [
      modules.header.makeHeader(shared),
      modules.stop.makeStop({ ...shared, alert: this.#alert }),
      this.#alert,
      modules.values.makeValues(shared),
      modules.guidance.makeGuidance(shared),
      modules.buttons.makeButtons({ ...shared, alert: this.#alert }),
      modules.week.makeWeek(shared),
      program,
      this.#wakeLock,
      this.#timer,
    ];
    if (host.isConnected) this.connect();
    else this.#resolve();
    this.#loadTexts();
    this.#update();
  }

  /** @param {Config} config */
  configure(config) {
    this.#config = config;
    this.#resolve();
    this.#update();
  }

  /** @param {Hass} hass */
  look(hass) {
    const before = this.#treadmill.hass;
    this.#treadmill.hass = hass;
    const moved = before.entities !== hass.entities || before.devices !== hass.devices;
    const spoken = before.language !== hass.language || before.formatEntityState !== hass.formatEntityState;
    if (moved) this.#resolve();
    if (spoken) this.#loadTexts();
    // Everything in the house comes by here; only what is ours is worth a look.
    const ours = Object.values(this.#treadmill.ids).some((id) => before.states[id] !== hass.states[id]);
    if (moved || spoken || ours || before.connected !== hass.connected) this.#update();
  }

  /** The card has come into the page. */
  connect() {
    this.#join();
    this.#resolve();
    document.addEventListener("visibilitychange", this.#visible);
    document.addEventListener("click", this.#touched, { once: true, capture: true });
    this.#timer.update();
  }

  /** The card has left the page. */
  disconnect() {
    this.#link.close();
    this.#leave?.();
    this.#leave = undefined;
    // One that is only replaced goes on speaking.
    setTimeout(() => this.#modules.cards.any() || this.#voice.hush());
    this.#timer.close();
    this.#alert.close();
    this.#wakeLock.close();
    document.removeEventListener("visibilitychange", this.#visible);
    document.removeEventListener("click", this.#touched, { capture: true });
  }

  #update = () => {
    for (const part of this.#parts) part.update();
  };

  /** From now on the browser lets us speak. */
  #touched = () => setTimeout(this.#update);

  #visible = () => {
    if (!document.hidden) this.#update();
  };

  /** Whether it is this card that speaks, of all of its treadmill. */
  #speaks = () => this.#modules.cards.speaks(this.#treadmill.device, this.#update);

  #loadTexts() {
    this.#modules.texts.load(this.#treadmill.hass).then(this.#update);
  }

  /** Take part as one of its treadmill's cards. */
  #join() {
    const { device } = this.#treadmill;
    this.#leave?.();
    this.#leave = device && this.#host.isConnected ? this.#modules.cards.join(device, this.#update) : undefined;
  }

  /** Find the treadmill and its entities, and watch it. */
  #resolve() {
    const { hass } = this.#treadmill;
    const device = this.#config.device_id ?? this.#modules.entities.treadmills(hass)[0];
    if (this.#treadmill.resolve(device)) this.#join();
    if (this.#treadmill.exists && this.#host.isConnected) this.#link.watch(hass, device);
    else this.#link.close();
  }

  #told = (/** @type {Session | SessionEvent} */ told) => {
    this.#voice.language = told.language ?? this.#voice.language;
    if (told.type === "event") this.#happened(told);
    else this.#treadmill.session = told;
    this.#update();
  };

  /** @param {SessionEvent} told */
  #happened(told) {
    const { device } = this.#treadmill;
    const { cards } = this.#modules;
    if (this.#speaks()) this.#voice.hear(told);
    const words = told.say[0]?.text;
    if (told.event === "stop_failed" && words) cards.setFailedStop(device, words);
    else if (WARNINGS.includes(told.event) && words) this.#alert.say(words, true);
    else if (GOES_ON.includes(told.event)) this.#alert.say();
    if (STOPPED.includes(told.event)) cards.setFailedStop(device);
  }

  #aliveChanged = () => {
    if (!this.#alert.bad) this.#alert.say();
    if (!this.#link.alive && this.#speaks() && !this.#treadmill.sessionWasOver) {
      this.#voice.beep("alarm");
      this.#voice.say(this.#modules.texts.text("lost"), { cuts: true });
    }
    this.#update();
  };
}
