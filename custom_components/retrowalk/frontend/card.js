/** The card of a treadmill: timer, speed, program, check-list, and a Stop that is always there. */
const ROUND = 2 * Math.PI * 52;
const SETTLES = 700; // ms after new buttons appeared in which a press was meant for the old ones
const SHOWS = 12000; // ms for which a refusal is read
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
const KMH_TO = { mph: 0.621371, "m/s": 1 / 3.6, "ft/s": 0.911344, kn: 0.539957 };

const BODY = `
<ha-card><div class="card">
  <header>
    <div class="who"><h2></h2><p class="sub"></p></div>
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
  <div class="acts"></div>
  <div class="week" hidden>
    <span class="whose"></span>
    <div class="days" role="img"></div>
    <div class="streak"><b></b><span></span></div>
  </div>
  <button class="stop" type="button"></button>
  <div class="heard" aria-live="polite"></div>
</div></ha-card>`;

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
    #voice = new voice.Voice();
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
      if (this.#hass) this.#resolve();
      document.addEventListener("visibilitychange", this.#visible);
      document.addEventListener("click", this.#touched, { once: true, capture: true });
      this.#tick();
    }

    disconnectedCallback() {
      this.#link.close();
      this.#voice.hush();
      clearTimeout(this.#timer);
      clearTimeout(this.#alertTimer);
      this.#wakeLock?.release();
      this.#wakeLock = undefined;
      document.removeEventListener("visibilitychange", this.#visible);
      document.removeEventListener("click", this.#touched, { capture: true });
    }

    /** From now on the browser lets us speak. */
    #touched = () => setTimeout(() => this.#update());

    #visible = () => {
      if (!document.hidden) this.#tick();
    };

    // What there is.

    #resolve() {
      const hass = this.#hass;
      const device = this.#config.device_id ?? entities.treadmills(hass)[0];
      if (device !== this.#device) this.#session = {};
      this.#device = device;
      this.#ids = device ? entities.own(hass, device) : {};
      if (this.#ids.session_state && this.isConnected) this.#link.watch(hass, device);
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
      return this.#state("session_state");
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
        this.#voice.hear(told);
        if (told.event === "started" || told.event === "stopped") this.#say();
      } else {
        this.#session = told;
        this.#update();
      }
    }

    #aliveChanged() {
      this.#say();
      if (!this.#link.alive) {
        this.#voice.beep("alarm");
        this.#voice.say(texts.text("lost"), { cuts: true });
      }
      this.#update();
    }

    #say(words, bad = false) {
      clearTimeout(this.#alertTimer);
      this.#alert = words && { words, bad };
      if (words && !bad) this.#alertTimer = setTimeout(() => (this.#say(), this.#update()), SHOWS);
    }

    async #press(press) {
      if (performance.now() - this.#buttonsAt < SETTLES) return;
      this.#buttonsAt = performance.now(); // twice is once
      try {
        await this.#link.press(press);
        this.#say();
      } catch (error) {
        this.#say(error instanceof link.LostError ? texts.text("not_sent") : texts.reason(error));
      }
      this.#update();
    }

    async #stop() {
      const button = this.shadowRoot.querySelector(".stop");
      button.classList.add("sending");
      if (!this.#alive) {
        // Known already; it is tried all the same.
        this.#say(texts.text("stop_failed"), true);
        this.#update();
      }
      try {
        await this.#link.press("stop");
        this.#say();
      } catch (error) {
        const lost = error instanceof link.LostError || error?.code === "too_late";
        const words = lost ? texts.text("stop_failed") : texts.reason(error);
        this.#say(words, true);
        this.#voice.beep("alarm");
        this.#voice.say(words, { cuts: true });
      } finally {
        button.classList.remove("sending");
      }
      this.#update();
    }

    // What is seen.

    #build() {
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = `<style>${style.css}</style>${BODY}`;
      root.querySelector(".stop").addEventListener("click", () => this.#stop());
      root.querySelector(".voice").addEventListener("click", () => {
        this.#voice.toggle(texts.text("voice_test"));
        this.#update();
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
      const missing = !this.#ids.session_state;
      this.#write("h2", entities.nameOf(hass, this.#device) || "Retrowalk");
      const told = (key) => this.#entity(key) && hass.formatEntityState(this.#entity(key));
      const walker = this.#session.walker ?? told("walker");
      this.#write(".sub", [walker, told("direction"), told("program")].filter(Boolean).join(" · "));
      const words = missing ? texts.text("missing") : hass.formatEntityState(this.#entity("session_state") ?? { state: "unavailable" });
      this.#write(".state", words);
      if (this.#alive) this.#write(".heard", words);
      const tone = Object.keys(TONES).find((one) => TONES[one].includes(phase)) ?? "";
      this.#$(".card").dataset.tone = tone;
      this.#$(".card").classList.toggle("lost", !this.#alive);

      const alert = this.#alert ?? (this.#alive ? undefined : { words: texts.text("lost"), bad: true });
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
      this.#write(".stop", texts.text("stop"));
      this.#keepAwake(phase);
      this.#tick();
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
      const monitors = !this.#ids.start;
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
        box.children[at].disabled = !this.#alive || locked;
      });
      let hint = "";
      if (phase === undefined && !this.#ids.session_state) hint = texts.text("missing_hint");
      else if (phase === undefined) hint = texts.text("unavailable");
      else if (monitors) hint = texts.text("monitors");
      else if (locked) hint = texts.text("locked");
      else if (held) hint = texts.text("held");
      else if (phase === "ready" && this.#state("connection") !== "connected") hint = texts.text("connecting");
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
      this.#write(".streak b", new Intl.NumberFormat(language).format(week.streak));
      this.#write(".streak span", texts.text(week.streak === 1 ? "streak_one" : "streak"));
    }

    #draw() {
      const steps = this.#session.steps ?? [];
      const phase = this.#phase;
      this.#show(".curve", steps.length > 0 && phase !== "countdown");
      if (this.#drawn === JSON.stringify(steps)) return;
      this.#drawn = JSON.stringify(steps);
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
      return new Intl.NumberFormat(this.#hass.language, { maximumFractionDigits: 1 }).format(value);
    }

    /** A speed (km/h) or incline (%) in the unit that is shown elsewhere. */
    #amount(what, value) {
      const unit = this.#entity(what)?.attributes.unit_of_measurement ?? (what === "speed" ? "km/h" : "%");
      return `${this.#number(value * (KMH_TO[unit] ?? 1))} ${unit}`;
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
      const ends = phase === "countdown" && Date.parse(this.#entity("session_state").attributes.countdown_ends);
      const counts = Boolean(ends) && this.#alive;
      this.#show(".count", counts);
      this.#show(".stage", !counts && Boolean(this.#ids.session_state));
      if (!counts) {
        this.#counted = undefined;
        return;
      }
      const left = Math.max(Math.ceil((ends - this.#link.now()) / 1000), 0);
      if (left === this.#counted) return;
      this.#counted = left;
      this.#write(".count", this.#number(left));
      this.#$(".count").setAttribute("aria-label", texts.text("countdown", { seconds: left }));
      if ([10, 5, 3, 2, 1].includes(left)) this.#voice.number(left);
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
    async #keepAwake(phase) {
      const wanted = this.isConnected && phase !== undefined && !OVER.includes(phase);
      if (!wanted || document.hidden) {
        if (!wanted && this.#wakeLock) this.#wakeLock.release();
        if (!wanted) this.#wakeLock = undefined;
      } else if (!this.#wakeLock || this.#wakeLock.released) {
        this.#wakeLock = { release() {} };
        this.#wakeLock = (await navigator.wakeLock?.request("screen").catch(() => {})) ?? this.#wakeLock;
      }
    }
  };
