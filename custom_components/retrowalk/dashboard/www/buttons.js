// @ts-check
/** The buttons beside Stop: what may be pressed in which state, and what becomes of a press. */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Link, LostError, Press, Refusal } from "./link.js" */
/** @import { Treadmill } from "./treadmill.js" */

const SETTLES = 700; // ms after new buttons appeared in which a press was meant for the old ones
/** @type {Record<string, Press[]>} what may be pressed besides Stop, by state; the first is what one most likely wants */
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
/** @type {Press[]} instead of those, where the link was lost for a moment and nothing rises until somebody says so */
const HELD_ACTS = ["resume", "finish"];

/**
 * @param {object} parts
 * @param {typeof LostError} parts.LostError
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Link} parts.link
 * @param {Alert} parts.alert
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makeButtons({ LostError, layout, treadmill, link, alert, texts, update }) {
  let newSince = 0; // ms; when the buttons last became others, or one was pressed

  /** @param {Press} act */
  async function press(act) {
    if (performance.now() - newSince < SETTLES) return;
    newSince = performance.now(); // twice is once
    try {
      await link.press(act);
      alert.say();
    } catch (error) {
      const lost = error instanceof LostError && (error.sent ? texts.text("no_answer") : texts.text("not_sent"));
      alert.say(lost || texts.reason(/** @type {Refusal | undefined} */ (error)));
    }
    update();
  }

  /**
   * @param {Press} act
   * @param {number} at
   */
  function makeButton(act, at) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = at ? "" : "first";
    button.addEventListener("click", () => press(act));
    return button;
  }

  function acts() {
    if (treadmill.monitored) return [];
    return treadmill.held ? HELD_ACTS : (ACTS[treadmill.phase ?? ""] ?? []);
  }

  /**
   * @param {HTMLElement} box
   * @param {Press[]} shown
   */
  function replace(box, shown) {
    const focused = box.contains(layout.focused);
    if (box.dataset.acts !== undefined) newSince = performance.now();
    box.dataset.acts = shown.join();
    box.replaceChildren(...shown.map(makeButton));
    // Whoever works with keys must not be thrown back to the page's beginning.
    if (focused) (box.querySelector("button") ?? layout.find(".stop")).focus({ preventScroll: true });
  }

  return {
    update() {
      const { phase } = treadmill;
      const shown = acts();
      const box = layout.find(".acts");
      // Stop stays where it is when the others go for a moment.
      box.hidden = treadmill.monitored || !phase || phase === "countdown";
      if (box.dataset.acts !== shown.join()) replace(box, shown);
      for (const [at, button] of box.querySelectorAll("button").entries()) {
        button.textContent = texts.text(shown[at]);
        // A belt that still comes to rest cannot be resumed.
        const coasts = shown[at] === "resume" && Boolean(treadmill.session.coasting);
        button.disabled = !treadmill.alive || treadmill.locked || coasts;
      }
    },
  };
}
