// @ts-check
/** Who walks, which way, and what: chips while there is no session, each changed with one tap. */
/** @import * as Elements from "./elements.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Backend, Choice, Choosable, NextSession, Program } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

const GUEST = "guest";

/**
 * Return the first letters of the first and the last name.
 * @param {string} name
 */
const initials = (name) => {
  const words = name.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...word][0] ?? "").join("").toLocaleUpperCase();
};

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Alert} parts.alert
 * @param {typeof Elements} parts.elements
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makePart({ layout, treadmill, backend, alert, elements, format, texts, update }) {
  const { make, makeButton } = elements;
  const who = make("div", { role: "group" });
  const what = make("div");
  const box = make("div", { className: "chips" }, who, what);
  layout.find(".stage").before(box);
  let drawnFor = "";

  /**
   * @param {Choice} choice
   * @param {string} value
   */
  async function choose(choice, value) {
    try {
      await backend.press("choose", { choice, value });
      alert.show();
    } catch (error) {
      alert.showError(error);
    }
    drawnFor = ""; // what is shown is what Home Assistant knows
    update();
  }

  /**
   * Return Home Assistant's name of a select, or of one of its options.
   * @param {string} key
   * @param {string} [option]
   */
  function nameOf(key, option) {
    const path = option === undefined ? "name" : `state.${option}`;
    return treadmill.hass.localize(`component.retrowalk.entity.select.${key}.${path}`) || option || key;
  }

  /** @param {Choosable} walker */
  function faceOf({ name, picture }) {
    if (!picture) return make("span", { className: "face", ariaHidden: "true" }, initials(name));
    return make("img", { className: "face", alt: "", src: treadmill.hass.hassUrl?.(picture) ?? picture });
  }

  /**
   * @param {string} id
   * @param {boolean} chosen
   * @param {Element[]} children
   */
  function walkerChip(id, chosen, children) {
    const chip = makeButton("chip", () => chosen || choose("walker", id), ...children);
    chip.dataset.walker = id;
    chip.ariaPressed = String(chosen);
    return chip;
  }

  /** @param {Choosable} walker */
  function streakOf({ streak }) {
    const text = texts.text(streak === 1 ? "streak_one" : "streak");
    const days = format.number(treadmill.hass, streak);
    const icon = make("ha-icon", { icon: "mdi:fire", ariaHidden: "true" });
    return make("small", {}, icon, days, make("span", { className: "unseen" }, ` ${text}`));
  }

  /** @param {NextSession} next */
  function drawWalkers(next) {
    const chips = next.walkers.map((walker) => {
      const parts = [faceOf(walker), make("bdi", {}, walker.name), ...(walker.streak ? [streakOf(walker)] : [])];
      return walkerChip(walker.id, next.walker === walker.id, parts);
    });
    const guest = walkerChip(GUEST, next.walker === null, [make("bdi", {}, nameOf("walker", GUEST))]);
    who.ariaLabel = nameOf("walker");
    who.replaceChildren(...chips, guest);
  }

  /** @param {Program} program */
  function programLine({ option, minutes, speed }) {
    const name = nameOf("program", option);
    if (minutes === null) return name;
    const length = texts.text("minutes", { minutes: format.number(treadmill.hass, minutes) });
    const top = speed === null ? "" : texts.text("up_to", { value: format.quantity(treadmill, "speed", speed) });
    return [name, length, top].filter(Boolean).join(" · ");
  }

  /** @param {NextSession} next */
  function directionChip(next) {
    const { direction } = next;
    const backward = direction === "backward";
    const name = nameOf("direction", direction);
    const icon = make("ha-icon", { icon: backward ? "mdi:arrow-left" : "mdi:arrow-right", ariaHidden: "true" });
    const turn = () => choose("direction", backward ? "forward" : "backward");
    const chip = makeButton("chip", turn, icon, make("bdi", {}, name));
    chip.dataset.choice = "direction";
    chip.ariaLabel = `${nameOf("direction")}: ${name}`;
    return chip;
  }

  /** @param {NextSession} next */
  function programChip(next) {
    const menu = make("select", { ariaLabel: nameOf("program") });
    const known = next.programs.some(({ option }) => option === next.program);
    const programs = known ? next.programs : [{ option: next.program, minutes: null, speed: null }, ...next.programs];
    menu.append(...programs.map((program) => new Option(programLine(program), program.option)));
    menu.value = next.program;
    menu.addEventListener("change", () => choose("program", menu.value));
    const name = make("bdi", {}, nameOf("program", next.program));
    return make("label", { className: "chip" }, name, make("ha-icon", { icon: "mdi:menu-down" }), menu);
  }

  /** @param {NextSession} next */
  function draw(next) {
    const focused = /** @type {HTMLElement | null} */ (box.contains(layout.focused) ? layout.focused : null);
    drawWalkers(next);
    what.replaceChildren(directionChip(next), ...(treadmill.monitorOnly ? [] : [programChip(next)]));
    if (!focused) return;
    /** A keyboard user stays where they were. */
    const chips = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("button, select")]);
    const isSame = (/** @type {HTMLElement} */ chip) =>
      chip.tagName === focused.tagName && chip.dataset.walker === focused.dataset.walker;
    chips.find(isSame)?.focus({ preventScroll: true });
  }

  return {
    update() {
      const { next, sessionOver, hass, result } = treadmill;
      const shown = sessionOver && next !== undefined && !result;
      box.hidden = !shown;
      layout.show(".sub", !shown);
      if (!shown) return;
      const unit = treadmill.entity("speed")?.attributes.unit_of_measurement;
      const { walker, walkers, direction, program, programs } = next;
      const key = [walker, walkers, direction, program, programs, treadmill.monitorOnly, unit, hass.language];
      const wanted = JSON.stringify([...key, texts.text("planned"), nameOf("walker")]);
      if (drawnFor !== wanted) draw(next);
      drawnFor = wanted;
      for (const element of box.querySelectorAll("button, select")) {
        /** @type {HTMLButtonElement | HTMLSelectElement} */ (element).disabled = !treadmill.live || treadmill.locked;
      }
    },
  };
}
