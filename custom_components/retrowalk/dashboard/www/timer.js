// @ts-check
/** The countdown and the ring with the remaining time, which move on without a message from Home Assistant. */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Backend } from "./backend.js" */
/** @import { Program } from "./program.js" */
/** @import { Times, Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

const SPOKEN = [10, 5, 3, 2, 1]; // remaining seconds
const READ_OUT = [10, 5]; // by screen readers

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Program} parts.program
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {Voice} parts.voice
 * @param {() => boolean} parts.isSpeaker
 */
export function makeTimer({ layout, treadmill, backend, program, format, texts, voice, isSpeaker }) {
  /** @type {number | undefined} */
  let timer;
  /** @type {number | undefined} the second of the countdown that is shown */
  let shownSecond;

  function updateCountdown() {
    const { hass, sessionState } = treadmill;
    const endsAt = Date.parse(treadmill.entity("session_state")?.attributes.countdown_ends ?? "");
    const counting = sessionState === "countdown" && Boolean(endsAt) && treadmill.live;
    layout.show(".count", counting);
    // While the session is ready the checklist and the buttons must fit on the screen.
    layout.show(".stage", !counting && sessionState !== "ready" && treadmill.exists);
    if (!counting) {
      shownSecond = undefined;
      return;
    }
    const remaining = Math.max(Math.ceil((endsAt - backend.now()) / 1000), 0);
    if (remaining === shownSecond) return;
    shownSecond = remaining;
    layout.setText(".count", format.number(hass, remaining));
    layout.find(".count").ariaLabel = texts.text("countdown", { seconds: remaining });
    if (isSpeaker() && SPOKEN.includes(remaining)) voice.countDown(remaining);
    if (READ_OUT.includes(remaining)) layout.setText(".heard", format.number(hass, remaining));
  }

  /**
   * Return which time the ring shows, and the key of the text below it.
   * @param {Times} times
   */
  function shownTime({ remaining, elapsed }) {
    if (treadmill.sessionState === "finished") return { seconds: treadmill.session.moving_time, label: "walked" };
    if (remaining === undefined) return { seconds: elapsed, label: "walked" };
    return { seconds: remaining, label: treadmill.sessionOver || treadmill.preparing ? "planned" : "left" };
  }

  /**
   * Return how much of the ring is drawn, from 0 to 1.
   * @param {Times} times
   */
  function remainingPart({ length, remaining }) {
    if (remaining === undefined) return 0;
    return treadmill.sessionOver ? 1 : Math.min(remaining / (length || 1), 1);
  }

  function updateRing() {
    const { times } = treadmill;
    const { seconds, label } = shownTime(times);
    const known = treadmill.live && treadmill.sessionState !== undefined && Number.isFinite(seconds);
    const shown = known ? format.duration(seconds ?? 0) : "–:––";
    layout.setText(".time b", shown);
    layout.setText(".time span", known ? texts.text(label) : "");
    layout.find(".ring").ariaLabel = known
      ? `${shown} ${texts.text(label)}`
      : texts.lostText(treadmill.session.safety_key);
    const part = known ? remainingPart(times) : 0;
    const { style } = layout.find(".ring .left");
    style.strokeDashoffset = String(1 - part);
    style.opacity = part ? "1" : "0";
    program.showPosition(times.elapsed);
  }

  function tick() {
    clearTimeout(timer);
    if (!layout.host.isConnected) return;
    updateCountdown();
    updateRing();
    const { sessionState } = treadmill;
    // Never go on while the real time is unknown.
    if (!treadmill.live || document.hidden || sessionState === undefined || treadmill.sessionOver) return;
    timer = setTimeout(tick, sessionState === "countdown" ? 100 : 500);
  }

  return {
    update: tick,
    close() {
      clearTimeout(timer);
    },
  };
}
