// @ts-check
/** What will happen, before Start: how fast and how far, why, and what the limits make of it. */
/** @import * as Curve from "./curve.js" */
/** @import * as Elements from "./elements.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Alert } from "./alert.js" */
/** @import { Layout } from "./layout.js" */
/** @import { NextSession } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** What is shown with all of its digits, so that it does not jump. */
const FIXED = ["speed", "incline"];

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {Alert} parts.alert
 * @param {typeof Curve} parts.curve
 * @param {typeof Elements} parts.elements
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 */
export function makePart({ layout, treadmill, alert, curve, elements: { make }, format, texts }) {
  const [top, about] = [make("b"), make("span")];
  const box = make("div", { className: "outlook" }, top, about);
  const why = make("p", { className: "why" });
  const cuts = make("ul", { className: "cuts" });
  layout.find(".stage").append(box);
  layout.find(".curve").after(why, cuts);

  /** Show what was measured a moment ago: the database, and so the entities, get it in coarse steps. */
  function showMeter() {
    if (treadmill.sessionOver || treadmill.preparing) treadmill.meter = undefined;
    const { meter } = treadmill;
    if (!meter || !treadmill.live) return;
    const { meters, kcal, speed, incline, pulse } = meter;
    const values = { distance: meters, session_calories: kcal, speed, incline, heart_rate: pulse };
    for (const [key, value] of Object.entries(values)) {
      const at = (layout.find(".values").dataset.keys ?? "").split(",").indexOf(key);
      if (value === null || treadmill.state(key) === undefined || at < 0) continue;
      const kind = /** @type {"distance" | "speed"} */ (key);
      const { number, exact, digits } = format.amount(treadmill, kind, value);
      layout.all(".value b")[at].textContent = FIXED.includes(key)
        ? format.number(treadmill.hass, exact, digits, digits)
        : number;
    }
  }

  /** @param {NextSession} next */
  function figures({ steps }) {
    const incline = curve.maximum(steps, "incline");
    const speed = texts.text("up_to", { value: format.quantity(treadmill, "speed", curve.maximum(steps)) });
    return [speed, incline ? texts.text("up_to", { value: format.quantity(treadmill, "incline", incline) }) : ""]
      .filter(Boolean)
      .join(", ");
  }

  /**
   * Show the day of the plan and why it is as it is, each in the direction of its own language.
   * @param {NextSession} next
   */
  function showWhy({ plan, walker }) {
    why.hidden = !plan;
    if (!plan) return;
    const { hass } = treadmill;
    const day = format.when(hass, plan.day ?? plan.today, plan.today);
    const parts = [day.charAt(0).toLocaleUpperCase(hass.language) + day.slice(1), format.why(hass, texts, plan)];
    const key = JSON.stringify([parts, plan.unrated, walker]);
    if (why.dataset.key === key) return;
    why.dataset.key = key;
    const [when, reason] = parts.map((part) => make("bdi", {}, part));
    why.replaceChildren(when, ": ", reason);
    if (!plan.unrated) return;
    const link = make("a", { href: "/calendar", style: "color: inherit" }, ...reason.childNodes);
    /** Where the past sessions are on the same page, the one to rate is opened there. */
    link.onclick = () =>
      dispatchEvent(new CustomEvent("custom:retrowalk-sessions", { cancelable: true, detail: [plan.unrated, walker] }));
    reason.append(link);
  }

  /** @param {NextSession} [next] */
  function setCuts(next) {
    const refusal = next?.refusal ? texts.refusalText(next.refusal) : "";
    const lines = [refusal, ...(next?.cuts ?? [])].filter(Boolean);
    cuts.hidden = lines.length === 0;
    cuts.ariaLabel = texts.text("cuts");
    if (cuts.dataset.lines === lines.join("\n")) return;
    cuts.dataset.lines = lines.join("\n");
    cuts.replaceChildren(...lines.map((line) => make("li", {}, line)));
    if (refusal) cuts.firstElementChild?.append(alert.wayOf(next?.refusal ?? undefined));
  }

  return {
    update() {
      showMeter();
      const { next } = treadmill;
      const shown = treadmill.sessionOver && treadmill.live && !treadmill.result && next && !treadmill.monitorOnly
        ? next
        : undefined;
      box.hidden = !shown?.steps.length;
      layout.show(".values", box.hidden);
      why.hidden = true;
      setCuts(shown);
      if (!shown) return;
      showWhy(shown);
      top.textContent = figures(shown);
      about.textContent = texts.text("about", {
        kcal: format.number(treadmill.hass, shown.kcal),
        distance: format.quantity(treadmill, "distance", shown.meters),
      });
    },
  };
}
