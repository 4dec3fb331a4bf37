// @ts-check
/** The walker's week, from the day on which weeks begin for the user, and the streak of days that reached the goal. */
/** @import * as Elements from "./elements.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Week } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/**
 * Return the days of the week that today is in: the feed has those around it.
 * @param {Hass} hass
 * @param {Week} week
 */
function daysOf({ locale }, { days, today }) {
  const chosen = WEEKDAYS.indexOf(locale.first_weekday ?? "");
  /** @type {Intl.Locale & { weekInfo?: { firstDay: number }, getWeekInfo?: () => { firstDay: number } }} */
  const known = new Intl.Locale(locale.language);
  const { firstDay } = (chosen < 0 && (known.getWeekInfo?.() ?? known.weekInfo)) ||
    { firstDay: chosen < 0 ? 1 : chosen };
  const at = days.findIndex(({ date }) => date === today);
  const since = (new Date(`${today}T12:00Z`).getUTCDay() - firstDay + 7) % 7;
  return days.slice(at - since, at - since + 7);
}

/**
 * Fill a box with the dots of a week.
 * @param {HTMLElement} box
 * @param {Week} week
 * @param {{ hass: Hass, elements: typeof Elements, format: typeof Format, texts: typeof Texts }} parts
 */
export function fillWeek(box, week, { hass, elements, format, texts }) {
  const key = JSON.stringify([week, hass.locale, texts.text("planned")]); // the text stands for its language
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  const days = daysOf(hass, week);
  box.replaceChildren(...days.map(({ date, minutes, reached, planned }) => {
    const kinds = [reached && "reached", !planned && "free", date === week.today && "today"];
    const dot = elements.make("i");
    dot.style.setProperty("--part", String(Math.min(minutes / (week.goal || 1), 1)));
    const className = ["day", ...kinds].filter(Boolean).join(" ");
    return elements.make("div", { className }, dot, format.date(hass, date, { weekday: "narrow" }));
  }));
  box.ariaLabel = texts.text("week", {
    reached: days.filter((day) => day.reached).length,
    minutes: Math.round(days.reduce((sum, day) => sum + day.minutes, 0)),
  });
}

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Elements} parts.elements
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 */
export function makeWeek({ layout, treadmill, elements, format, texts }) {
  return {
    update() {
      const { hass, session } = treadmill;
      const { week } = session;
      const shown = treadmill.preparing ? undefined : week;
      layout.show(".week", Boolean(shown));
      if (!shown) return;
      fillWeek(layout.find(".days"), shown, { hass, elements, format, texts });
      layout.setText(".whose", shown.walker === session.walker ? "" : shown.walker);
      layout.setText(".streak b", format.number(hass, shown.streak));
      layout.setText(".streak span", texts.text(shown.streak === 1 ? "streak_one" : "streak"));
    },
  };
}
