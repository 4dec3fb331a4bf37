// @ts-check
/** The program's curve in the card: what will be walked, where one is in it, and what changes next. */
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
  let drawn = ""; // what the picture is of

  /** @param {Step[]} steps */
  function draw(steps) {
    const { speed, area, incline } = curve.lines(steps);
    layout.find("polyline.speed").setAttribute("points", speed);
    layout.find("polyline.incline").setAttribute("points", incline);
    for (const polygon of layout.all("polygon")) polygon.setAttribute("points", area);
    layout.write(".whole", format.clock(curve.length(steps)));
    const minutes = format.number(treadmill.hass, curve.length(steps) / 60);
    const values = { minutes, speed: format.amount(treadmill, "speed", curve.top(steps)) };
    layout.find(".plot").setAttribute("aria-label", texts.text("curve", values));
  }

  /**
   * What changes next, in words.
   * @param {Step[]} steps
   * @param {number} over
   */
  function next(steps, over) {
    const { phase } = treadmill;
    if (!treadmill.steered && !treadmill.preparing && phase !== "paused") return "";
    const change = curve.next(steps, over);
    if (!change) return texts.text("next_end", { time: format.clock(curve.length(steps) - over) });
    const values = { time: format.clock(change.seconds), to: format.amount(treadmill, change.what, change.to) };
    const soon = change.seconds >= 1 ? "next" : "now";
    return texts.text(`${soon}_${change.what}_${change.up ? "up" : "down"}`, values);
  }

  return {
    update() {
      const { steps } = treadmill;
      layout.show(".curve", steps.length > 0 && treadmill.phase !== "countdown");
      const unit = treadmill.entity("speed")?.attributes.unit_of_measurement;
      const wanted = JSON.stringify([steps, unit, texts.text("planned")]); // the words, too
      if (drawn === wanted) return;
      drawn = wanted;
      if (steps.length) draw(steps);
    },

    /**
     * Show where one is after so many seconds of the walk.
     * @param {number} over
     */
    move(over) {
      const { steps } = treadmill;
      if (!steps.length || !treadmill.alive) return;
      const { x, y } = curve.place(steps, over);
      layout.find(".here").style.insetInlineStart = `${x * 100}%`;
      layout.find(".here").style.insetBlockStart = `${y * 100}%`;
      layout.find("rect").setAttribute("width", String(x * 1000));
      layout.write(".next", next(steps, over));
    },
  };
}
