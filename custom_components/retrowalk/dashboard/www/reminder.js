// @ts-check
/**
 * A walker's reminder: whether, when, on which days and where to, a test of it, and a pause of the plan.
 *
 * The types describe what dashboard/reminders.py sends:
 *
 * @typedef {{ title: string, text: string, snooze: number | null, start: boolean }} Due snooze: minutes
 * @typedef {object} Own a walker for whom this user may act
 * @property {string | null} device_id
 * @property {string} name
 * @property {true} own
 * @property {boolean} on
 * @property {string} time
 * @property {number[]} days 0 is Monday
 * @property {string | null} target null: the walker's phones, else Home Assistant
 * @property {{ value: string, label: string }[]} targets
 * @property {string | null} next the local time of the house
 * @property {boolean} paused
 * @property {string | null} paused_until the last day
 * @property {Due | null} due
 * @typedef {{ device_id: string | null, name: string, own: false }} Other
 * @typedef {{ today: string, walkers: (Own | Other)[] }} Reminders
 */
/** @import * as Elements from "./elements.js" */
/** @import { DeviceCardModules } from "./elements.js" */
/** @import * as Format from "./format.js" */

const TYPED = 1000; // ms after the last key; a time is not sent while it is typed
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86400000; // ms

/** @param {DeviceCardModules & { elements: typeof Elements, format: typeof Format }} modules */
export const makeReminder = (modules) => {
  const { elements, format, texts } = modules;

  return class RetrowalkReminder extends elements.makeDeviceCard(modules) {
    /** @override */
    static type = "custom:retrowalk-reminder";
    /** @override */
    static command = "retrowalk/reminders";
    /** @override */
    static body = `<ha-card class="form">
<label class="row head"><span data-text="reminder"></span><input class="on" type="checkbox" role="switch"></label>
<p class="small when" hidden></p>
<label class="row own"><span data-text="reminder_time"></span><input class="soft time-of-day" type="time"></label>
<div class="row own"><span id="days" data-text="reminder_days"></span><div class="week" role="group" aria-labelledby="days"></div></div>
<label class="row own"><span data-text="reminder_target"></span><select class="soft"></select></label>
<button class="soft own test" type="button" data-text="reminder_test"></button>
<p class="small said" role="status" hidden></p>
<div class="row own pause"><label class="row"><span data-text="plan_until"></span><input class="soft date" type="date"></label><button class="soft grow hold" type="button" data-text="plan_pause"></button></div>
<div class="row pause paused" hidden><p class="small"></p><button class="soft grow resume" type="button" data-text="plan_resume"></button></div></ha-card>`;

    /** @type {number | undefined} */
    #typing;

    /** @returns {Own | Other | undefined} */
    get #walker() {
      return this.latest?.walkers.find((/** @type {Own | Other} */ walker) => walker.device_id === this.device);
    }

    /** @override */
    build() {
      const choose = (/** @type {object} */ choice) => this.ask("retrowalk/reminder/choose", choice);
      for (const number of Array(7).keys()) {
        const toggle = () => this.do(() => choose({ days: this.#toggled(number) }).then(() => undefined));
        this.find(".week").append(elements.makeButton("soft", toggle));
      }
      const [on, time, select] = [this.find(".on"), this.find("[type=time]"), this.find("select")];
      const send = () => {
        clearTimeout(this.#typing);
        const { value } = time;
        const walker = this.#walker;
        if (!value || !walker?.own || walker.time === value) return;
        this.do(() =>
          choose({ time: value }).catch((error) => {
            time.value = walker.time;
            throw error;
          })
        );
      };
      time.addEventListener("input", () => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(send, TYPED);
      });
      time.addEventListener("blur", send);
      this.on(".on", () => choose({ on: on.checked }), "change");
      this.on("select", () => choose({ target: select.value || null }), "change");
      this.on(".test", async () => {
        await this.ask("retrowalk/reminder/test");
        return texts.text("reminder_tested");
      });
      this.on(".hold", () => {
        const until = this.find(".date").value;
        return elements.act(this.hass, "pause_plan", { device_id: this.device, ...(until && { until }) });
      });
      this.on(".resume", () => elements.act(this.hass, "resume_plan", { device_id: this.device }));
    }

    /** @override */
    lead() {
      this.find(".on").focus();
      this.scrollIntoView({ block: "center" });
    }

    /** @override */
    disconnectedCallback() {
      clearTimeout(this.#typing);
      super.disconnectedCallback();
    }

    /** @override */
    show() {
      const walker = this.#walker;
      const own = walker?.own ? walker : undefined;
      const line = own ? this.#next(own) : walker && texts.text("reminder_private", { name: walker.name });
      this.find(".when").textContent = line ?? "";
      this.find(".when").hidden = !line;
      this.find(".on").disabled = !own;
      for (const part of this.root.querySelectorAll(".own")) part.toggleAttribute("hidden", !own);
      this.find(".paused").hidden = !own?.paused;
      if (!own) return;
      this.find(".own.pause").hidden = own.paused;
      this.find(".paused p").textContent = this.#pause(own);
      this.find(".on").checked = own.on;
      const time = this.find("[type=time]");
      if (this.root.activeElement !== time) time.value = own.time;
      this.find(".date").min = this.latest.today;
      for (const [number, button] of this.root.querySelectorAll(".week button").entries()) {
        const day = (/** @type {"short" | "long"} */ weekday) =>
          new Date(MONDAY + number * DAY).toLocaleDateString(this.hass.language, { weekday, timeZone: "UTC" });
        button.textContent = day("short").slice(0, 3).replace(".", "");
        /** @type {HTMLElement} */ (button).title = day("long");
        button.ariaPressed = String(own.days.includes(number));
      }
      this.#showTargets(own);
    }

    /** @param {Own} walker */
    #showTargets({ target, targets }) {
      const select = this.find("select");
      const offered = [{ value: "", label: texts.text("reminder_target_default") }, ...targets];
      const key = JSON.stringify(offered);
      if (select.dataset.key !== key) { // not made anew for nothing: it may be open
        select.dataset.key = key;
        select.replaceChildren(...offered.map(({ value, label }) => new Option(label, value)));
      }
      select.value = target ?? "";
    }

    /** @param {Own} walker */
    #next({ on, due, next, paused }) {
      if (!on) return "";
      if (due) return texts.text("reminder_due");
      if (next) return texts.text("reminder_next", { when: format.when(this.hass, next, this.latest.today) });
      return paused ? "" : texts.text("reminder_none");
    }

    /** @param {Own} walker */
    #pause({ paused_until: until }) {
      return until
        ? texts.text("plan_paused_until", { date: format.date(this.hass, until) })
        : texts.text("plan_paused");
    }

    /**
     * Return the days of the plan with one more, or one less.
     * @param {number} day
     */
    #toggled(day) {
      const days = this.#walker?.own ? this.#walker.days : [];
      return days.includes(day) ? days.filter((other) => other !== day) : [...days, day];
    }
  };
};
