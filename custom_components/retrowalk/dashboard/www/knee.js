// @ts-check
/** How the knee is before a session, for who watches one: one tap, which holds nothing up. */
/** @import * as Elements from "./elements.js" */
/** @import { Alert } from "./alert.js" */
/** @import { KneeBefore } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Alert} parts.alert
 * @param {typeof Elements} parts.elements
 */
export function makePart({ layout, treadmill, alert, elements }) {
  const { make, makeButton } = elements;
  const text = make("b", { role: "status" });
  const answers = make("div", { className: "answers" });
  const box = make("div", { className: "before", role: "group" }, text, answers);
  layout.find(".hint").after(box);

  /** @param {number | null} discomfort */
  async function tell(discomfort) {
    const { hass, device, session: { knee } } = treadmill;
    try {
      await elements.ask(hass, { type: "retrowalk/knee", device_id: device, walker: knee?.walker, discomfort });
    } catch (error) {
      alert.showError(error);
    }
  }

  /** @param {KneeBefore} knee */
  function write({ text: said, value, answers: offered }) {
    if (text.textContent !== said) text.textContent = said;
    box.ariaLabel = said;
    if (answers.childElementCount !== offered.length) {
      answers.replaceChildren(...offered.map(([discomfort]) => {
        const choose = () => tell(treadmill.session.knee?.value === discomfort ? null : discomfort);
        return makeButton("soft", choose);
      }));
    }
    for (const [at, button] of [.../** @type {HTMLCollectionOf<HTMLButtonElement>} */ (answers.children)].entries()) {
      button.textContent = offered[at][1];
      button.ariaPressed = String(value === offered[at][0]);
      button.disabled = !treadmill.live;
    }
  }

  return {
    update() {
      const { knee } = treadmill.session;
      box.hidden = !knee;
      if (knee) write(knee);
    },
  };
}
