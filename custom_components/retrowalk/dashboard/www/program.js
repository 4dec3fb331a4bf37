// @ts-check
/** The program's curve in the card, the position in it, and the next change. */
/** @import * as Curve from "./curve.js" */
/** @import { Step } from "./curve.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @typedef {ReturnType<typeof makeProgram>} Program */

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Curve} parts.curve
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 */
export function makeProgram({ layout, treadmill, curve, format, texts }) {
  /** @type {unknown[]} the steps, unit and language of the drawn curve */
  let drawnFor = [];

  /** @param {Step[]} steps */
  function draw(steps) {
    const { phases, incline } = curve.lines(steps);
    layout.find("polyline.incline").setAttribute("points", incline);
    const areas = phases.map(({ phase, area }) => `<polygon class="${phase}" points="${area}"/>`).join("");
    for (const group of layout.all(".area")) group.innerHTML = areas;
    layout.find(".speeds").innerHTML = phases
      .map(({ phase, speed }) => `<polyline class="speed ${phase}" points="${speed}"/>`)
      .join("");
    layout.setText(".length", format.duration(curve.duration(steps)));
    const minutes = format.number(treadmill.hass, curve.duration(steps) / 60);
    const values = { minutes, speed: format.quantity(treadmill, "speed", curve.maximum(steps)) };
    layout.find(".curve .plot").ariaLabel = texts.text("curve", values);
  }

  /**
   * Return a sentence about the next change; what was measured has noise, and what is planned has none.
   * @param {number} elapsed
   */
  function nextText(elapsed) {
    const { sessionState, session: { steps = [] } } = treadmill;
    if (!treadmill.steered && !treadmill.preparing && sessionState !== "paused") return "";
    const change = curve.nextChange(steps, elapsed);
    if (!change) return texts.text("next_end", { time: format.duration(curve.duration(steps) - elapsed) });
    const values = {
      time: format.duration(change.seconds),
      to: format.quantity(treadmill, change.quantity, change.to),
    };
    const soon = change.seconds >= 1 ? "next" : "now";
    return texts.text(`${soon}_${change.quantity}_${change.up ? "up" : "down"}`, values);
  }

  return {
    update() {
      const { steps } = treadmill;
      layout.show(".curve", steps.length > 0 && treadmill.sessionState !== "countdown");
      const unit = treadmill.entity("speed")?.attributes.unit_of_measurement;
      const wanted = [steps, unit, texts.text("planned")]; // the text stands for its language
      if (wanted.every((one, at) => one === drawnFor[at])) return;
      drawnFor = wanted;
      if (steps.length) draw(steps);
    },

    /**
     * Show the position in the curve, and the next change.
     * @param {number} elapsed seconds of the session
     */
    showPosition(elapsed) {
      const { steps } = treadmill;
      if (!steps.length || !treadmill.live) return;
      const { x, y } = curve.position(steps, elapsed);
      layout.find(".here").style.insetInlineStart = `${x * 100}%`;
      layout.find(".here").style.insetBlockStart = `${y * 100}%`;
      layout.find("rect").setAttribute("width", String(x * 1000));
      layout.setText(".next", nextText(elapsed));
    },
  };
}
