/** The walker's week from Monday to Sunday, and how many days in a row were reached. */
export function makeWeek({ layout, treadmill, format, texts }) {
  function makeDay(day, week, language) {
    // At noon: midnight of one zone is yesterday in another.
    const date = new Date(`${day.date}T12:00:00`);
    const element = document.createElement("div");
    element.className = ["day", day.reached && "reached", !day.planned && "free", day.date === week.today && "today"]
      .filter(Boolean)
      .join(" ");
    element.innerHTML = "<i></i>";
    element.firstChild.style.setProperty("--part", Math.min(day.minutes / (week.goal || 1), 1));
    element.append(date.toLocaleDateString(language, { weekday: "narrow" }));
    return element;
  }

  function updateDays(week, language) {
    const box = layout.find(".days");
    const key = JSON.stringify([week, language]);
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.replaceChildren(...week.days.map((day) => makeDay(day, week, language)));
    const reached = week.days.filter((day) => day.reached).length;
    const minutes = Math.round(week.days.reduce((sum, day) => sum + day.minutes, 0));
    box.setAttribute("aria-label", texts.text("week", { reached, minutes }));
  }

  return {
    update() {
      const { hass, session } = treadmill;
      const { week } = session;
      const shown = Boolean(week) && !treadmill.preparing;
      layout.show(".week", shown);
      if (!shown) return;
      updateDays(week, hass.language);
      layout.write(".whose", week.walker === session.walker ? "" : week.walker);
      layout.write(".streak b", format.number(hass, week.streak));
      layout.write(".streak span", texts.text(week.streak === 1 ? "streak_one" : "streak"));
    },
  };
}
