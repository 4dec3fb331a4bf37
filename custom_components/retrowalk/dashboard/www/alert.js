// @ts-check
/** The line that says what went wrong, for as long as it takes to read it. */
/** @import * as Cards from "./cards.js" */
/** @import * as Texts from "./texts.js" */
/** @import { ConnectionLostError, Refusal } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @typedef {ReturnType<typeof makeAlert>} Alert */

const REFUSAL_SHOWN = 12000; // ms
const WARNING_SHOWN = 30000; // ms; a warning is not repeated

/**
 * @param {object} parts
 * @param {typeof ConnectionLostError} parts.ConnectionLostError
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Cards} parts.cards
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makeAlert({ ConnectionLostError, layout, treadmill, cards, texts, update }) {
  /** @type {{ text: string, severe: boolean } | undefined} */
  let alert;
  /** @type {number | undefined} */
  let timer;

  /**
   * Show what went wrong, or nothing any more.
   * @param {string} [text]
   * @param {boolean} [severe]
   */
  function show(text, severe = false) {
    clearTimeout(timer);
    alert = text ? { text, severe } : undefined;
    if (!text) return;
    timer = setTimeout(
      () => {
        show();
        update();
      },
      severe ? WARNING_SHOWN : REFUSAL_SHOWN,
    );
  }

  /**
   * Show why a press was not carried out.
   * @param {unknown} error
   */
  function showError(error) {
    const lost = error instanceof ConnectionLostError &&
      (error.sent ? texts.text("no_answer") : texts.text("not_sent"));
    show(lost || texts.refusalText(/** @type {Refusal | undefined} */ (error)));
  }

  return {
    show,
    showError,
    /** Whether a warning is shown, not just a refusal. */
    get severe() {
      return Boolean(alert?.severe);
    },
    update() {
      const failed = cards.failedStop(treadmill.device);
      const lost = treadmill.live ? undefined : { text: texts.lostText(treadmill.session.safety_key), severe: true };
      const shown = failed ? { text: lost ? failed : texts.backText(failed), severe: true } : (alert ?? lost);
      layout.setText(".alert", shown?.text ?? "");
      layout.find(".alert").classList.toggle("bad", Boolean(shown?.severe));
      layout.show(".alert", Boolean(shown));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
