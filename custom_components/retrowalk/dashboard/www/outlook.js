// @ts-check
/** What will happen, before Start: how fast and how far, why, and what the limits make of it. */
/** @import * as Curve from "./curve.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { NextSession } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

const DAY = 86_400_000; // ms
const CSS = `
.outlook { display: grid; gap: 4px; font-size: clamp(.95rem, 4cqi, 1.3rem); }
.outlook b { font-weight: 600; }
.outlook span { color: var(--rw-muted); }
.why { font-size: .95rem; }
.cuts { display: grid; gap: 4px; padding: 8px 12px; list-style: none; font-size: .875rem; border-inline-start: 4px solid var(--warning-color, #ffa600); background: var(--rw-soft); border-radius: var(--rw-radius); }
`;

/** @type {Record<string, Record<string, number>>} what meters and kilocalories are in Home Assistant's units */
const AMOUNTS = {
  distance: { m: 1, km: 0.001, ft: 3.28084, yd: 1.09361, mi: 0.000621371 },
  session_calories: { kcal: 1, cal: 1000, kJ: 4.184, Wh: 1.16222, kWh: 0.00116222 },
};

/**
 * Return a day at noon, because midnight may be the day before in another time zone.
 * @param {string} day
 */
const noonOf = (day) => new Date(`${day}T12:00:00`);

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Curve} parts.curve
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 */
export function makePart({ layout, treadmill, curve, format, texts }) {
  const box = document.createElement("div");
  box.className = "outlook";
  box.innerHTML = "<b></b><span></span>";
  const why = Object.assign(document.createElement("p"), { className: "why" });
  const cuts = Object.assign(document.createElement("ul"), { className: "cuts" });
  layout.find(".stage").append(box);
  layout.find(".curve").after(Object.assign(document.createElement("style"), { textContent: CSS }), why, cuts);

  /**
   * Return a distance (m) or an energy (kcal) in the unit that Home Assistant shows it in, and the unit; undefined if
   * the unit is not known here.
   * @param {string} key
   * @param {number} value
   */
  function amount(key, value) {
    const unit = treadmill.entity(key)?.attributes.unit_of_measurement ?? "";
    const factor = AMOUNTS[key][unit];
    if (!factor) return undefined;
    const fine = key === "distance" ? 0 : 1;
    return { shown: format.number(treadmill.hass, value * factor, factor < 0.01 ? 2 : fine), unit };
  }

  /** @param {number} meters */
  function distance(meters) {
    const { shown, unit } = amount("distance", meters) ??
      { shown: format.number(treadmill.hass, meters, 0), unit: "m" };
    return `${shown} ${unit}`;
  }

  /** Show what was measured a moment ago: the database, and so the entities, get it in coarse steps. */
  function showMeter() {
    if (treadmill.sessionOver || treadmill.preparing) treadmill.meter = undefined;
    const { meter } = treadmill;
    if (!meter || !treadmill.live) return;
    const values = { distance: meter.meters, session_calories: meter.kcal };
    for (const [key, value] of Object.entries(values)) {
      const exact = value !== null && treadmill.state(key) !== undefined ? amount(key, value) : undefined;
      const at = (layout.find(".values").dataset.keys ?? "").split(",").indexOf(key);
      if (exact && at >= 0) layout.all(".value b")[at].textContent = exact.shown;
    }
  }

  /** @param {NextSession} next */
  function figures({ steps }) {
    const incline = curve.maximum(steps, "incline");
    const top = texts.text("up_to", { value: format.quantity(treadmill, "speed", curve.maximum(steps)) });
    return [top, incline ? texts.text("up_to", { value: format.quantity(treadmill, "incline", incline) }) : ""]
      .filter(Boolean)
      .join(", ");
  }

  /**
   * Return the day of the plan and why it is as it is.
   * @param {NextSession} next
   */
  function reason({ plan }) {
    if (!plan) return "";
    const { language } = treadmill.hass;
    const path = "component.retrowalk.entity.sensor.next_session.state_attributes.reason.state";
    const text = treadmill.hass.localize(`${path}.${plan.reason}`);
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    const planned = noonOf(plan.day ?? plan.today);
    const days = Math.round((planned.getTime() - noonOf(plan.today).getTime()) / DAY);
    const day = days > 1 ? planned.toLocaleDateString(language, { weekday: "long" }) : relative.format(days, "day");
    const name = day.charAt(0).toLocaleUpperCase(language) + day.slice(1);
    return texts.text("why", { day: name, reason: text });
  }

  /** @param {string[]} lines */
  function setCuts(lines) {
    cuts.hidden = lines.length === 0;
    cuts.setAttribute("aria-label", texts.text("cuts"));
    if (cuts.dataset.lines === lines.join("\n")) return;
    cuts.dataset.lines = lines.join("\n");
    cuts.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
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
      why.hidden = !shown?.plan;
      setCuts(shown ? [...(shown.refusal ? [texts.refusalText(shown.refusal)] : []), ...shown.cuts] : []);
      if (!shown) return;
      why.textContent = reason(shown);
      const [top, about] = box.children;
      top.textContent = figures(shown);
      const values = {
        kcal: format.number(treadmill.hass, shown.kcal),
        distance: distance(shown.meters),
      };
      about.textContent = texts.text("about", values);
    },
  };
}
