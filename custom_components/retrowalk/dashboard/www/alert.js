// @ts-check
/** The line that says what went wrong, for as long as it takes to read it. */
/** @import * as Cards from "./cards.js" */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { ConnectionLostError, Refusal } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @typedef {ReturnType<typeof makeAlert>} Alert */

const REFUSAL_SHOWN = 12000; // ms
const WARNING_SHOWN = 30000; // ms; a warning is not repeated, and a way needs time to be taken
/** @type {Record<string, string>} the pages of remedies; the others are entities */
const PAGES = { repairs: "/config/repairs", options: "/config/integrations/integration/retrowalk" };

/**
 * @param {object} parts
 * @param {typeof ConnectionLostError} parts.ConnectionLostError
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Cards} parts.cards
 * @param {typeof Elements} parts.elements
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makeAlert({ ConnectionLostError, layout, treadmill, cards, elements, texts, update }) {
  /** @type {{ text: string, severe: boolean, way: Node | string } | undefined} */
  let alert;
  /** @type {number | undefined} */
  let timer;

  /**
   * Show what went wrong, or nothing any more.
   * @param {string} [text]
   * @param {boolean} [severe]
   * @param {Node | string} [way] to the remedy
   */
  function show(text, severe = false, way = "") {
    clearTimeout(timer);
    alert = text ? { text, severe, way } : undefined;
    if (!text) return;
    timer = setTimeout(
      () => {
        show();
        update();
      },
      severe || way ? WARNING_SHOWN : REFUSAL_SHOWN,
    );
  }

  /**
   * Show why a press was not carried out.
   * @param {unknown} error
   */
  function showError(error) {
    const lost = error instanceof ConnectionLostError && texts.text(error.sent ? "no_answer" : "not_sent");
    const refusal = /** @type {Refusal | undefined} */ (error);
    show(lost || texts.refusalText(refusal), false, wayOf(refusal));
  }

  /**
   * Return the way to the remedy of a refusal, where that is not on the card.
   * @param {Refusal | undefined} refusal
   */
  function wayOf(refusal) {
    const to = String(refusal?.translation_placeholders?.remedy);
    if (PAGES[to]) return elements.make("a", { href: PAGES[to], className: "soft way" }, texts.text(`open_${to}`));
    const name = treadmill.entity(to)?.attributes.friendly_name;
    return name ? elements.makeButton("soft way", () => layout.showDetails(treadmill.ids[to]), name) : "";
  }

  return {
    show,
    showError,
    wayOf,
    /** Whether a warning is shown, not just a refusal. */
    get severe() {
      return Boolean(alert?.severe);
    },
    update() {
      const failed = cards.failedStop(treadmill.device);
      const { live, session } = treadmill;
      const other = alert ?? { text: live ? "" : texts.lostText(session.safety_key), severe: !live, way: "" };
      const { text, severe, way } = failed
        ? { text: live ? texts.backText(failed) : failed, severe: true, way: "" }
        : other;
      const box = layout.find(".alert");
      if (box.dataset.said !== text) box.replaceChildren(text, way);
      box.dataset.said = text;
      box.classList.toggle("bad", severe);
      layout.show(".alert", Boolean(text));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
