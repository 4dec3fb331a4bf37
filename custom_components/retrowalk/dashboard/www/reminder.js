// @ts-check
/** A walker's reminder: whether, when, on which days and where to, a test of it, and a pause of the plan. */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/** @import * as Reminders from "./reminders.js" */
/** @import { Own } from "./reminders.js" */

const TYPED = 1000; // ms after the last key; a time is not sent while it is typed
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86400000; // ms
const BODY = `<style>
* { box-sizing: border-box; }
ha-card { display: grid; gap: 12px; padding: 12px 16px 16px; color: var(--primary-text-color); }
ha-card > div, ha-card > label { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px 12px; min-width: 0; }
.head { font-weight: 500; min-height: 44px; cursor: pointer; }
input, select, button { font: inherit; color: inherit; min-height: 44px; padding: 0 12px; border: 0; max-width: 100%; border-radius: var(--ha-border-radius-lg, 12px); background: var(--secondary-background-color, #f5f5f5); }
select { flex: 1 1 160px; min-width: 0; text-overflow: ellipsis; }
input { color-scheme: light dark; }
button { cursor: pointer; }
input:disabled, button:disabled { opacity: .45; cursor: default; }
.on { appearance: none; flex: none; width: 52px; min-height: 28px; margin: 0; padding: 0; position: relative; cursor: pointer; border: 2px solid var(--primary-text-color); border-radius: 99px; }
.on::before { content: ""; position: absolute; inset-block: 4px; inset-inline-start: 4px; width: 16px; border-radius: 50%; background: var(--primary-text-color); }
.on:checked { background: var(--primary-color); border-color: var(--primary-color); }
.on:checked::before { inset-inline-start: 28px; background: var(--text-primary-color, #fff); }
:focus-visible { outline: 3px solid var(--primary-color); outline-offset: 2px; }
.week { flex: 1 1 220px; max-width: 340px; display: grid; grid-template-columns: repeat(7, 1fr); gap: 4px; }
.week button { padding: 0; border-radius: 8px; }
.week [aria-pressed="true"] { background: color-mix(in srgb, var(--primary-color) 22%, transparent); box-shadow: inset 0 0 0 2px var(--primary-color); font-weight: 700; }
ha-card > .press { gap: 8px; }
.press button { flex: 1 1 120px; font-weight: 500; }
p { margin: 0; font-size: .875rem; }
.pause { border-block-start: 1px solid var(--divider-color, #e0e0e0); padding-block-start: 12px; }
.pause label { flex: 1 1 auto; display: flex; align-items: center; justify-content: space-between; flex-wrap: wrap; gap: 8px; }
.pause button { flex: 1 1 auto; font-weight: 500; }
[hidden] { display: none !important; }
</style><ha-card>
<label class="head"><span class="name"></span><input class="on" type="checkbox" role="switch"></label>
<p class="next" hidden></p>
<label class="own"><span class="at"></span><input class="time" type="time"></label>
<div class="own"><span class="days" id="days"></span><div class="week" role="group" aria-labelledby="days"></div></div>
<label class="own"><span class="to"></span><select></select></label>
<div class="own press"><button class="test" type="button"></button></div>
<div class="own pause"><label><span class="until"></span><input class="date" type="date"></label><button class="hold" type="button"></button></div>
<div class="pause paused" hidden><p></p><button class="resume" type="button"></button></div>
<p class="said" role="status" hidden></p>
</ha-card>`;

/**
 * Return what the card picker shows.
 * @param {typeof Texts} texts
 * @param {object} card its type and documentation
 */
export const describe = (texts, card) => ({
  ...card,
  name: "Retrowalk reminder",
  get description() {
    return texts.translate("reminder_card_about") || "Reminder of a walker, a test of it, and a pause of the plan";
  },
  preview: true,
});

/**
 * @param {{ entities: typeof Entities, texts: typeof Texts, reminders: typeof Reminders, reminderType: string }} modules
 */
export const makeReminder = ({ entities, texts, reminders, reminderType }) =>
  class RetrowalkReminder extends HTMLElement {
    static async getConfigForm() {
      const page = /** @type {{ hass?: Hass } | null} */ (document.querySelector("home-assistant"));
      if (page?.hass) await texts.load(page.hass);
      const device = { integration: "retrowalk", entity: { domain: "time", integration: "retrowalk" } };
      return {
        schema: [{ name: "device_id", required: true, selector: { device } }],
        computeLabel: () => texts.text("walker"),
      };
    }

    /** @param {Hass} hass */
    static getStubConfig(hass) {
      const [walker] = entities.treadmills(hass).flatMap((treadmill) => entities.walkers(hass, treadmill));
      return { type: reminderType, device_id: walker };
    }

    #device = "";
    /** @type {Hass | undefined} */
    #hass;
    #feed = new reminders.ReminderFeed(() => this.#show());
    /** @type {number | undefined} */
    #typing;

    /** @param {{ device_id?: unknown }} config */
    setConfig({ device_id: device }) {
      if (typeof device !== "string") throw new Error("device_id has to be the id of a walker's device");
      this.#device = device;
    }

    getCardSize() {
      return 5;
    }

    getGridOptions() {
      return { columns: 12, min_columns: 6, rows: "auto" };
    }

    /** @param {Hass} hass */
    set hass(hass) {
      const before = this.#hass;
      this.#hass = hass;
      if (!before) this.#build();
      if (before?.language !== hass.language) texts.load(hass).then(() => this.#write());
      if (this.isConnected) this.#feed.follow(hass, this.#device);
    }

    connectedCallback() {
      if (this.#hass) this.#feed.follow(this.#hass, this.#device);
    }

    disconnectedCallback() {
      clearTimeout(this.#typing);
      this.#feed.close();
    }

    /**
     * @template {HTMLElement} [T=HTMLElement]
     * @param {string} selector
     */
    #find(selector) {
      return /** @type {T} */ (this.shadowRoot?.querySelector(selector));
    }

    /** @param {string} selector */
    #input(selector) {
      return /** @type {HTMLInputElement} */ (this.#find(selector));
    }

    get #walker() {
      return this.#feed.latest?.walkers.find((walker) => walker.device_id === this.#device);
    }

    #build() {
      this.attachShadow({ mode: "open" }).innerHTML = BODY;
      const day = Object.assign(document.createElement("button"), { type: "button" });
      this.#find(".week").append(...Array.from({ length: 7 }, () => day.cloneNode()));
      for (const [number, button] of this.#find(".week").querySelectorAll("button").entries()) {
        button.addEventListener("click", () => this.#do(() => this.#choose({ days: this.#toggled(number) })));
      }
      const [on, time, select] = [this.#input(".on"), this.#input(".time"), this.#input("select")];
      on.addEventListener("change", () => this.#do(() => this.#call("switch", on.checked ? "turn_on" : "turn_off")));
      time.addEventListener("input", () => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.#sendTime(), TYPED);
      });
      time.addEventListener("blur", () => this.#sendTime());
      select.addEventListener("change", () => this.#do(() => this.#choose({ target: select.value || null })));
      this.#onClick(".test", async () => {
        await this.#ask({ type: "retrowalk/reminder/test" });
        return texts.text("reminder_tested");
      });
      this.#onClick(".hold", () => {
        const until = this.#input(".date").value;
        return this.#act("pause_plan", until ? { until } : {});
      });
      this.#onClick(".resume", () => this.#act("resume_plan", {}));
      this.#show();
    }

    /**
     * @param {string} selector
     * @param {() => Promise<unknown>} work
     */
    #onClick(selector, work) {
      this.#find(selector).addEventListener("click", () => this.#do(work));
    }

    /** Write the texts. */
    #write() {
      const words = {
        ".name": texts.text("reminder"),
        ".at": texts.text("reminder_time"),
        ".days": texts.text("reminder_days"),
        ".to": texts.text("reminder_target"),
        ".test": texts.text("reminder_test"),
        ".until": texts.text("plan_until"),
        ".hold": texts.text("plan_pause"),
        ".resume": texts.text("plan_resume"),
      };
      for (const [selector, word] of Object.entries(words)) this.#find(selector).textContent = word;
      const { language } = /** @type {Hass} */ (this.#hass);
      for (const [number, button] of this.#find(".week").querySelectorAll("button").entries()) {
        const named = (/** @type {"short" | "long"} */ weekday) =>
          new Date(MONDAY + number * DAY).toLocaleDateString(language, { weekday, timeZone: "UTC" });
        button.textContent = named("short").slice(0, 3).replace(".", "");
        button.title = named("long");
      }
      this.#show();
    }

    /** Show what Home Assistant has sent. */
    #show() {
      if (!this.shadowRoot) return;
      const walker = this.#walker;
      const own = walker?.own ? walker : undefined;
      this.#input(".on").disabled = !own || !this.#entity("switch", "reminder");
      for (const part of this.shadowRoot.querySelectorAll(".own")) part.toggleAttribute("hidden", !own);
      this.#find(".paused").hidden = !own?.paused;
      this.#find(".next").hidden = !walker;
      if (!own) {
        if (walker) this.#find(".next").textContent = texts.text("reminder_private", { name: walker.name });
        return;
      }
      this.#find(".own.pause").hidden = own.paused;
      this.#input(".on").checked = own.on;
      this.#find(".next").textContent = this.#next(own);
      this.#find(".next").hidden = !this.#next(own);
      const [time, date] = [this.#input(".time"), this.#input(".date")];
      if (this.shadowRoot.activeElement !== time) time.value = own.time;
      time.disabled = !this.#entity("time", "reminder_time");
      date.min = this.#feed.latest?.today ?? "";
      for (const [number, button] of this.#find(".week").querySelectorAll("button").entries()) {
        button.setAttribute("aria-pressed", String(own.days.includes(number)));
      }
      this.#showTargets(own);
      this.#find(".paused p").textContent = this.#pause(own);
    }

    /** @param {Own} walker */
    #showTargets({ target, targets }) {
      const select = /** @type {HTMLSelectElement} */ (this.#find("select"));
      const offered = [{ value: "", label: texts.text("reminder_target_default") }, ...targets];
      const key = JSON.stringify([target, offered]);
      if (select.dataset.key === key && select.value === (target ?? "")) return;
      select.dataset.key = key; // not made anew for nothing: it may be open
      select.replaceChildren(
        ...offered.map(({ value, label }) => new Option(label, value, false, value === (target ?? ""))),
      );
    }

    /** @param {Own} walker */
    #next({ on, due, next, paused }) {
      if (!on) return "";
      if (due) return texts.text("reminder_due");
      const { hass, today } = { hass: /** @type {Hass} */ (this.#hass), today: this.#feed.latest?.today ?? "" };
      if (next) return texts.text("reminder_next", { when: reminders.when(hass, next, today) });
      return paused ? "" : texts.text("reminder_none");
    }

    /** @param {Own} walker */
    #pause({ paused_until: until }) {
      if (!until) return texts.text("plan_paused");
      const day = new Date(`${until}T12:00`);
      const language = this.#hass?.language;
      const date = day.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
      return texts.text("plan_paused_until", { date });
    }

    /**
     * Return the days of the plan with one more, or one less.
     * @param {number} day
     */
    #toggled(day) {
      const days = this.#walker?.own ? this.#walker.days : [];
      return days.includes(day) ? days.filter((other) => other !== day) : [...days, day];
    }

    async #sendTime() {
      clearTimeout(this.#typing);
      const { value } = this.#input(".time");
      const walker = this.#walker;
      if (!value || !walker?.own || walker.time === value) return;
      await this.#do(() => this.#call("time", "set_value", { time: value }));
    }

    /**
     * Do what was asked for, and say what comes of it; what is shown is always what Home Assistant knows.
     * @param {() => Promise<unknown>} work
     */
    async #do(work) {
      const say = (/** @type {unknown} */ said) => {
        this.#find(".said").textContent = typeof said === "string" ? said : "";
        this.#find(".said").hidden = typeof said !== "string";
      };
      say(undefined);
      try {
        say(await work());
      } catch (error) {
        say(reminders.why(texts, error));
        this.#input(".time").value = this.#walker?.own ? this.#walker.time : "";
        this.#show();
      }
    }

    /** @param {object} message */
    #ask(message) {
      return reminders.ask(/** @type {Hass} */ (this.#hass), { ...message, device_id: this.#device });
    }

    /** @param {object} choice */
    #choose(choice) {
      return this.#ask({ type: "retrowalk/reminder/choose", ...choice });
    }

    /**
     * @param {string} service
     * @param {object} data
     */
    #act(service, data) {
      return reminders.act(/** @type {Hass} */ (this.#hass), service, { ...data, device_id: this.#device });
    }

    /**
     * Return the id of one of the walker's entities; the event of the reminder has the same key as its switch.
     * @param {string} domain
     * @param {string} key
     */
    #entity(domain, key) {
      const found = Object.values(this.#hass?.entities ?? {}).find((entity) =>
        entity.device_id === this.#device && entity.translation_key === key && entity.entity_id.startsWith(`${domain}.`)
      );
      return found?.entity_id;
    }

    /**
     * Call an action of Home Assistant for the reminder's switch or its time.
     * @param {"switch" | "time"} domain
     * @param {string} service
     * @param {object} data
     */
    #call(domain, service, data = {}) {
      const entity = this.#entity(domain, domain === "switch" ? "reminder" : "reminder_time");
      const message = { type: "call_service", domain, service, service_data: data, target: { entity_id: entity } };
      return reminders.ask(/** @type {Hass} */ (this.#hass), message).then(() => undefined);
    }
  };
