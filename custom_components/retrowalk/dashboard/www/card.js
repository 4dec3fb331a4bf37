/** The card of a treadmill: timer, speed, program, check-list, and a Stop that is always there. */
const ROUND = 2 * Math.PI * 52;
const SETTLES = 700; // ms after new buttons appeared in which a press was meant for the old ones
const SHOWS = 12000; // ms for which a refusal is read
const WARNS = 30000; // ms for which something bad is read that will not be said again
/** What happened that everybody has to see, wherever it was caused. */
const WARNINGS = ["start_failed", "stop_failed", "safety_key", "guard", "nobody_on_belt", "not_obeyed", "rise_refused", "interrupted"];
const PREPARING = ["ready", "countdown"];
const OVER = ["idle", "finished"];
const STEERED = ["starting", "warm_up", "active", "cool_down"];
const TONES = { walk: [...STEERED, "countdown"], care: ["manual", "paused", "interrupted", "stopping", "checking", "ready"] };
/** What may be pressed besides Stop, by state; the first is what one most likely wants. */
const ACTS = {
  idle: ["start"],
  finished: ["start"],
  ready: ["confirm"],
  warm_up: ["pause", "finish"],
  active: ["pause", "finish"],
  cool_down: ["pause"],
  paused: ["resume", "finish"],
  manual: ["resume", "finish"],
  interrupted: ["resume"],
};
/** Instead of those, where the link was lost for a moment and nothing rises until somebody says so. */
const HELD_ACTS = ["resume", "finish"];
const ICONS = { on: "mdi:volume-high", off: "mdi:volume-off" };
const KMH_TO = { "km/h": 1, mph: 0.621371, "m/s": 1 / 3.6, "ft/s": 0.911344, kn: 0.539957, "m/min": 1 / 0.06 };
/** How people want numbers written: Home Assistant's choices, by a language that writes so. */
const WRITTEN = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", quote_decimal: "de-CH", none: "en-US" };

const BODY = `
<ha-card><div class="card">
  <header>
    <div class="who"><h2 dir="auto"></h2><p class="sub"></p></div>
    <div class="state"></div>
    <button class="voice" type="button"><ha-icon></ha-icon></button>
  </header>
  <div class="alert" role="alert" hidden></div>
  <div class="count" role="timer" hidden></div>
  <div class="stage">
    <div class="ring" role="timer">
      <svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="60" r="52"/><circle class="left" cx="60" cy="60" r="52"/></svg>
      <div class="time" aria-hidden="true"><b></b><span></span></div>
    </div>
    <div class="values"></div>
  </div>
  <ul class="checks" hidden></ul>
  <figure class="curve" hidden>
    <div class="plot" role="img">
      <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
        <clipPath id="walked"><rect x="0" y="0" width="0" height="100"/></clipPath>
        <polygon class="whole-area"/><polygon class="walked" clip-path="url(#walked)"/>
        <polyline class="incline"/><polyline class="speed"/>
      </svg>
      <div class="here"></div>
    </div>
    <figcaption><span class="next"></span><span class="whole"></span></figcaption>
  </figure>
  <p class="hint" hidden></p>
  <div class="week" hidden>
    <span class="whose"></span>
    <div class="days" role="img"></div>
    <div class="streak"><b></b><span></span></div>
  </div>
  <div class="press">
    <div class="acts"></div>
    <button class="stop" type="button"></button>
  </div>
  <div class="heard" aria-live="polite"></div>
</div></ha-card>
<div class="full" popover="manual" role="alertdialog" aria-labelledby="said">
  <p id="said"></p>
  <button class="stop" type="button"></button>
  <button class="close" type="button"></button>
</div>`;

const clock = (seconds) => {
  const whole = Math.max(Math.round(seconds), 0);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

export const makeCard = ({ curve, entities, link, style, texts, voice, type }) =>
  class RetrowalkCard extends HTMLElement {
    static async getConfigForm() {
      const hass = document.querySelector("home-assistant")?.hass;
      if (hass) await texts.load(hass);
      const device = { integration: "retrowalk", entity: { domain: "button", integration: "retrowalk" } };
      return {
        schema: [{ name: "device_id", required: true, selector: { device } }],
        computeLabel: () => texts.text("treadmill"),
      };
    }

    static getStubConfig(hass) {
      return { type, device_id: entities.treadmills(hass)[0] };
    }

    #config = {};
    #hass;
    #ids = {};
    #device;
    #session = {}; // what the house told last
    #alert; // {text, bad}: what went wrong, until it is shown long enough
    #alertTimer;
    #timer;
    #counted; // the last second of the countdown that was shown
    #buttonsAt = 0;
    #wakeLock;
    #drawn; // the steps in the picture
    #voice = voice.voice;
    #leave; // the other cards
    #closed; // the failure that somebody has taken off the screen
    #link = new link.Link(() => this.#aliveChanged(), (told) => this.#told(told));

    setConfig(config) {
      if (config.device_id !== undefined && typeof config.device_id !== "string") {
        throw new Error("device_id has to be the id of a treadmill's device");
      }
      this.#config = config;
      if (!this.#hass) return;
      this.#resolve();
      this.#update();
    }

    getCardSize() {
      return 9;
    }

    getGridOptions() {
      return { columns: 12, min_columns: 6, rows: "auto" };
    }

    set hass(hass) {
      const before = this.#hass;
      this.#hass = hass;
      if (!this.shadowRoot) this.#build();
      const moved = !before || before.entities !== hass.entities || before.devices !== hass.devices;
      const spoken = !before || before.language !== hass.language || before.formatEntityState !== hass.formatEntityState;
      if (moved) this.#resolve();
      if (spoken) texts.load(hass).then(() => this.#update());
      // Everything in the house comes by here; only what is ours is worth a look.
      const ours = Object.values(this.#ids).some((id) => before?.states[id] !== hass.states[id]);
      if (moved || spoken || ours || before.connected !== hass.connected) this.#update();
    }

    connectedCallback() {
      this.#join();
      if (this.#hass) this.#resolve();
      document.addEventListener("visibilitychange", this.#visible);
      document.addEventListener("click", this.#touched, { once: true, capture: true });
      this.#tick();
    }

    disconnectedCallback() {
      this.#link.close();
      this.#leave?.();
      this.#leave = undefined;
      // One that is only replaced goes on speaking.
      setTimeout(() => link.shared.any || this.#voice.hush());
      clearTimeout(this.#timer);
      clearTimeout(this.#alertTimer);
      this.#letSleep();
      document.removeEventListener("visibilitychange", this.#visible);
      document.removeEventListener("click", this.#touched, { capture: true });
    }

    /** From now on the browser lets us speak. */
    #touched = () => setTimeout(() => this.#update());

    #visible = () => {
      if (!document.hidden) this.#update();
    };

    #othersChanged = () => this.#update();

    #join() {
      this.#leave?.();
      this.#leave = this.#device && this.isConnected ? link.shared.join(this.#device, this.#othersChanged) : undefined;
    }

    get #speaks() {
      return link.shared.speaks(this.#device, this.#othersChanged);
    }

    // What there is.

    #resolve() {
      const hass = this.#hass;
      const device = this.#config.device_id ?? entities.treadmills(hass)[0];
      if (device !== this.#device) {
        this.#session = {};
        this.#device = device;
        this.#join();
      }
      this.#ids = device ? entities.own(hass, device) : {};
      if (hass.devices[device] && this.isConnected) this.#link.watch(hass, device);
      else this.#link.close();
    }

    #entity(key) {
      return this.#hass.states[this.#ids[key]];
    }

    #state(key) {
      const state = this.#entity(key)?.state;
      return state === "unavailable" || state === "unknown" ? undefined : state;
    }

    get #alive() {
      return this.#link.alive && this.#hass.connected !== false;
    }

    get #phase() {
      // Somebody may have disabled the sensor; Stop works all the same.
      return this.#ids.session_state ? this.#state("session_state") : this.#alive ? this.#session.state : undefined;
    }

    /** Seconds: how long the walk is, how much is left of it and how much is over; undefined where nobody knows. */
    get #times() {
      const phase = this.#phase;
      const { moving, moving_time: walked = 0, at = 0 } = this.#session;
      const now = this.#link.now() / 1000;
      const ends = Date.parse(this.#state("session_ends")) / 1000;
      const steps = this.#session.steps ?? [];
      const length = curve.length(steps) || this.#session.length;
      if (OVER.includes(phase) || (PREPARING.includes(phase) && !walked)) return { length, left: length, over: 0 };
      if (ends) {
        const left = Math.max(ends - now, 0);
        return { length, left, over: Math.max(length - left, 0) };
      }
      const over = walked + (moving ? Math.max(now - at, 0) : 0);
      const planned = phase === "paused" || PREPARING.includes(phase) || phase === "starting";
      return { length, left: planned ? Math.max(length - over, 0) : undefined, over };
    }

    // What happens.

    #told(told) {
      this.#voice.language = told.language ?? this.#voice.language;
      if (told.type === "event") {
        if (this.#speaks) this.#voice.hear(told);
        const words = told.say[0]?.text;
        if (told.event === "stop_failed" && words) link.shared.setFailedStop(this.#device, words);
        else if (WARNINGS.includes(told.event) && words) this.#say(words, true);
        else if (["started", "stopped", "finished", "link_back", "resumed"].includes(told.event)) this.#say();
        if (["stopped", "finished"].includes(told.event)) link.shared.setFailedStop(this.#device);
      } else {
        this.#session = told;
      }
      this.#update();
    }

    #aliveChanged() {
      if (!this.#alert?.bad) this.#say();
      const phase = this.#ids.session_state ? this.#entity("session_state")?.state : this.#session.state;
      if (!this.#link.alive && this.#speaks && !OVER.includes(phase)) {
        this.#voice.beep("alarm");
        this.#voice.say(texts.text("lost"), { cuts: true });
      }
      this.#update();
    }

    #say(words, bad = false) {
      clearTimeout(this.#alertTimer);
      this.#alert = words && { words, bad };
      if (words) this.#alertTimer = setTimeout(() => (this.#say(), this.#update()), bad ? WARNS : SHOWS);
    }

    async #press(press) {
      if (performance.now() - this.#buttonsAt < SETTLES) return;
      this.#buttonsAt = performance.now(); // twice is once
      try {
        await this.#link.press(press);
        this.#say();
      } catch (error) {
        const lost = error instanceof link.LostError && (error.sent ? texts.text("no_answer") : texts.text("not_sent"));
        this.#say(lost || texts.reason(error));
      }
      this.#update();
    }

    async #stop() {
      const device = this.#device;
      this.#closed = undefined;
      this.#sending(true);
      const rests = OVER.includes(this.#phase);
      // Known already; it is tried all the same.
      if (!this.#alive) link.shared.setFailedStop(device, texts.text("stop_failed"));
      try {
        await this.#link.press("stop");
        link.shared.setFailedStop(device);
        this.#say(rests ? texts.text("nothing_to_stop") : undefined);
      } catch (error) {
        if (error?.translation_key === "nothing_to_stop") {
          // Not delivered either, but no session is under way: no alarm.
          link.shared.setFailedStop(device);
          this.#say(texts.reason(error));
          return;
        }
        const lost = error instanceof link.LostError;
        link.shared.setFailedStop(device, lost ? texts.text("stop_failed") : texts.reason(error));
        this.#voice.beep("alarm");
        this.#voice.say(link.shared.failedStop(device), { cuts: true });
      } finally {
        this.#sending(false);
        this.#update();
      }
    }

    #sending(sending) {
      for (const stop of this.shadowRoot.querySelectorAll(".stop")) stop.classList.toggle("sending", sending);
    }

    // What is seen.

    #build() {
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = `<style>${style.css}</style>${BODY}`;
      for (const stop of root.querySelectorAll(".stop")) stop.addEventListener("click", () => this.#stop());
      root.querySelector(".close").addEventListener("click", () => {
        this.#closed = link.shared.failedStop(this.#device);
        this.#update();
      });
      root.querySelector(".voice").addEventListener("click", () => {
        this.#voice.toggle(texts.text("voice_test"));
        link.shared.tellAll();
      });
    }

    #$(selector) {
      return this.shadowRoot.querySelector(selector);
    }

    #write(selector, words) {
      const element = this.#$(selector);
      if (element.textContent !== words) element.textContent = words;
    }

    #show(selector, shown) {
      this.#$(selector).hidden = !shown;
    }

    #update() {
      if (!this.shadowRoot || !this.#hass) return;
      const hass = this.#hass;
      const phase = this.#phase;
      const missing = !hass.devices[this.#device];
      this.#write("h2", entities.nameOf(hass, this.#device) || "Retrowalk");
      const told = (key) => this.#entity(key) && hass.formatEntityState(this.#entity(key));
      const guest = this.#session.state && hass.localize("component.retrowalk.entity.select.walker.state.guest");
      const walker = this.#session.walker ?? (guest || told("walker"));
      this.#write(".sub", [walker, told("direction"), told("program")].filter(Boolean).join(" · "));
      const words = missing ? texts.text("missing") : (told("session_state") ?? this.#phaseInWords(phase));
      this.#write(".state", words);
      if (this.#alive) this.#write(".heard", words);
      const tone = Object.keys(TONES).find((one) => TONES[one].includes(phase)) ?? "";
      this.#$(".card").dataset.tone = tone;
      this.#$(".card").classList.toggle("lost", !this.#alive);

      if (OVER.includes(phase) && this.#alive) link.shared.setFailedStop(this.#device); // the belt rests
      const failed = link.shared.failedStop(this.#device);
      const lost = this.#alive ? undefined : { words: texts.text("lost"), bad: true };
      const alert = failed ? { words: failed, bad: true } : (this.#alert ?? lost);
      this.#showFull(failed);
      this.#write(".alert", alert?.words ?? "");
      this.#$(".alert").classList.toggle("bad", Boolean(alert?.bad));
      this.#show(".alert", Boolean(alert));

      const on = this.#voice.on;
      const sound = this.#$(".voice");
      sound.setAttribute("aria-pressed", String(on));
      sound.setAttribute("aria-label", texts.text("voice"));
      sound.title = texts.text("voice");
      sound.firstElementChild.setAttribute("icon", on ? ICONS.on : ICONS.off);

      this.#updateValues();
      this.#updateChecks(phase);
      this.#updateActs(phase);
      this.#updateWeek();
      this.#draw();
      for (const stop of this.shadowRoot.querySelectorAll(".stop")) stop.textContent = texts.text("stop");
      this.#keepAwake();
      this.#tick();
    }

    #phaseInWords(phase) {
      const { localize } = this.#hass;
      return (phase && localize(`component.retrowalk.entity.sensor.session_state.state.${phase}`)) || localize("state.default.unavailable");
    }

    /** A Stop that did not get through fills the screen (S3); whoever has read it may close it, the card still says so. */
    #showFull(words) {
      const full = this.#$(".full");
      if (!full.showPopover) return;
      const shown = Boolean(words) && words !== this.#closed && this.#speaks && this.isConnected;
      if (!words) this.#closed = undefined;
      this.#write("#said", words ?? "");
      this.#write(".close", this.#hass.localize("ui.common.close"));
      if (shown === full.matches(":popover-open")) return;
      if (!shown) return full.hidePopover();
      full.showPopover();
      this.#$(".full .stop").focus();
    }

    #updateValues() {
      const box = this.#$(".values");
      const shown = ["speed", "incline", "session_calories", "distance", "heart_rate"].filter(
        (key) => this.#entity(key) && (key !== "heart_rate" || this.#state(key)),
      );
      if (box.dataset.keys !== shown.join()) {
        box.dataset.keys = shown.join();
        box.replaceChildren(
          ...shown.map((key) => {
            const button = document.createElement("button");
            button.className = key === "speed" ? "value main" : "value";
            button.type = "button";
            button.innerHTML = "<span></span><bdi><b></b> <small></small></bdi>";
            button.addEventListener("click", () => this.#moreInfo(key));
            return button;
          }),
        );
      }
      shown.forEach((key, at) => {
        const state = this.#entity(key);
        const unit = state.attributes.unit_of_measurement ?? "";
        const known = this.#state(key) !== undefined && this.#alive;
        const whole = known ? this.#hass.formatEntityState(state) : "–";
        const [name, value] = box.children[at].children;
        const label = this.#nameOf(key);
        if (name.textContent !== label) name.textContent = label;
        value.children[0].textContent = unit && whole.endsWith(unit) ? whole.slice(0, -unit.length).trim() : whole;
        value.children[1].textContent = known && whole.endsWith(unit) ? unit : "";
      });
    }

    #nameOf(key) {
      const named = this.#hass.localize(`component.retrowalk.entity.sensor.${key}.name`);
      return named || texts.text(key);
    }

    #moreInfo(key) {
      const detail = { entityId: this.#ids[key] };
      this.dispatchEvent(new CustomEvent("hass-more-info", { detail, bubbles: true, composed: true }));
    }

    #updateChecks(phase) {
      const checks = PREPARING.includes(phase) ? (this.#session.checklist ?? []) : [];
      const list = this.#$(".checks");
      list.setAttribute("aria-label", texts.text("checklist"));
      list.hidden = !checks.length;
      if (list.dataset.checks === checks.join("\n")) return;
      list.dataset.checks = checks.join("\n");
      list.replaceChildren(
        ...checks.map((check) => Object.assign(document.createElement("li"), { textContent: check })),
      );
    }

    #updateActs(phase) {
      const monitors = this.#session.control === false;
      const locked = this.#state("control_lock") === "on";
      const held = this.#session.held && STEERED.includes(phase);
      const acts = monitors ? [] : held ? HELD_ACTS : (ACTS[phase] ?? []);
      const box = this.#$(".acts");
      // Stop stays where it is when the others go for a moment.
      box.hidden = monitors || !phase || phase === "countdown";
      if (box.dataset.acts !== acts.join()) {
        const focused = box.contains(this.shadowRoot.activeElement);
        if (box.dataset.acts !== undefined) this.#buttonsAt = performance.now();
        box.dataset.acts = acts.join();
        box.replaceChildren(
          ...acts.map((act, at) => {
            const button = document.createElement("button");
            button.type = "button";
            button.className = at ? "" : "first";
            button.addEventListener("click", () => this.#press(act));
            return button;
          }),
        );
        // Whoever works with keys must not be thrown back to the page's beginning.
        if (focused) (box.firstElementChild ?? this.#$(".stop")).focus({ preventScroll: true });
      }
      acts.forEach((act, at) => {
        box.children[at].textContent = texts.text(act);
        // A belt that still comes to rest cannot be resumed.
        box.children[at].disabled = !this.#alive || locked || (act === "resume" && this.#session.coasting);
      });
      let hint = "";
      if (!this.#hass.devices[this.#device]) hint = texts.text("missing_hint");
      else if (phase === undefined) hint = texts.text("unavailable");
      else if (monitors) hint = texts.text("monitors");
      else if (locked) hint = texts.text("locked");
      else if (held) hint = texts.text("held");
      else if (phase === "ready" && this.#state("connection") !== "connected") hint = texts.text("connecting");
      else if (this.#session.nobody && [...OVER, "ready"].includes(phase)) hint = texts.text("nobody");
      else if (this.#voice.on && !this.#voice.allowed) hint = texts.text("voice_touch");
      this.#write(".hint", hint);
      this.#show(".hint", Boolean(hint));
    }

    #updateWeek() {
      const week = this.#session.week;
      const shown = Boolean(week) && !PREPARING.includes(this.#phase);
      this.#show(".week", shown);
      if (!shown) return;
      const { language } = this.#hass;
      const box = this.#$(".days");
      const days = week.days.map((day) => {
        // At noon: midnight of one zone is yesterday in another.
        const date = new Date(`${day.date}T12:00:00`);
        const element = document.createElement("div");
        element.className = ["day", day.reached && "reached", !day.planned && "free", day.date === week.today && "today"]
          .filter(Boolean)
          .join(" ");
        element.innerHTML = "<i></i>";
        element.firstChild.style.setProperty("--part", Math.min(day.minutes / (week.goal || 1), 1));
        element.append(date.toLocaleDateString(language, { weekday: "narrow" }));
        return element;
      });
      const key = JSON.stringify([week, language]);
      if (box.dataset.key !== key) {
        box.dataset.key = key;
        box.replaceChildren(...days);
        const reached = week.days.filter((day) => day.reached).length;
        const minutes = Math.round(week.days.reduce((sum, day) => sum + day.minutes, 0));
        box.setAttribute("aria-label", texts.text("week", { reached, minutes }));
      }
      this.#write(".whose", week.walker === this.#session.walker ? "" : week.walker);
      this.#write(".streak b", this.#number(week.streak));
      this.#write(".streak span", texts.text(week.streak === 1 ? "streak_one" : "streak"));
    }

    #draw() {
      const steps = this.#session.steps ?? [];
      const phase = this.#phase;
      this.#show(".curve", steps.length > 0 && phase !== "countdown");
      const unit = this.#entity("speed")?.attributes.unit_of_measurement;
      const drawn = JSON.stringify([steps, unit, texts.text("planned")]); // the words, too
      if (this.#drawn === drawn) return;
      this.#drawn = drawn;
      if (!steps.length) return;
      const { speed, area, incline } = curve.lines(steps);
      this.#$("polyline.speed").setAttribute("points", speed);
      this.#$("polyline.incline").setAttribute("points", incline);
      for (const polygon of this.shadowRoot.querySelectorAll("polygon")) polygon.setAttribute("points", area);
      this.#write(".whole", clock(curve.length(steps)));
      const values = { minutes: this.#number(curve.length(steps) / 60), speed: this.#amount("speed", curve.top(steps)) };
      this.#$(".plot").setAttribute("aria-label", texts.text("curve", values));
    }

    #number(value) {
      const { language, number_format: format } = this.#hass.locale;
      const written = format === "system" ? undefined : (WRITTEN[format] ?? language);
      return new Intl.NumberFormat(written, { maximumFractionDigits: 1, useGrouping: format !== "none" }).format(value);
    }

    /** A speed (km/h) or incline (%) in the unit that is shown elsewhere. */
    #amount(what, value) {
      if (what === "incline") return `${this.#number(value)} %`;
      const shown = this.#entity(what)?.attributes.unit_of_measurement;
      const unit = shown in KMH_TO ? shown : "km/h";
      return `${this.#number(value * KMH_TO[unit])} ${unit}`;
    }

    // What moves by itself.

    #tick() {
      clearTimeout(this.#timer);
      if (!this.shadowRoot || !this.#hass || !this.isConnected) return;
      const phase = this.#phase;
      this.#count(phase);
      this.#turn(phase);
      // A ring that goes on while nobody knows would lie.
      if (!this.#alive || document.hidden || phase === undefined || OVER.includes(phase)) return;
      this.#timer = setTimeout(() => this.#tick(), phase === "countdown" ? 100 : 500);
    }

    #count(phase) {
      const ends = phase === "countdown" && Date.parse(this.#entity("session_state")?.attributes.countdown_ends);
      const counts = Boolean(ends) && this.#alive;
      this.#show(".count", counts);
      // While one gets ready the check-list and what to press next have to be seen at once.
      this.#show(".stage", !counts && phase !== "ready" && Boolean(this.#hass.devices[this.#device]));
      if (!counts) {
        this.#counted = undefined;
        return;
      }
      const left = Math.max(Math.ceil((ends - this.#link.now()) / 1000), 0);
      if (left === this.#counted) return;
      this.#counted = left;
      this.#write(".count", this.#number(left));
      this.#$(".count").setAttribute("aria-label", texts.text("countdown", { seconds: left }));
      if (this.#speaks && [10, 5, 3, 2, 1].includes(left)) this.#voice.number(left);
      if ([10, 5].includes(left)) this.#write(".heard", this.#number(left));
    }

    #turn(phase) {
      const { length, left, over } = this.#times;
      const resting = OVER.includes(phase);
      let [seconds, words] = [left, resting || PREPARING.includes(phase) ? "planned" : "left"];
      if (phase === "finished") [seconds, words] = [this.#session.moving_time, "walked"];
      else if (left === undefined) [seconds, words] = [over, "walked"];
      const known = this.#alive && phase !== undefined && Number.isFinite(seconds);
      const shown = known ? clock(seconds) : "–:––";
      this.#write(".time b", shown);
      this.#write(".time span", known ? texts.text(words) : "");
      this.#$(".ring").setAttribute("aria-label", known ? `${shown} ${texts.text(words)}` : texts.text("lost"));
      const part = !known || left === undefined ? 0 : resting ? 1 : Math.min(left / (length || 1), 1);
      const circle = this.#$(".ring .left");
      circle.style.strokeDasharray = ROUND;
      circle.style.strokeDashoffset = ROUND * (1 - part);
      circle.style.opacity = part ? 1 : 0;
      this.#move(over, phase);
    }

    #move(over, phase) {
      const steps = this.#session.steps ?? [];
      if (!steps.length || !this.#alive) return;
      const { x, y } = curve.place(steps, over);
      this.#$(".here").style.insetInlineStart = `${x * 100}%`;
      this.#$(".here").style.insetBlockStart = `${y * 100}%`;
      this.#$("rect").setAttribute("width", x * 1000);
      const steered = STEERED.includes(phase) || PREPARING.includes(phase) || phase === "paused";
      const next = steered ? curve.next(steps, over) : undefined;
      let words = "";
      if (next) {
        const values = { time: clock(next.seconds), to: this.#amount(next.what, next.to) };
        const soon = next.seconds >= 1 ? "next" : "now";
        words = texts.text(`${soon}_${next.what}_${next.up ? "up" : "down"}`, values);
      } else if (steered) {
        words = texts.text("next_end", { time: clock(curve.length(steps) - over) });
      }
      this.#write(".next", words);
    }

    /** A screen that goes dark in the middle of a walk shows no timer, and speaks no more. */
    async #keepAwake() {
      const wanted = () => this.isConnected && !document.hidden && this.#phase !== undefined && !OVER.includes(this.#phase);
      if (!wanted()) {
        if (!document.hidden) this.#letSleep();
        return;
      }
      if (this.#wakeLock && !this.#wakeLock.released) return;
      this.#wakeLock = { release() {} }; // asked for
      const lock = await navigator.wakeLock?.request("screen").catch(() => {});
      this.#wakeLock = lock;
      if (!wanted()) this.#letSleep();
    }

    #letSleep() {
      this.#wakeLock?.release();
      this.#wakeLock = undefined;
    }
  };
