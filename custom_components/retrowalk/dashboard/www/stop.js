// @ts-check
/** Stop: its two buttons, and what fills the screen when it did not get through (S3). */
/** @import * as Cards from "./cards.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Link, LostError, Refusal } from "./link.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

/**
 * @param {object} parts
 * @param {typeof LostError} parts.LostError
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Link} parts.link
 * @param {Alert} parts.alert
 * @param {typeof Cards} parts.cards
 * @param {typeof Texts} parts.texts
 * @param {Voice} parts.voice
 * @param {() => boolean} parts.speaks
 * @param {() => void} parts.update
 */
export function makeStop({ LostError, layout, treadmill, link, alert, cards, texts, voice, speaks, update }) {
  /** @type {string | undefined} the failure that somebody has taken off the screen */
  let closed;

  for (const button of layout.all(".stop")) button.addEventListener("click", stop);
  layout.find(".close").addEventListener("click", () => {
    closed = cards.failedStop(treadmill.device);
    update();
  });

  /** @param {boolean} sending */
  function showSending(sending) {
    for (const button of layout.all(".stop")) button.classList.toggle("sending", sending);
  }

  async function stop() {
    const { device } = treadmill;
    closed = undefined;
    showSending(true);
    const rests = treadmill.sessionOver;
    // Known already; it is tried all the same.
    if (!treadmill.alive) cards.setFailedStop(device, texts.text("stop_failed"));
    try {
      await link.press("stop");
      cards.setFailedStop(device);
      alert.say(rests ? texts.text("nothing_to_stop") : undefined);
    } catch (error) {
      fail(device, /** @type {Refusal | undefined} */ (error));
    } finally {
      showSending(false);
      update();
    }
  }

  /**
   * @param {string | undefined} device
   * @param {Refusal | undefined} error
   */
  function fail(device, error) {
    if (error?.translation_key === "nothing_to_stop") {
      // Not delivered either, but no session is under way: no alarm.
      cards.setFailedStop(device);
      alert.say(texts.reason(error));
      return;
    }
    const lost = error instanceof LostError;
    cards.setFailedStop(device, lost ? texts.text("stop_failed") : texts.reason(error));
    voice.beep("alarm");
    voice.say(cards.failedStop(device), { cuts: true });
  }

  /** Whoever has read it may close it, the card still says so. */
  function updateScreen() {
    const full = layout.find(".full");
    if (!full.showPopover) return;
    const words = cards.failedStop(treadmill.device);
    const shown = Boolean(words) && words !== closed && speaks() && layout.host.isConnected;
    if (!words) closed = undefined;
    layout.write("#said", words ?? "");
    layout.write(".close", treadmill.hass.localize("ui.common.close"));
    if (shown === full.matches(":popover-open")) return;
    if (!shown) {
      full.hidePopover();
      return;
    }
    full.showPopover();
    layout.find(".full .stop").focus();
  }

  return {
    update() {
      if (treadmill.sessionOver && treadmill.alive) cards.setFailedStop(treadmill.device); // the belt rests
      updateScreen();
      for (const button of layout.all(".stop")) button.textContent = texts.text("stop");
    },
  };
}
