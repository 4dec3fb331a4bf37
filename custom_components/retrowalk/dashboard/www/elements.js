// @ts-check
/**
 * What all of the dashboard's elements share: making elements, a feed of one device, and the base of a card for it.
 *
 * A card of its own is a class that extends `makeDeviceCard(modules)`: see `report.js` for a short one. It says its
 * `body` (HTML; an element with `data-text` gets that text of the card), `build`s once, and `show`s whenever a text or
 * what it follows (`command`) has changed. Style: the classes at the top of `style.css`.
 */
/** @import { Connection, Refusal, Unsubscribe } from "./backend.js" */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */

const RETRY = 5000; // ms

/**
 * Make an element with properties; ARIA has some, such as `role` and `ariaLabel`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag | string} tag
 * @param {object} [properties]
 * @param {(string | Node)[]} children
 */
export function make(tag, properties, ...children) {
  const element = /** @type {HTMLElementTagNameMap[Tag]} */ (document.createElement(tag));
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

/**
 * Make a button.
 * @param {string} className `soft`, `chip` or the like
 * @param {() => unknown} onClick
 * @param {(string | Node)[]} children
 */
export function makeButton(className, onClick, ...children) {
  const button = make("button", { type: "button", className }, ...children);
  button.addEventListener("click", onClick);
  return button;
}

/**
 * Write the texts of elements with `data-text`.
 * @param {ParentNode} root
 * @param {typeof Texts} texts
 */
export function writeTexts(root, texts) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-text]"))) {
    element.textContent = texts.text(element.dataset.text ?? "");
  }
}
/** Where `drawWalk` draws. */
export const CURVE =
  `<div class="plot"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path class="below"/><path/></svg></div>`;

/**
 * Draw what was walked.
 * @param {Element} plot
 * @param {string} curve the data of an SVG path, or ""
 */
export function drawWalk(plot, curve) {
  plot.querySelector(".below")?.setAttribute("d", curve && `${curve}V100H0Z`);
  plot.querySelector("path + path")?.setAttribute("d", curve);
}

class NotConnectedError extends Error {}

/**
 * Send a message and return the answer; nothing is kept for later while there is no connection.
 * @param {Hass} hass
 * @param {object} message
 * @returns {Promise<any>}
 */
export const ask = async ({ connection }, message) => {
  if (!connection.connected) throw new NotConnectedError("not connected");
  return connection.sendMessagePromise(message);
};

/**
 * Run one of Retrowalk's actions.
 * @param {Hass} hass
 * @param {string} service
 * @param {object} data
 */
export const act = (hass, service, data) =>
  ask(hass, { type: "call_service", domain: "retrowalk", service, service_data: data });

/**
 * Return why something failed, in the user's language.
 * @param {typeof Texts} texts
 * @param {unknown} error
 */
export const why = (texts, error) =>
  error instanceof NotConnectedError
    ? texts.text("not_sent")
    : texts.refusalText(/** @type {Refusal | undefined} */ (error));

/** Return an address of ours that a new tab or a download may open for some minutes: neither carries an access token. */
export const sign = async (/** @type {Hass} */ hass, /** @type {string} */ path) =>
  hass.hassUrl((await ask(hass, { type: "auth/sign_path", path, expires: 300 })).path);

/** Follows what a command sends of a device. */
export class Feed {
  /** @type {any} the newest message */
  latest;
  #command;
  #onChange;
  #request = ""; // JSON
  /** @type {Connection | undefined} */
  #connection;
  /** Counts the subscriptions, to recognize what comes from an old one. */
  #number = 0;
  /** @type {Unsubscribe | undefined} */
  #unsubscribe;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {string} command the type of the message that subscribes; it gets a `device_id` and a `language`
   * @param {() => void} onChange
   */
  constructor(command, onChange) {
    this.#command = command;
    this.#onChange = onChange;
  }

  /**
   * Follow a device, unless it is followed already.
   * @param {Hass} hass
   * @param {string} device
   * @param {object} [more] what else the message has
   */
  follow({ connection, language }, device, more) {
    const request = JSON.stringify({ type: this.#command, device_id: device, language, ...more });
    if (this.#connection === connection && this.#request === request) return;
    this.close();
    [this.#connection, this.#request] = [connection, request];
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
    const onMessage = (/** @type {object} */ message) => {
      if (!isCurrent()) return;
      this.latest = message;
      this.#onChange();
    };
    try {
      // The front end's library subscribes again by itself after the connection was lost.
      const unsubscribe = await this.#connection?.subscribeMessage(onMessage, JSON.parse(this.#request), {});
      if (isCurrent()) this.#unsubscribe = unsubscribe;
      else unsubscribe?.().catch(() => {});
    } catch {
      if (isCurrent()) this.#timer = setTimeout(() => isCurrent() && this.#subscribe(), RETRY);
    }
  }
}

/**
 * Return the form of a card's settings, as Home Assistant shows it.
 * @param {typeof Texts} texts
 * @param {string} of what the card is of: a walker, or a treadmill
 * @param {() => Record<string, object>} [more] the other settings with their selectors; a text has the name of each
 */
export async function settings(texts, of, more = () => ({})) {
  const page = /** @type {{ hass?: Hass } | null} */ (document.querySelector("home-assistant"));
  if (page?.hass) await texts.load(page.hass);
  /** An entity that only these devices have. */
  const domain = of === "walker" ? "time" : "button";
  const device = { integration: "retrowalk", entity: { domain, integration: "retrowalk" } };
  return {
    schema: [
      { name: "device_id", required: true, selector: { device } },
      ...Object.entries(more()).map(([name, selector]) => ({ name, selector })),
    ],
    computeLabel: (/** @type {{ name: string }} */ { name }) => texts.text(name === "device_id" ? of : name),
  };
}

/**
 * The base of a card that shows something of one device, by default a walker's.
 * @typedef {{ entities: typeof Entities, texts: typeof Texts, style: { css: string } }} DeviceCardModules
 */
/** @param {DeviceCardModules} modules */
export const makeDeviceCard = ({ entities, texts, style }) =>
  class DeviceCard extends HTMLElement {
    /** Its type in a dashboard. */
    static type = "";
    static of = "walker";
    /** Its elements. Add `.said` for what comes of a press. */
    static body = "";
    /** What it follows, if anything: `latest` has the newest message. */
    static command = "";

    static getConfigForm() {
      return settings(texts, this.of);
    }

    /** @param {Hass} hass */
    static getStubConfig(hass) {
      const devices = entities.treadmills(hass).flatMap((treadmill) =>
        this.of === "walker" ? entities.walkers(hass, treadmill) : treadmill
      );
      return { type: this.type, device_id: devices[0] };
    }

    device = "";
    /** What else than the device its command asks for; `follow` when it has changed. */
    wanted = {};
    /** @type {any} */
    #hass;
    #feed = new Feed(this.#type.command, () => this.show());

    get #type() {
      return /** @type {typeof DeviceCard} */ (this.constructor);
    }

    /** @returns {any} what Home Assistant sends */
    get latest() {
      return this.#feed.latest;
    }

    /** @param {{ device_id?: unknown }} config */
    setConfig({ device_id: device }) {
      if (typeof device !== "string") throw new Error(`device_id has to be the id of a ${this.#type.of}'s device`);
      this.device = device;
      this.follow();
    }

    getCardSize() {
      return 5;
    }

    getGridOptions() {
      return { columns: 12, min_columns: 6, rows: "auto" };
    }

    /** @returns {Hass} */
    get hass() {
      return this.#hass;
    }

    set hass(hass) {
      const before = this.#hass;
      this.#hass = hass;
      if (!before) {
        this.attachShadow({ mode: "open" }).innerHTML = `<style>${style.css}</style>${this.#type.body}`;
        this.build();
      }
      if (before?.language !== hass.language) texts.load(hass).then(() => this.#write());
      this.follow();
    }

    #lead = (/** @type {any} */ event) => {
      event.preventDefault();
      this.lead(event.detail);
    };

    connectedCallback() {
      this.follow();
      addEventListener(this.#type.type, this.#lead);
    }

    disconnectedCallback() {
      removeEventListener(this.#type.type, this.#lead);
      this.#feed.close();
    }

    /** Go to what another card leads to. @param {any} _detail what it said */
    lead(_detail) {}

    follow() {
      if (this.#type.command && this.#hass && this.isConnected) this.#feed.follow(this.#hass, this.device, this.wanted);
    }

    #write() {
      writeTexts(this.root, texts);
      this.show();
    }

    /** Build once what `body` does not say. */
    build() {}

    /** Show what is known now; the texts may have changed, too. */
    show() {}

    get root() {
      return /** @type {ShadowRoot} */ (this.shadowRoot);
    }

    /**
     * Return an element, which may be an input or a menu.
     * @param {string} selector
     */
    find(selector) {
      return /** @type {HTMLInputElement & HTMLSelectElement} */ (this.root.querySelector(selector));
    }

    /**
     * Do something when an element is clicked; see `do`.
     * @param {string} selector
     * @param {() => unknown} work
     * @param {string} [event]
     */
    on(selector, work, event = "click") {
      this.find(selector).addEventListener(event, () => this.do(work));
    }

    /**
     * Do what was asked for, and say what comes of it: what `work` returns, or why it failed.
     * @param {() => unknown} work
     */
    async do(work) {
      this.say();
      try {
        this.say(await work());
      } catch (error) {
        this.say(why(texts, error));
        this.show(); // what Home Assistant knows
      }
    }

    /** @param {unknown} [said] a text or an element; nothing: there is nothing to say */
    say(said) {
      const shown = typeof said === "string" || said instanceof Node ? said : "";
      this.find(".said").replaceChildren(shown);
      this.find(".said").hidden = !shown;
    }

    /**
     * Send a command for this device.
     * @param {string} type
     * @param {object} [data]
     */
    ask(type, data) {
      return ask(this.hass, { type, ...data, device_id: this.device });
    }
  };
