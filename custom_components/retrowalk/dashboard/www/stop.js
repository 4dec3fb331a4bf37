// @ts-check
/** Stop: its buttons, and the message that fills the screen when a Stop failed (S3). */
/** @import * as Cards from "./cards.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Backend, ConnectionLostError, Refusal } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

/**
 * @param {object} parts
 * @param {typeof ConnectionLostError} parts.ConnectionLostError
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Alert} parts.alert
 * @param {typeof Cards} parts.cards
 * @param {typeof Texts} parts.texts
 * @param {Voice} parts.voice
 * @param {() => boolean} parts.isSpeaker
 * @param {() => void} parts.update
 */
export function makeStop(
  { ConnectionLostError, layout, treadmill, backend, alert, cards, texts, voice, isSpeaker, update },
) {
  /** @type {string | undefined} the message that somebody has closed */
  let dismissed;

  for (const button of layout.all(".stop")) button.addEventListener("click", stop);
  layout.find(".close").addEventListener("click", () => {
    dismissed = cards.failedStop(treadmill.device);
    update();
  });

  /** @param {boolean} sending */
  function showSending(sending) {
    for (const button of layout.all(".stop")) button.classList.toggle("sending", sending);
  }

  async function stop() {
    const { device } = treadmill;
    dismissed = undefined;
    showSending(true);
    const { sessionOver } = treadmill;
    // Say at once that it will probably fail, and try all the same.
    if (!treadmill.live) cards.setFailedStop(device, texts.stopFailedText(treadmill.session.safety_key));
    try {
      await backend.press("stop");
      cards.setFailedStop(device);
      alert.show(sessionOver ? texts.text("nothing_to_stop") : undefined);
    } catch (error) {
      onFailure(device, /** @type {Refusal | undefined} */ (error));
    } finally {
      showSending(false);
      update();
    }
  }

  /**
   * @param {string} device
   * @param {Refusal | undefined} error
   */
  function onFailure(device, error) {
    if (error?.translation_key === "nothing_to_stop") {
      // It was not delivered either, but there is no session, so there is no alarm.
      cards.setFailedStop(device);
      alert.show(texts.refusalText(error));
      return;
    }
    const lost = error instanceof ConnectionLostError;
    cards.setFailedStop(device, lost ? texts.stopFailedText(treadmill.session.safety_key) : texts.refusalText(error));
    voice.beep("alarm");
    voice.say(cards.failedStop(device), { cuts: true });
  }

  /** Show the message in full screen until somebody closes it; the card goes on showing it. */
  function updateFullScreen() {
    const full = layout.find(".full");
    if (!full.showPopover) return;
    const message = cards.failedStop(treadmill.device);
    const shown = Boolean(message) && message !== dismissed && isSpeaker() && layout.host.isConnected;
    if (!message) dismissed = undefined;
    layout.setText("#said", treadmill.live ? texts.backText(message ?? "") : (message ?? ""));
    layout.setText(".close", treadmill.hass.localize("ui.common.close"));
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
      const { device, live, sessionOver, sessionState } = treadmill;
      const failed = cards.failedStop(device) ?? "";
      /** The belt is at rest, or Home Assistant has got the Stop that did not get through; it tells itself what fails. */
      const stops = sessionState === "stopping" && texts.backText(failed) !== failed;
      if (live && (sessionOver || stops)) cards.setFailedStop(device);
      updateFullScreen();
      for (const button of layout.all(".stop")) button.textContent = texts.text("stop");
      // First of the card's elements, while anything may move; a quieter one else.
      const { mayMove } = treadmill;
      layout.find(".press .stop").tabIndex = mayMove ? 1 : 0;
      layout.find(".press .stop").classList.toggle("quiet", !mayMove);
    },
  };
}
