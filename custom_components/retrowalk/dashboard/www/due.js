// @ts-check
/** The banner of a reminder that is due, on the card of its treadmill: Start, Snooze, Skip today. */
/** @import * as Texts from "./texts.js" */
/** @import * as Reminders from "./reminders.js" */
/** @import { Own } from "./reminders.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

const STYLE = `<style>
:host { display: block; }
:host([hidden]), [hidden] { display: none; }
* { box-sizing: border-box; }
.due { padding: 12px 16px; border-radius: var(--ha-border-radius-lg, 12px); background: color-mix(in srgb, var(--primary-color) 14%, var(--card-background-color, #fff)); }
.due + .due { margin-block-start: 8px; }
p { margin: 0 0 8px; line-height: 1.4; }
b { font-weight: 500; }
.acts { display: flex; flex-wrap: wrap; gap: 8px; }
button { flex: 1 1 auto; min-height: 44px; padding: 4px 12px; border: 0; font: inherit; font-weight: 500; color: inherit; cursor: pointer; border-radius: var(--ha-border-radius-lg, 12px); background: var(--card-background-color, #fff); }
button:focus-visible { outline: 3px solid var(--primary-color); outline-offset: 2px; }
button:disabled { opacity: .45; cursor: default; }
.start { background: var(--primary-color); color: var(--text-primary-color, #fff); font-size: 20px; font-weight: 700; }
</style><div class="all" role="status"></div><p class="said" role="alert" hidden></p>`;

const TAG = "retrowalk-due";

/**
 * Make the part of the card that has the banner; the element is defined before.
 * @param {{ layout: Layout, treadmill: Treadmill }} shared
 */
export const makePart = ({ layout, treadmill }) => {
  const banner = /** @type {HTMLElement & { update(treadmill: Treadmill): void }} */ (document.createElement(TAG));
  layout.find(".alert").after(banner);
  return { update: () => banner.update(treadmill) };
};

/** @param {{ reminders: typeof Reminders, texts: typeof Texts }} modules */
export const makeDue = ({ reminders, texts }) =>
  class RetrowalkDue extends HTMLElement {
    #feed = new reminders.ReminderFeed(() => this.#show());
    /** @type {Treadmill | undefined} */
    #treadmill;
    #shown = ""; // what the banner is made of
    #busy = false;

    /**
     * Show what is due on this treadmill.
     * @param {Treadmill} treadmill
     */
    update(treadmill) {
      this.#treadmill = treadmill;
      if (!this.shadowRoot) this.attachShadow({ mode: "open" }).innerHTML = STYLE;
      if (this.isConnected && treadmill.exists) this.#feed.follow(treadmill.hass, treadmill.device);
      else this.#feed.close();
      this.#show();
    }

    connectedCallback() {
      if (this.#treadmill) this.update(this.#treadmill);
    }

    disconnectedCallback() {
      this.#feed.close();
    }

    /** The reminders that this user may answer now. */
    get #due() {
      const { sessionOver, live } = this.#treadmill ?? {};
      if (!sessionOver || !live) return [];
      return (this.#feed.latest?.walkers ?? []).filter((walker) => walker.own && walker.due && walker.device_id);
    }

    #show() {
      const due = /** @type {Own[]} */ (this.#due);
      this.hidden = !due.length;
      const key = JSON.stringify([due.map((walker) => [walker.device_id, walker.due]), texts.text("skip_today")]);
      if (key !== this.#shown) {
        this.#shown = key;
        this.#say();
        this.#find(".all").replaceChildren(...due.map((walker) => this.#banner(walker)));
      }
      for (const button of this.shadowRoot?.querySelectorAll("button") ?? []) button.disabled = this.#busy;
    }

    /** @param {string} selector */
    #find(selector) {
      return /** @type {HTMLElement} */ (this.shadowRoot?.querySelector(selector));
    }

    /** @param {Own} walker */
    #banner({ device_id: device, due }) {
      const banner = document.createElement("div");
      banner.className = "due";
      banner.innerHTML = `<p><b dir="auto"></b> <span dir="auto"></span></p><div class="acts"></div>`;
      const [bold, text] = banner.firstElementChild?.children ?? [];
      bold.textContent = `${due?.title}.`;
      text.textContent = due?.text ?? "";
      /** @type {[string, string, () => Promise<unknown>][]} */
      const acts = [
        ["skip", texts.text("skip_today"), () => reminders.act(this.#hass, "skip_today", { device_id: device })],
      ];
      const snooze = () => reminders.act(this.#hass, "snooze_reminder", { device_id: device });
      if (due?.snooze) acts.unshift(["snooze", texts.text("snooze", { minutes: due.snooze }), snooze]);
      if (due?.start) acts.unshift(["start", texts.text("start"), () => this.#start(device)]);
      banner.lastElementChild?.append(...acts.map(([name, title, act]) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: name });
        button.textContent = title;
        button.addEventListener("click", () => this.#press(act));
        return button;
      }));
      return banner;
    }

    get #hass() {
      return /** @type {Treadmill} */ (this.#treadmill).hass;
    }

    /**
     * Make the session ready. Like every press that is not a Stop it is refused if it arrives late.
     * @param {string | null} device
     */
    async #start(device) {
      const { beat } = /** @type {{ beat: number }} */ (await reminders.ask(this.#hass, { type: "retrowalk/beat" }));
      await reminders.ask(this.#hass, { type: "retrowalk/reminder/start", device_id: device, beat });
    }

    /** @param {() => Promise<unknown>} act */
    async #press(act) {
      if (this.#busy) return; // a double tap is one press
      this.#busy = true;
      this.#say();
      this.#show();
      try {
        await act();
      } catch (error) {
        this.#say(reminders.why(texts, error));
      }
      this.#busy = false;
      this.#show();
    }

    /** @param {string} [said] nothing: there is nothing to say */
    #say(said = "") {
      const place = this.#find(".said");
      place.hidden = !said;
      place.textContent = said;
    }
  };
