// @ts-check
/** What moves by itself: the countdown, the ring with the time that is left, and the place in the curve. */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Link } from "./link.js" */
/** @import { Program } from "./program.js" */
/** @import { Times, Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

const ROUND = 2 * Math.PI * 52;
const SAID = [10, 5, 3, 2, 1]; // seconds of a countdown
const WRITTEN = [10, 5]; // for those who have the page read to them

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Link} parts.link
 * @param {Program} parts.program
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {Voice} parts.voice
 * @param {() => boolean} parts.speaks
 */
export function makeTimer({ layout, treadmill, link, program, format, texts, voice, speaks }) {
  /** @type {number | undefined} */
  let timer;
  /** @type {number | undefined} the last second of the countdown that was shown */
  let counted;

  function count() {
    const { hass, phase } = treadmill;
    const ends = Date.parse(treadmill.entity("session_state")?.attributes.countdown_ends ?? "");
    const counts = phase === "countdown" && Boolean(ends) && treadmill.alive;
    layout.show(".count", counts);
    // While one gets ready the check-list and what to press next have to be seen at once.
    layout.show(".stage", !counts && phase !== "ready" && treadmill.exists);
    if (!counts) {
      counted = undefined;
      return;
    }
    const left = Math.max(Math.ceil((ends - link.now()) / 1000), 0);
    if (left === counted) return;
    counted = left;
    layout.write(".count", format.number(hass, left));
    layout.find(".count").setAttribute("aria-label", texts.text("countdown", { seconds: left }));
    if (speaks() && SAID.includes(left)) voice.number(left);
    if (WRITTEN.includes(left)) layout.write(".heard", format.number(hass, left));
  }

  /**
   * Which seconds the ring shows, and what they are.
   * @param {Times} times
   */
  function shownTime({ left, over }) {
    const { phase } = treadmill;
    if (phase === "finished") return { seconds: treadmill.session.moving_time, words: "walked" };
    if (left === undefined) return { seconds: over, words: "walked" };
    return { seconds: left, words: treadmill.sessionOver || treadmill.preparing ? "planned" : "left" };
  }

  /**
   * How much of the ring is drawn, from 0 to 1.
   * @param {Times} times
   */
  function partLeft({ length, left }) {
    if (left === undefined) return 0;
    return treadmill.sessionOver ? 1 : Math.min(left / (length || 1), 1);
  }

  function turn() {
    const { times } = treadmill;
    const { seconds, words } = shownTime(times);
    const known = treadmill.alive && treadmill.phase !== undefined && Number.isFinite(seconds);
    const shown = known ? format.clock(seconds ?? 0) : "–:––";
    layout.write(".time b", shown);
    layout.write(".time span", known ? texts.text(words) : "");
    layout.find(".ring").setAttribute("aria-label", known ? `${shown} ${texts.text(words)}` : texts.text("lost"));
    const part = known ? partLeft(times) : 0;
    const { style } = layout.find(".ring .left");
    style.strokeDasharray = String(ROUND);
    style.strokeDashoffset = String(ROUND * (1 - part));
    style.opacity = part ? "1" : "0";
    program.move(times.over);
  }

  function tick() {
    clearTimeout(timer);
    if (!layout.host.isConnected) return;
    count();
    turn();
    const { phase } = treadmill;
    // A ring that goes on while nobody knows would lie.
    if (!treadmill.alive || document.hidden || phase === undefined || treadmill.sessionOver) return;
    timer = setTimeout(tick, phase === "countdown" ? 100 : 500);
  }

  return {
    update: tick,
    close() {
      clearTimeout(timer);
    },
  };
}
