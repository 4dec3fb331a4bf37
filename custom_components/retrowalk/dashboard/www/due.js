// @ts-check
/** The banner of a reminder that is due, on the card of its treadmill: Start, Snooze, Skip today. */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Backend } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Own, Reminders } from "./reminder.js" */
/** @import { Treadmill } from "./treadmill.js" */

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Alert} parts.alert
 * @param {typeof Elements} parts.elements
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makePart({ layout, treadmill, backend, alert, elements, texts, update }) {
  const { act, make, makeButton } = elements;
  const feed = new elements.Feed("retrowalk/reminders", update);
  const box = make("retrowalk-due", { role: "status" });
  layout.find(".alert").after(box);
  let shown = ""; // what the banner is made of
  let busy = false;

  /** @param {() => Promise<unknown>} work */
  async function press(work) {
    if (busy) return; // a double tap is one press
    busy = true;
    update();
    try {
      await work();
      alert.show();
    } catch (error) {
      alert.showError(error);
    }
    busy = false;
    update();
  }

  /** @param {Own} walker */
  function banner({ device_id: device, due }) {
    /** @type {[string, string, () => Promise<unknown>][]} */
    const acts = [["", texts.text("skip_today"), () => act(treadmill.hass, "skip_today", { device_id: device })]];
    const snooze = () => act(treadmill.hass, "snooze_reminder", { device_id: device });
    if (due?.snooze) acts.unshift(["", texts.text("snooze", { minutes: due.snooze }), snooze]);
    /** It makes the session ready. Like every press that is not a Stop it is refused if it arrives late. */
    const message = { type: "retrowalk/reminder/start", device_id: device, treadmill: treadmill.device };
    const start = () => backend.press("start", { message });
    if (due?.start) acts.unshift(["first", texts.text("start"), start]);
    const bold = make("b", { dir: "auto" }, `${due?.title}.`);
    const text = make("p", {}, bold, " ", make("span", { dir: "auto" }, due?.text ?? ""));
    const buttons = acts.map(([name, title, work]) => makeButton(`soft grow ${name}`, () => press(work), title));
    return make("div", { className: "due" }, text, make("div", { className: "row" }, ...buttons));
  }

  return {
    update() {
      if (layout.host.isConnected && treadmill.exists) feed.follow(treadmill.hass, treadmill.device);
      else feed.close();
      const { sessionOver, live } = treadmill;
      const { walkers } = /** @type {Reminders} */ (feed.latest ?? { walkers: [] });
      const due = /** @type {Own[]} */ (
        walkers.filter((walker) => sessionOver && live && walker.own && walker.due && walker.device_id)
      );
      box.hidden = !due.length;
      const key = JSON.stringify([due.map((walker) => [walker.device_id, walker.due]), texts.text("skip_today")]);
      if (key !== shown) box.replaceChildren(...due.map(banner));
      shown = key;
      for (const button of box.querySelectorAll("button")) button.disabled = busy;
    },
    close: () => feed.close(),
  };
}
