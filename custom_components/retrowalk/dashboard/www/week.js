// @ts-check
/** The walker's week from Monday to Sunday, and the streak of days that reached the goal. */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Day, Week } from "./backend.js" */
/** @import { Treadmill } from "./treadmill.js" */

/**
 * @param {Day} day
 * @param {Week} week
 * @param {string} language
 */
export function makeDay(day, week, language) {
  // At noon, because midnight may be the day before in another time zone.
  const date = new Date(`${day.date}T12:00:00`);
  const element = document.createElement("div");
  element.className = ["day", day.reached && "reached", !day.planned && "free", day.date === week.today && "today"]
    .filter(Boolean)
    .join(" ");
  const dot = document.createElement("i");
  dot.style.setProperty("--part", String(Math.min(day.minutes / (week.goal || 1), 1)));
  element.append(dot, date.toLocaleDateString(language, { weekday: "narrow" }));
  return element;
}

/**
 * Return a week in words.
 * @param {Week} week
 * @param {typeof Texts} texts
 */
export const summary = ({ days }, texts) =>
  texts.text("week", {
    reached: days.filter((day) => day.reached).length,
    minutes: Math.round(days.reduce((sum, day) => sum + day.minutes, 0)),
  });

/** @param {{ layout: Layout, treadmill: Treadmill, format: typeof Format, texts: typeof Texts }} parts */
export function makeWeek({ layout, treadmill, format, texts }) {
  /**
   * @param {Week} week
   * @param {string} language
   */
  function updateDays(week, language) {
    const box = layout.find(".days");
    const key = JSON.stringify([week, language]);
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren(...week.days.map((day) => makeDay(day, week, language)));
    box.ariaLabel = summary(week, texts);
  }

  return {
    update() {
      const { hass, session } = treadmill;
      const { week } = session;
      const shown = treadmill.preparing ? undefined : week;
      layout.show(".week", Boolean(shown));
      if (!shown) return;
      updateDays(shown, hass.language);
      layout.setText(".whose", shown.walker === session.walker ? "" : shown.walker);
      layout.setText(".streak b", format.number(hass, shown.streak));
      layout.setText(".streak span", texts.text(shown.streak === 1 ? "streak_one" : "streak"));
    },
  };
}
