// @ts-check
/** − and +: speed and incline while walking, length and speed of a free session before it. */
/** @import * as Elements from "./elements.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Adjustment, Backend, Target } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

const FREE = "free";
const ADJUSTABLE = ["warm_up", "active"];
/** @typedef {"minutes" | "speed" | "incline"} Kind */
/** @type {{ speed: Adjustment[], incline: Adjustment[] }} the presses of less and more */
const ADJUSTMENTS = {
  speed: ["slower", "faster"],
  incline: ["flatter", "steeper"],
};
/** The names of the buttons. */
const NAMES = { ...ADJUSTMENTS, minutes: ["shorter", "longer"] };
/** The numbers of Home Assistant that show the same. */
const NUMBERS = { minutes: "session_length", speed: "target_speed", incline: "target_incline" };
const TOLERANCE = 1e-6;

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Backend} parts.backend
 * @param {Alert} parts.alert
 * @param {typeof Elements} parts.elements
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {() => void} parts.update
 */
export function makePart({ layout, treadmill, backend, alert, elements, format, texts, update }) {
  const { make, makeButton } = elements;
  const box = make("div", { className: "steppers" });
  layout.find(".curve").before(box);
  /** @type {Partial<Record<Kind, number>>} what was chosen and is not confirmed yet */
  let chosen = {};
  /** @type {unknown} the message of the feed that `chosen` is newer than */
  let before;

  const steppers = /** @type {Kind[]} */ (["minutes", "speed", "incline"]).map((kind) => {
    const [name, shown] = [make("span"), make("bdi")];
    const [less, more] = /** @type {const} */ ([["−", -1], ["+", 1]]).map(([sign, way]) =>
      makeButton("soft", () => onPress(kind, way), sign)
    );
    const element = make("div", { className: "stepper", role: "group" }, less, make("p", {}, name, shown), more);
    box.append(element);
    return { kind, element, less, more, name, shown };
  });

  /**
   * Return what can be changed now.
   * @param {Kind} kind
   * @returns {Target | null | undefined}
   */
  function targetOf(kind) {
    const { next, session, sessionState } = treadmill;
    if (treadmill.monitorOnly || treadmill.awaitingResume) return undefined;
    if (kind !== "minutes" && ADJUSTABLE.includes(sessionState ?? "")) return session[kind];
    if (!treadmill.sessionOver || treadmill.result || next?.program !== FREE || kind === "incline") return undefined;
    if (next !== before) chosen = {};
    const target = next.free[kind];
    return target && { ...target, value: chosen[kind] ?? target.value };
  }

  /**
   * @param {Kind} kind
   * @param {1 | -1} way
   */
  async function onPress(kind, way) {
    const target = targetOf(kind);
    if (!target || !canGo(target, way)) return;
    try {
      if (treadmill.sessionOver) {
        before = treadmill.next;
        const wanted = Math.min(Math.max(target.value + way * target.step, target.min), target.max);
        const value = Number(wanted.toFixed(2));
        chosen = { ...chosen, [kind]: value };
        update();
        await backend.press("choose", { choice: kind === "minutes" ? kind : "speed", value });
      } else {
        await backend.press(ADJUSTMENTS[kind === "incline" ? kind : "speed"][way < 0 ? 0 : 1]);
      }
      alert.show();
    } catch (error) {
      chosen = {};
      alert.showError(error);
    }
    update();
  }

  /**
   * @param {Target} target
   * @param {1 | -1} way
   */
  const canGo = ({ value, min, max }, way) =>
    treadmill.live && !treadmill.locked && (way < 0 ? value > min + TOLERANCE : value < max - TOLERANCE);

  /**
   * @param {Kind} kind
   * @param {number} value
   */
  function shownValue(kind, value) {
    if (kind !== "minutes") return format.quantity(treadmill, kind, value);
    return texts.text("minutes", { minutes: format.number(treadmill.hass, value) });
  }

  return {
    update() {
      let any = false;
      for (const { kind, element, less, more, ...texted } of steppers) {
        const target = targetOf(kind);
        element.hidden = !target || target.max <= target.min;
        if (!target || element.hidden) continue;
        any = true;
        const name = treadmill.hass.localize(`component.retrowalk.entity.number.${NUMBERS[kind]}.name`);
        const value = shownValue(kind, target.value);
        element.ariaLabel = `${name}: ${value}`;
        texted.name.textContent = name;
        texted.shown.textContent = value;
        for (const [way, button] of /** @type {[1 | -1, HTMLElement][]} */ ([[-1, less], [1, more]])) {
          button.ariaLabel = texts.text(NAMES[kind][way < 0 ? 0 : 1]);
          /** Not `disabled`, which would throw a keyboard user back to the start of the page. */
          button.ariaDisabled = String(!canGo(target, way));
        }
      }
      box.hidden = !any;
    },
  };
}
