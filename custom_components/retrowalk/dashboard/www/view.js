// @ts-check
/** The content of a card: timer, speed, program, checklist, and a Stop that is always there. */
/** @import * as Alert from "./alert.js" */
/** @import * as Buttons from "./buttons.js" */
/** @import * as Cards from "./cards.js" */
/** @import * as Curve from "./curve.js" */
/** @import * as Elements from "./elements.js" */
/** @import * as Entities from "./entities.js" */
/** @import * as Format from "./format.js" */
/** @import * as Guidance from "./guidance.js" */
/** @import * as Header from "./header.js" */
/** @import * as Layout from "./layout.js" */
/** @import * as Backend from "./backend.js" */
/** @import * as Program from "./program.js" */
/** @import * as Stop from "./stop.js" */
/** @import * as Texts from "./texts.js" */
/** @import * as Timer from "./timer.js" */
/** @import * as Treadmill from "./treadmill.js" */
/** @import * as Values from "./values.js" */
/** @import * as Voice from "./voice.js" */
/** @import * as Week from "./week.js" */
/** @import { Hass } from "./entities.js" */
/** @import { CurveMessage, Message, ResultMessage, SessionEvent } from "./backend.js" */
/** @import * as Result from "./result.js" */

/**
 * The other modules, as far as they are needed here.
 * @typedef {object} Modules
 * @property {typeof Alert} alert
 * @property {typeof Buttons} buttons
 * @property {typeof Cards} cards
 * @property {typeof Curve} curve
 * @property {typeof Elements} elements
 * @property {typeof Entities} entities
 * @property {typeof Format} format
 * @property {typeof Guidance} guidance
 * @property {typeof Header} header
 * @property {typeof Layout} layout
 * @property {typeof Backend} backend
 * @property {typeof Program} program
 * @property {typeof Stop} stop
 * @property {{ css: string }} style
 * @property {typeof Texts} texts
 * @property {typeof Timer} timer
 * @property {typeof Treadmill} treadmill
 * @property {typeof Values} values
 * @property {typeof Voice} voice
 * @property {typeof Week} week
 * @property {(name: string) => Promise<object>} load a module that the card does not always need
 */
/**
 * @typedef {{ type?: string, device_id?: string, layout?: string, hide?: string | string[] }} Config without a device:
 *   the first treadmill
 */

/** The events that every card shows. */
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
const CLEARS_ALERT = ["started", "stopped", "finished", "link_back", "resumed"];
const CLEARS_FAILED_STOP = ["stopped", "finished"];

/** @typedef {{ update(): unknown, close?(): void }} Part */
/** @type {((shared: any) => Part)[]} makers of the parts that are loaded once the card is there */
const laterParts = [];

/**
 * Add parts to all cards, those that are there included.
 * @param {((shared: any) => Part)[]} makers each is called with what the card's own parts share
 */
export const addParts = (...makers) => laterParts.push(...makers);

export class View {
  #host;
  #config;
  #modules;
  #voice;
  #backend;
  #treadmill;
  #alert;
  #timer;
  /** @type {Part[]} in the order of their updates */
  #parts;
  #shared;
  /** @type {Promise<void> | undefined} once there is a result to show */
  #resultPart;
  #later = 0; // how many of the later parts there are
  /** @type {(() => void) | undefined} */
  #unregister;

  /**
   * @param {HTMLElement} host the card's element
   * @param {Config} config
   * @param {Hass} hass
   * @param {Modules} modules
   */
  constructor(host, config, hass, modules) {
    this.#host = host;
    this.#config = config;
    this.#modules = modules;
    this.#voice = modules.voice.voice;
    this.#backend = new modules.backend.Backend(this.#onAvailabilityChange, this.#onMessage);
    this.#treadmill = new modules.treadmill.Treadmill(hass, this.#backend, modules);
    const base = {
      ...modules,
      ConnectionLostError: modules.backend.ConnectionLostError,
      layout: new modules.layout.Layout(host.attachShadow({ mode: "open" }), modules.style.css),
      treadmill: this.#treadmill,
      backend: this.#backend,
      voice: this.#voice,
      isSpeaker: this.#isSpeaker,
      update: this.#update,
    };
    this.#alert = modules.alert.makeAlert(base);
    const program = modules.program.makeProgram(base);
    const shared = { ...base, alert: this.#alert, program };
    this.#shared = shared;
    this.#timer = modules.timer.makeTimer(shared);
    this.#parts = [
      modules.header.makeHeader(shared),
      modules.stop.makeStop(shared),
      this.#alert,
      modules.values.makeValues(shared),
      modules.guidance.makeGuidance(shared),
      modules.buttons.makeButtons(shared),
      modules.week.makeWeek(shared),
      program,
      this.#timer,
    ];
    if (host.isConnected) this.connect();
    else this.#resolve();
    this.#arrange();
    this.#loadTexts();
    this.#update();
  }

  /** @param {Config} config */
  setConfig(config) {
    this.#config = config;
    this.#resolve();
    this.#arrange();
    this.#update();
  }

  /** Show what the settings want to see. */
  #arrange() {
    const { layout, hide = [] } = this.#config;
    const { classList } = this.#shared.layout.find(".card");
    classList.toggle("compact", layout === "compact");
    for (const part of ["week", "values"]) classList.toggle(`no-${part}`, hide.includes(part));
  }

  /** @param {Hass} hass */
  setHass(hass) {
    const previous = this.#treadmill.hass;
    this.#treadmill.hass = hass;
    const registriesChanged = previous.entities !== hass.entities || previous.devices !== hass.devices;
    const languageChanged = previous.language !== hass.language ||
      previous.formatEntityState !== hass.formatEntityState;
    if (registriesChanged) this.#resolve();
    if (languageChanged) this.#loadTexts();
    // Home Assistant calls this for every state in the house.
    const statesChanged = Object.values(this.#treadmill.ids).some((id) => previous.states[id] !== hass.states[id]);
    if (registriesChanged || languageChanged || statesChanged || previous.connected !== hass.connected) this.#update();
  }

  /** Start, once the card is in the page. */
  connect() {
    this.#register();
    this.#resolve();
    document.addEventListener("visibilitychange", this.#onVisibilityChange);
    document.addEventListener("click", this.#onFirstClick, { once: true, capture: true });
    this.#timer.update();
  }

  /** Stop, once the card has left the page. */
  disconnect() {
    this.#backend.close();
    this.#unregister?.();
    this.#unregister = undefined;
    // A new card may be about to replace this one; then the voice goes on.
    setTimeout(() => this.#modules.cards.hasAny() || this.#voice.silence());
    for (const part of this.#parts) part.close?.();
    document.removeEventListener("visibilitychange", this.#onVisibilityChange);
    document.removeEventListener("click", this.#onFirstClick, { capture: true });
  }

  #update = () => {
    const later = laterParts.slice(this.#later);
    this.#later = laterParts.length;
    this.#parts.push(...later.map((makePart) => makePart(this.#shared)));
    for (const part of this.#parts) part.update();
  };

  /** Update the hint: after a click the browser allows sound. */
  #onFirstClick = () => setTimeout(this.#update);

  #onVisibilityChange = () => {
    if (!document.hidden) this.#update();
  };

  /** Return whether this is the card that speaks for its treadmill. */
  #isSpeaker = () => this.#modules.cards.isSpeaker(this.#treadmill.device, this.#update);

  #loadTexts() {
    this.#modules.texts.load(this.#treadmill.hass).then(this.#update);
  }

  /** Register as one of its treadmill's cards. */
  #register() {
    const { device } = this.#treadmill;
    this.#unregister?.();
    this.#unregister = device && this.#host.isConnected
      ? this.#modules.cards.register(device, this.#update)
      : undefined;
  }

  /** Find the treadmill and its entities, and follow its session. */
  #resolve() {
    const { hass } = this.#treadmill;
    const device = this.#config.device_id ?? this.#modules.entities.treadmills(hass)[0] ?? "";
    if (this.#treadmill.setDevice(device)) this.#register();
    if (this.#treadmill.exists && this.#host.isConnected) this.#backend.follow(hass, device);
    else this.#backend.close();
  }

  #onMessage = (/** @type {Message} */ message) => {
    if ("language" in message) this.#voice.language = message.language ?? this.#voice.language;
    if (message.type === "event") this.#onEvent(message);
    else if (message.type === "session") this.#treadmill.session = message;
    else if (message.type === "next") this.#treadmill.next = message;
    else if (message.type === "walked") this.#treadmill.walked = message.points;
    else if (message.type === "meter") {
      this.#treadmill.meter = message;
      if (message.point) this.#treadmill.walked.push(message.point);
    } else this.#onResult(message);
    this.#update();
  };

  /** @param {ResultMessage | CurveMessage} message */
  #onResult(message) {
    const treadmill = this.#treadmill;
    const shown = treadmill.result;
    if (message.type === "result") {
      const same = message.session !== null && message.session === shown?.session;
      treadmill.result = message.session === null ? undefined : { ...message, ...(same && { curve: shown.curve }) };
    } else if (shown && shown.session === message.session) treadmill.result = { ...shown, curve: message.curve };
    if (treadmill.result && !this.#resultPart) this.#resultPart = this.#loadResult();
  }

  async #loadResult() {
    const { makeResult } = /** @type {typeof Result} */ (await this.#modules.load("result"));
    this.#parts.push(makeResult(this.#shared));
    this.#update();
  }

  /** @param {SessionEvent} message */
  #onEvent(message) {
    const { event, say } = message;
    const { device } = this.#treadmill;
    const { cards } = this.#modules;
    if (this.#isSpeaker()) this.#voice.announce(message);
    const text = say[0]?.text;
    if (event === "stop_failed" && text) cards.setFailedStop(device, text);
    else if (WARNINGS.includes(event) && text) this.#alert.show(text, true);
    else if (CLEARS_ALERT.includes(event)) this.#alert.show();
    if (CLEARS_FAILED_STOP.includes(event)) cards.setFailedStop(device);
  }

  #onAvailabilityChange = () => {
    if (!this.#alert.severe) this.#alert.show();
    if (!this.#backend.available && this.#isSpeaker() && !this.#treadmill.sessionWasOver) {
      this.#voice.beep("alarm");
      this.#voice.say(this.#modules.texts.lostText(this.#treadmill.session.safety_key), { cuts: true });
    }
    this.#update();
  };
}
