// @ts-check
/** The line in which the card says what went wrong, until it is shown long enough. */
/** @import * as Cards from "./cards.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @typedef {ReturnType<typeof makeAlert>} Alert */

const SHOWS = 12000; // ms for which a refusal is read
const WARNS = 30000; // ms for which something bad is read that will not be said again

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Cards} parts.cards
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makeAlert({ layout, treadmill, cards, texts, update }) {
  /** @type {{ words: string, bad: boolean } | undefined} */
  let alert;
  /** @type {number | undefined} */
  let timer;

  /**
   * Say what went wrong; without words: nothing of it holds any more.
   * @param {string} [words]
   * @param {boolean} [bad]
   */
  function say(words, bad = false) {
    clearTimeout(timer);
    alert = words ? { words, bad } : undefined;
    if (!words) return;
    timer = setTimeout(
      () => {
        say();
        update();
      },
      bad ? WARNS : SHOWS,
    );
  }

  return {
    say,
    /** Whether something bad is shown. */
    get bad() {
      return Boolean(alert?.bad);
    },
    update() {
      const failed = cards.failedStop(treadmill.device);
      const lost = treadmill.alive ? undefined : { words: texts.text("lost"), bad: true };
      const shown = failed ? { words: failed, bad: true } : (alert ?? lost);
      layout.write(".alert", shown?.words ?? "");
      layout.find(".alert").classList.toggle("bad", Boolean(shown?.bad));
      layout.show(".alert", Boolean(shown));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
