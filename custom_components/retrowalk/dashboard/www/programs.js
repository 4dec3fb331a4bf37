// @ts-check
/**
 * The editor of a treadmill's programs: steps in rows, with a curve that is drawn anew as one types.
 *
 * What is written is kept in the browser until it is saved or discarded. Home Assistant reads what was typed, draws it,
 * finds what the limits cut and what is wrong with which row, and saves it: see dashboard/editor.py, whose messages the
 * types describe.
 *
 * @typedef {{ program: string | null, seen?: string, name: string, direction: string, rows: Row[] }} Draft program: what it replaces,
 *   as it was seen
 * @typedef {{ row: number | null, text: string, svg?: string, cuts?: string[] }} Drawn no svg: text says what is wrong
 */
/** @import * as Elements from "./elements.js" */
/** @import { DeviceCardModules } from "./elements.js" */
/** @import * as Steps from "./steps.js" */
/** @import { Row } from "./steps.js" */

const TYPED = 300; // ms after the last key

/**
 * Return the choices of a menu.
 * @param {{ id: string, label: string }[]} choices
 */
const optionsOf = (choices) => choices.map(({ id, label }) => new Option(label, id));

/**
 * Return a button with its text, `program_…`.
 * @param {string} name
 * @param {string} [more] classes
 */
const button = (name, more = "") => `<button class="soft grow ${name} ${more}" data-text="program_${name}"></button>`;

/** @param {DeviceCardModules & { elements: typeof Elements, steps: typeof Steps }} modules */
export const makePrograms = (modules) => {
  const { elements: { make, makeButton, makeDeviceCard, why }, texts: { text } } = modules;

  return class RetrowalkPrograms extends makeDeviceCard(modules) {
    /** @override */
    static type = "custom:retrowalk-programs";
    /** @override */
    static of = "treadmill";
    /** @override */
    static command = "retrowalk/programs";
    /** @override */
    static body = `<ha-card class="form">
<div class="form list" hidden><div class="form own"></div><div class="row">${
      button("new")
    }<select class="soft grow copy"></select></div></div>
<div class="form editor" hidden><div class="row"><label class="row grow"><span data-text="program_name"></span><input class="soft grow name"></label><select class="soft direction"></select></div>
<div class="plot"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"></svg></div>
<p class="summary" role="status"></p><ul class="cuts"></ul><ol class="form steps"></ol><p class="small" data-text="program_hint"></p>
<div class="row">${button("add")}${button("undo")}</div>
<div class="row">${button("save", "first")}${button("discard")}${button("drop")}</div></div>
<div class="said" role="status" hidden></div></ha-card>`;

    /** @type {Draft | undefined} what is written; none: the list is shown */
    #draft;
    /** @type {string[]} what was written before each change */
    #before = [];
    #changed = ""; // what was changed last: typing in one field is undone at once
    #texts = ""; // the texts with which the fields were made
    #drawing = false;
    #stale = false;
    /** @type {number | undefined} */
    #typing;

    get #key() {
      return `retrowalk-program-${this.device}`;
    }

    get #steps() {
      return [...this.find(".steps").children];
    }

    /** @override */
    build() {
      const copy = this.find(".copy");
      const presses = {
        new: () => this.#open(),
        add: () => this.change((rows) => [...rows, { minutes: "1" }], -1, "minutes"),
        undo: () => {
          this.#draft = JSON.parse(this.#before.pop() ?? "");
          this.#changed = "";
          this.#write();
          this.#keep();
        },
        save: () => this.#save(),
        discard: () => this.#discard(),
        drop: () => this.#drop(),
      };
      for (const [press, work] of Object.entries(presses)) this.on(`.${press}`, work);
      this.on(".copy", () => this.#open(copy.value, true), "change");
      for (const field of ["name", "direction"]) {
        const input = this.find(`.${field}`);
        input.addEventListener("input", () => this.#edit(field, { [field]: input.value }));
      }
      this.find(".steps").addEventListener("focusin", () => this.#mark());
    }

    /** @override */
    show() {
      const { latest } = this;
      const may = Boolean(latest?.editable);
      const kept = localStorage.getItem(this.#key);
      if (may && !this.#draft && kept) { // the page was left before it was saved
        this.#draft = JSON.parse(kept);
        this.#keep();
        this.say(text("program_draft"));
      }
      const draft = this.#draft;
      if (latest && !may) this.say(text("programs_admins"));
      this.find(".list").hidden = !may || Boolean(draft);
      this.find(".editor").hidden = !may || !draft;
      if (!may) return;
      this.find(".own").replaceChildren(
        ...latest.own.map((/** @type {Record<string, string>} */ { id, name, summary }) =>
          makeButton("soft", () => this.do(() => this.#open(id)), make("bdi", {}, name), make("small", {}, summary))
        ),
      );
      this.find(".copy").ariaLabel = latest.copies[0].label;
      this.find(".copy").replaceChildren(...optionsOf(latest.copies));
      const written = JSON.stringify([latest.groups, latest.directions, text("step_up")]);
      if (draft && written !== this.#texts) this.#write();
      this.#texts = written;
      this.#draw();
    }

    /**
     * Open a program, or a copy of one, or a new one.
     * @param {string} [program]
     * @param {boolean} [copy]
     */
    async #open(program, copy = false) {
      const { note, ...draft } = await this.#ask("open", { program, copy });
      this.#begin(draft);
      this.find(draft.name ? ".direction" : ".name").focus();
      return note;
    }

    /**
     * Edit this, or nothing any more.
     * @param {Draft} [draft]
     * @param {string[]} [before]
     */
    #begin(draft, before = []) {
      clearTimeout(this.#typing);
      [this.#draft, this.#before, this.#texts] = [draft, before, ""];
      localStorage.removeItem(this.#key);
      this.show();
      if (draft) this.#keep();
      else this.find(".new").focus();
    }

    /**
     * Change what is written.
     * @param {string} what a field of which several changes in a row are undone at once; "" for anything else
     * @param {Partial<Draft>} change
     */
    #edit(what, change) {
      if (!what || what !== this.#changed) this.#before.push(JSON.stringify(this.#draft));
      this.#changed = what;
      this.#draft = { .../** @type {Draft} */ (this.#draft), ...change };
      this.#keep();
    }

    /**
     * Change the rows, and focus a field or a button of one of them.
     * @param {(rows: Row[]) => Row[]} change
     * @param {number} at
     * @param {string} part
     */
    change(change, at, part) {
      this.#edit("", { rows: change([.../** @type {Draft} */ (this.#draft).rows]) });
      this.#write();
      const step = this.#steps.at(at);
      const found = step?.querySelector(`[data-part=${part}]:enabled`) ?? step?.querySelector("button:enabled");
      /** @type {HTMLElement} */ (found ?? this.find(".add")).focus();
    }

    /** Keep what is written, in case that the page is left, and draw it soon. */
    #keep() {
      localStorage.setItem(this.#key, JSON.stringify(this.#draft));
      this.find(".undo").disabled = !this.#before.length;
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#draw(), TYPED);
    }

    /** Make the fields of what is written. */
    #write() {
      const { program, name, direction, rows } = /** @type {Draft} */ (this.#draft);
      const chosen = this.find(".direction");
      chosen.ariaLabel = text("program_direction");
      chosen.replaceChildren(...optionsOf(this.latest.directions));
      chosen.value = direction;
      this.find(".name").value = name;
      this.find(".drop").hidden = !program;
      const makeStep = modules.steps.makeSteps(modules, this);
      this.find(".steps").replaceChildren(...rows.map((row, at) => makeStep(row, at, rows.length)));
    }

    /**
     * Take what was typed in a row.
     * @param {number} at
     * @param {string} key of the field
     * @param {string} value
     */
    type(at, key, value) {
      const { rows } = /** @type {Draft} */ (this.#draft);
      this.#edit(`${at} ${key}`, { rows: rows.with(at, { ...rows[at], [key]: value }) });
    }

    /**
     * Move a row to another place.
     * @param {number} from
     * @param {number} to
     * @param {string} part what is focused then
     */
    move(from, to, part) {
      if (from === to) return;
      this.change((rows) => rows.toSpliced(from, 1).toSpliced(to, 0, rows[from]), to, part);
      this.say(text("step_moved", { from: from + 1, to: to + 1 }));
    }

    /**
     * @param {string} what
     * @param {object} data
     */
    #ask(what, data) {
      return this.ask(`retrowalk/program/${what}`, { ...data, language: this.hass.language });
    }

    /** Draw what is written, and once more if it was changed meanwhile. */
    async #draw() {
      this.#stale = this.#drawing;
      if (this.#drawing || !this.#draft) return;
      this.#drawing = true;
      try {
        this.#showDrawn(await this.#ask("draw", this.#draft));
      } catch (error) {
        this.say(why(modules.texts, error));
      }
      this.#drawing = false;
      if (this.#stale) this.#draw();
    }

    /** @param {Drawn} drawn */
    #showDrawn({ row, text: said, svg, cuts = [] }) {
      for (const [at, step] of this.#steps.entries()) {
        step.classList.toggle("wrong", row === at);
        for (const input of step.querySelectorAll("input")) input.ariaInvalid = String(row === at);
      }
      this.find(".plot").classList.toggle("stale", !svg);
      this.find(".summary").classList.toggle("problem", !svg);
      this.find(".summary").textContent = said;
      this.find(".cuts").hidden = !cuts.length;
      this.find(".cuts").ariaLabel = text("cuts");
      this.find(".cuts").replaceChildren(...cuts.map((cut) => make("li", {}, cut)));
      if (!svg) return;
      this.find("svg").innerHTML = svg;
      this.#mark();
    }

    /** Mark the step with the focus in the curve. */
    #mark() {
      const at = this.#steps.findIndex((step) => step.contains(this.root.activeElement));
      for (const [place, rect] of this.root.querySelectorAll("rect").entries()) {
        rect.classList.toggle("at", place === at);
      }
    }

    async #save() {
      this.find(".save").disabled = true;
      try {
        const { program, name, said, ...drawn } = await this.#ask("save", /** @type {Draft} */ (this.#draft));
        if (!program) {
          this.#showDrawn(drawn);
          /** @type {HTMLElement | null} */ (this.root.querySelector(".wrong input"))?.focus();
          return undefined;
        }
        this.#begin();
        return said ?? text("program_saved", { name });
      } finally {
        this.find(".save").disabled = false;
      }
    }

    #discard() {
      const [draft, before] = [this.#draft, this.#before];
      this.#begin();
      return this.#offer(text("program_discarded"), () => this.#begin(draft, before));
    }

    async #drop() {
      const draft = /** @type {Draft} */ (this.#draft);
      await this.#ask("delete", { program: draft.program, seen: draft.seen });
      this.#begin();
      return this.#offer(text("program_dropped", draft), () => {
        this.#begin({ ...draft, program: null });
        return this.#save();
      });
    }

    /**
     * Return what was done, with a button that undoes it.
     * @param {string} said
     * @param {() => unknown} undo
     */
    #offer(said, undo) {
      return make("span", { className: "row" }, said, makeButton("soft", () => this.do(undo), text("program_undo")));
    }
  };
};
