// @ts-check
/** The buttons beside Stop: which ones are shown in which state, and what a press does. */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Backend, Press } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

const SETTLE_TIME = 700; // ms after the buttons changed in which a press was meant for the old ones
/** @type {Record<string, Press[]>} the buttons of each session state; the first one is the most likely */
const PRESSES = {
  idle: ["start"],
  finished: ["start"],
  ready: ["confirm"],
  warm_up: ["pause", "finish"],
  active: ["pause", "finish"],
  cool_down: ["pause"],
  paused: ["resume", "finish"],
  manual: ["resume", "finish"],
};
/** What is said where there is nothing to press. */
const SAID = ["checking", "stopping", "starting"];

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Alert} parts.alert
 * @param {typeof Elements} parts.elements
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makeButtons({ layout, treadmill, backend, alert, elements, texts, update }) {
  let changedAt = 0; // ms; when the buttons changed or one of them was pressed

  /** @param {Press | "lock"} press */
  async function onPress(press) {
    if (performance.now() - changedAt < SETTLE_TIME) return;
    changedAt = performance.now(); // a double tap is one press
    if (press === "lock") {
      layout.showDetails(treadmill.ids.control_lock);
      return;
    }
    try {
      await backend.press(press);
      alert.show();
    } catch (error) {
      alert.showError(error);
    }
    update();
  }

  /** @returns {(Press | "lock")[]} */
  function shownPresses() {
    if (treadmill.monitorOnly) return [];
    /** After a lost link nothing rises until somebody resumes, as after a hand at the console. */
    const shown = PRESSES[treadmill.awaitingResume ? "manual" : (treadmill.sessionState ?? "")] ?? [];
    return treadmill.locked && shown.length ? ["lock"] : shown;
  }

  /** Return what to say while there is nothing to press. */
  function said() {
    const { live, sessionState = "", session } = treadmill;
    if (!live) return "";
    if (sessionState === "interrupted") return texts.lostText(session.safety_key);
    return SAID.includes(sessionState) ? texts.text(sessionState) : "";
  }

  /**
   * @param {HTMLElement} box
   * @param {(Press | "lock")[]} shown
   */
  function replace(box, shown) {
    const focused = box.contains(layout.focused);
    if (box.dataset.acts !== undefined) changedAt = performance.now();
    box.dataset.acts = shown.join();
    box.replaceChildren(
      ...shown.map((press, at) => elements.makeButton(at ? "soft" : "soft first", () => onPress(press))),
    );
    // A keyboard user must not be thrown back to the start of the page.
    if (focused) (box.querySelector("button") ?? layout.find(".stop")).focus({ preventScroll: true });
  }

  return {
    update() {
      const { sessionState } = treadmill;
      const shown = shownPresses();
      const box = layout.find(".acts");
      // An empty box keeps its place, so that Stop does not move.
      box.hidden = treadmill.monitorOnly || !sessionState || sessionState === "countdown";
      if (box.dataset.acts !== shown.join()) replace(box, shown);
      if (!shown.length && box.textContent !== said()) box.textContent = said();
      for (const [at, button] of box.querySelectorAll("button").entries()) {
        const connects = shown[at] === "start" && treadmill.unlinked;
        button.textContent = connects ? texts.text("connect") : texts.text(shown[at]);
        if (shown[at] === "lock") button.prepend(elements.make("ha-icon", { icon: "mdi:lock" }), " ");
        // Not while the belt is still slowing down to rest, and not without the link.
        const waits = shown[at] === "resume" && (treadmill.session.coasting || treadmill.unlinked);
        button.disabled = !treadmill.live || Boolean(waits);
      }
    },
  };
}
