/** The card of a treadmill: timer, speed, program, check-list, and a Stop that is always there. */
/** What happened that everybody has to see, wherever it was caused. */
const WARNINGS = ["start_failed", "stop_failed", "safety_key", "guard", "nobody_on_belt", "not_obeyed", "rise_refused", "interrupted"];
const GOES_ON = ["started", "stopped", "finished", "link_back", "resumed"]; // what was said before holds no more
const STOPPED = ["stopped", "finished"];

export const makeCard = (modules) => {
  const { cards, curve, entities, format, style, texts, type } = modules;
  const { Link, LostError } = modules.link;
  const { voice } = modules.voice;

  return class RetrowalkCard extends HTMLElement {
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
    #link = new Link(() => this.#aliveChanged(), (told) => this.#told(told));
    #treadmill = new modules.treadmill.Treadmill(this.#link, { curve, entities });
    #parts; // what is seen, once Home Assistant is known
    #leave; // the other cards

    setConfig(config) {
      if (config.device_id !== undefined && typeof config.device_id !== "string") {
        throw new Error("device_id has to be the id of a treadmill's device");
      }
      this.#config = config;
      if (!this.#parts) return;
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
      const before = this.#treadmill.hass;
      this.#treadmill.hass = hass;
      this.#parts ??= this.#build();
      const moved = !before || before.entities !== hass.entities || before.devices !== hass.devices;
      const spoken = !before || before.language !== hass.language || before.formatEntityState !== hass.formatEntityState;
      if (moved) this.#resolve();
      if (spoken) texts.load(hass).then(() => this.#update());
      // Everything in the house comes by here; only what is ours is worth a look.
      const ours = Object.values(this.#treadmill.ids).some((id) => before?.states[id] !== hass.states[id]);
      if (moved || spoken || ours || before.connected !== hass.connected) this.#update();
    }

    connectedCallback() {
      this.#join();
      if (this.#parts) this.#resolve();
      document.addEventListener("visibilitychange", this.#visible);
      document.addEventListener("click", this.#touched, { once: true, capture: true });
      this.#parts?.timer.tick();
    }

    disconnectedCallback() {
      this.#link.close();
      this.#leave?.();
      this.#leave = undefined;
      // One that is only replaced goes on speaking.
      setTimeout(() => cards.any() || voice.hush());
      this.#parts?.timer.close();
      this.#parts?.alert.close();
      this.#parts?.wakeLock.close();
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
      const { device } = this.#treadmill;
      this.#leave?.();
      this.#leave = device && this.isConnected ? cards.join(device, this.#othersChanged) : undefined;
    }

    /** Whether it is this card that speaks, of all of its treadmill. */
    #speaks = () => cards.speaks(this.#treadmill.device, this.#othersChanged);

    #resolve() {
      const { hass } = this.#treadmill;
      const device = this.#config.device_id ?? entities.treadmills(hass)[0];
      if (this.#treadmill.resolve(device)) this.#join();
      if (this.#treadmill.exists && this.isConnected) this.#link.watch(hass, device);
      else this.#link.close();
    }

    #told(told) {
      voice.language = told.language ?? voice.language;
      if (told.type === "event") this.#happened(told);
      else this.#treadmill.session = told;
      this.#update();
    }

    #happened(told) {
      const { device } = this.#treadmill;
      const { alert } = this.#parts;
      if (this.#speaks()) voice.hear(told);
      const words = told.say[0]?.text;
      if (told.event === "stop_failed" && words) cards.setFailedStop(device, words);
      else if (WARNINGS.includes(told.event) && words) alert.say(words, true);
      else if (GOES_ON.includes(told.event)) alert.say();
      if (STOPPED.includes(told.event)) cards.setFailedStop(device);
    }

    #aliveChanged() {
      if (!this.#parts.alert.bad) this.#parts.alert.say();
      if (!this.#link.alive && this.#speaks() && !this.#treadmill.sessionWasOver) {
        voice.beep("alarm");
        voice.say(texts.text("lost"), { cuts: true });
      }
      this.#update();
    }

    #build() {
      const shared = {
        LostError,
        layout: new modules.layout.Layout(this.attachShadow({ mode: "open" }), style.css),
        treadmill: this.#treadmill,
        link: this.#link,
        cards,
        curve,
        entities,
        format,
        texts,
        voice,
        speaks: this.#speaks,
        update: () => this.#update(),
      };
      const alert = modules.alert.makeAlert(shared);
      const program = modules.program.makeProgram(shared);
      return {
        header: modules.header.makeHeader(shared),
        stop: modules.stop.makeStop({ ...shared, alert }),
        alert,
        values: modules.values.makeValues(shared),
        guidance: modules.guidance.makeGuidance(shared),
        buttons: modules.buttons.makeButtons({ ...shared, alert }),
        week: modules.week.makeWeek(shared),
        program,
        wakeLock: modules.wake_lock.makeWakeLock(shared),
        timer: modules.timer.makeTimer({ ...shared, program }),
      };
    }

    #update() {
      if (!this.#parts) return;
      const { header, stop, alert, values, guidance, buttons, week, program, wakeLock, timer } = this.#parts;
      for (const part of [header, stop, alert, values, guidance, buttons, week, program, wakeLock]) part.update();
      timer.tick();
    }
  };
};
