// @ts-check
/**
 * What was: the list of past sessions, of which one at a time is open and can be corrected, and a walker's last weeks.
 *
 * Home Assistant sends both ready to be shown, in the user's language and the units of the house. The types describe
 * what dashboard/past.py sends:
 *
 * @typedef {string | number | null} Value
 * @typedef {object} Past a session
 * @property {string} id
 * @property {string} started the local time of the house
 * @property {string} who the walker, and the treadmill unless it is the list's
 * @property {string} text
 * @property {string} said its ratings
 * @property {string} curve the data of an SVG path, or ""
 * @property {boolean} measured or else the curve is its mean speed
 * @property {string} about the curve in words
 * @property {[label: string, value: string][]} figures
 * @property {boolean} own whether this user may have its file
 * @property {Record<string, Value> | null} values what may be corrected
 * @property {boolean} deletes whether this user may delete it
 * @typedef {{ name: string, action: string, label: string, options: [value: Value, label: string][] | null }} Field
 * @typedef {object} Page
 * @property {[id: string, label: string][]} walkers
 * @property {Past[]} sessions
 * @property {boolean} more
 * @property {string | null} empty
 * @property {Field[]} fields
 */
/** @import * as Elements from "./elements.js" */
/** @import { DeviceCardModules } from "./elements.js" */
/** @import * as Format from "./format.js" */
/**
 * @typedef {DeviceCardModules & { elements: typeof Elements, format: typeof Format }} Modules
 */

const PAGE = 10;
const FILES = ["FIT", "TCX"];
const LONGEST_NOTE = 500;
const TYPED = 1500; // ms after the last key

/**
 * @param {ParentNode} place
 * @param {string} selector
 */
const find = (place, selector) => /** @type {HTMLElement} */ (place.querySelector(selector));

/** @param {Modules} modules */
export const makeSessions = (modules) => {
  const { elements, format, texts } = modules;
  const { CURVE, drawWalk, make, makeButton } = elements;

  /**
   * @param {ParentNode} place
   * @param {Past} session
   */
  function draw(place, { curve, measured }) {
    const plot = find(place, ".plot");
    plot.classList.toggle("mean", !measured);
    drawWalk(plot, curve);
    return plot;
  }

  return class RetrowalkSessions extends elements.makeDeviceCard(modules) {
    /** @override */
    static type = "custom:retrowalk-sessions";
    /** @override */
    static of = "treadmill";
    /** @override */
    static command = "retrowalk/sessions";
    /** @override */
    static body = `<ha-card class="form past">
<label class="row" hidden><span data-text="sessions_of"></span><select class="soft"></select></label>
<p class="empty" hidden></p><ul></ul>
<button class="soft more" type="button" data-text="more" hidden></button>
<p class="said" role="status" hidden></p></ha-card>`;

    /** @override */
    wanted = { most: PAGE, walker: "" };
    #opened = ""; // the ID of a session
    #asksToDelete = false;
    #leads = ""; // to the session that is to be rated

    /** @returns {Page | undefined} */
    get #page() {
      return this.latest;
    }

    /** @override */
    build() {
      this.on("select", () => this.#want({ most: PAGE, walker: this.find("select").value }), "change");
      this.on(".more", () => this.#want({ most: this.wanted.most + PAGE }));
    }

    /** @param {object} wanted */
    #want(wanted) {
      Object.assign(this.wanted, wanted);
      this.follow();
    }

    /**
     * @override
     * @param {[session: string, walker: string]} detail
     */
    lead([session, walker]) {
      this.#opened = session;
      this.#leads = session;
      this.#want({ most: PAGE, walker });
      this.show();
    }

    /** @override */
    show() {
      const page = this.#page;
      if (!page) return;
      const [select, list] = [this.find("select"), this.find("ul")];
      this.find("label").hidden = false;
      const offered = JSON.stringify(page.walkers);
      if (select.dataset.key !== offered) {
        select.dataset.key = offered; // not made anew for nothing: it may be open
        select.replaceChildren(...page.walkers.map(([id, label]) => new Option(label, id)));
      }
      select.value = this.wanted.walker;
      this.find(".empty").textContent = page.empty;
      this.find(".empty").hidden = !page.empty;
      this.find(".more").hidden = !page.more;
      const known = new Map([...list.children].map((entry) => [entry.id, entry]));
      const entries = page.sessions.map((session) => {
        const entry = known.get(session.id) ?? this.#makeEntry(session.id);
        this.#showEntry(entry, session);
        return entry;
      });
      /** Not moved for nothing: that would take the focus away. */
      if (entries.length !== known.size || entries.some((entry, at) => list.children[at] !== entry)) {
        list.replaceChildren(...entries);
      }
      const led = entries.find(({ id }) => id === this.#leads);
      if (!led) return;
      this.#leads = "";
      find(led, "select").focus();
      led.scrollIntoView({ block: "center" });
    }

    /** @param {string} id */
    #makeEntry(id) {
      const toggle = () => {
        this.#opened = this.#opened === id ? "" : id;
        this.#asksToDelete = false;
        this.say();
        this.show();
      };
      const button = makeButton("entry", toggle);
      button.innerHTML =
        `${CURVE}<span><b><bdi></bdi></b><span><bdi></bdi></span><span class="small"><bdi></bdi></span></span>`;
      return make("li", { id }, button);
    }

    /**
     * @param {Element} entry
     * @param {Past} session
     */
    #showEntry(entry, session) {
      const { hass } = this;
      const day = session.started.slice(0, 10);
      const year = day.slice(0, 4) === String(new Date().getFullYear()) ? undefined : "numeric";
      const date = format.date(hass, day, { weekday: "short", day: "numeric", month: "short", year });
      draw(entry, session);
      const lines = [`${date}, ${format.time(hass, session.started)} · ${session.who}`, session.text, session.said];
      for (const [at, line] of find(entry, "button").querySelectorAll("bdi").entries()) line.textContent = lines[at];
      const opened = session.id === this.#opened;
      find(entry, "button").ariaExpanded = String(opened);
      if (opened) this.#showOpen(entry.querySelector(".open") ?? this.#makeOpen(entry, session), session);
      else entry.querySelector(".open")?.remove();
    }

    /**
     * @param {Element} entry
     * @param {Past} session
     */
    #makeOpen(entry, { id, own }) {
      const fields = (this.#page?.fields ?? []).map((field) => this.#makeField(id, field));
      const files = (own ? FILES : []).map((file) =>
        makeButton(`soft grow ${file}`, () => this.do(() => this.#save(id, file)))
      );
      const place = make("div", { className: "open", innerHTML: `${CURVE}<dl></dl>` });
      place.append(
        make("div", { className: "fields" }, ...fields),
        make(
          "div",
          { className: "row" },
          ...files,
          makeButton("soft grow delete", () => this.do(() => this.#delete(id))),
          makeButton("soft grow keep", () => this.#ask(false)),
        ),
      );
      entry.append(place);
      return place;
    }

    /**
     * @param {string} id
     * @param {Field} field
     */
    #makeField(id, { name, action, label, options }) {
      const input = options
        ? make("select", { className: "soft" }, ...options.map(([, text]) => new Option(text)))
        : make("textarea", { className: "soft", maxLength: LONGEST_NOTE, rows: 2 });
      const change = async () => {
        const value = options ? options[/** @type {HTMLSelectElement} */ (input).selectedIndex][0] : input.value;
        await this.#act(action, id, { [name]: value });
        return texts.text("saved");
      };
      /** @type {number | undefined} */
      let typing;
      const send = () => {
        clearTimeout(typing);
        this.do(change);
      };
      input.addEventListener("change", send);
      const type = () => {
        clearTimeout(typing);
        typing = setTimeout(send, TYPED);
      };
      if (!options) input.addEventListener("input", type);
      return make("label", { className: name }, make("span", { className: "small" }, label), input);
    }

    /**
     * @param {Element} place
     * @param {Past} session
     */
    #showOpen(place, session) {
      const plot = draw(place, session);
      plot.hidden = !session.curve;
      plot.role = "img";
      plot.ariaLabel = session.about;
      const figures = session.figures.map(([label, value]) =>
        make("div", {}, make("dt", { className: "small" }, label), make("dd", {}, make("bdi", {}, value)))
      );
      find(place, "dl").replaceChildren(...figures);
      for (const { name, options } of this.#page?.fields ?? []) {
        const field = find(place, `.${name}`);
        field.hidden = !session.values || !(name in session.values);
        const input = /** @type {HTMLSelectElement} */ (field.lastElementChild);
        const value = session.values?.[name];
        if (options) input.selectedIndex = options.findIndex(([option]) => option === value);
        else if (this.root.activeElement !== input) input.value = String(value ?? "");
      }
      for (const file of session.own ? FILES : []) {
        find(place, `.${file}`).textContent = texts.text("save_as", { format: file });
      }
      find(place, ".delete").hidden = !session.deletes;
      find(place, ".delete").textContent = this.#asksToDelete ? texts.text("delete_sure") : texts.text("delete");
      find(place, ".keep").hidden = !this.#asksToDelete;
      find(place, ".keep").textContent = texts.text("keep");
    }

    /**
     * @param {string} action
     * @param {string} id
     * @param {object} [data]
     */
    #act(action, id, data) {
      return elements.act(this.hass, action, { device_id: this.device, session_id: id, ...data });
    }

    /** @param {boolean} asks */
    #ask(asks) {
      this.#asksToDelete = asks;
      this.show();
      this.find(asks ? ".keep" : ".delete").focus();
    }

    /** @param {string} id */
    async #delete(id) {
      if (!this.#asksToDelete) return this.#ask(true);
      await this.#act("delete_session", id);
      this.find("select").focus();
      return texts.text("deleted");
    }

    /**
     * Save the session's file with the browser.
     * @param {string} id
     * @param {string} file its format
     */
    async #save(id, file) {
      const path = `/api/retrowalk/session/${this.device}/${id}?format=${file.toLowerCase()}`;
      make("a", { href: await elements.sign(this.hass, path), download: "" }).click();
    }
  };
};

/** @param {Modules} modules */
export const makeTrends = (modules) =>
  class RetrowalkTrends extends modules.elements.makeDeviceCard(modules) {
    /** @override */
    static type = "custom:retrowalk-trends";
    /** @override */
    static command = "retrowalk/trends";
    /** @override */
    static body = `<ha-card class="form trends"><div></div></ha-card>`;

    /** @override */
    show() {
      if (!this.latest) return;
      const { html, said } = this.latest;
      if (html) this.find("div").innerHTML = html; // Home Assistant has escaped what is in it
      else this.find("div").textContent = said ?? "";
    }
  };
