/** The dashboard: a view for each treadmill, made of our card and of Home Assistant's own. */
const BUTTONS = { type: "numeric-input", style: "buttons" };
const SELECT = { type: "select-options" };
/** What can be set, and how; the whole width for what needs it on a phone. */
const CONTROL = {
  program: SELECT,
  walker: SELECT,
  direction: SELECT,
  session_length: BUTTONS,
  target_speed: BUTTONS,
  target_incline: BUTTONS,
  control_lock: undefined,
  connection: undefined,
  safety_key: undefined,
};
const PROGRESS = ["today", "goal_reached", "streak", "week", "next_session", "last_session", "knee_discomfort", "plan_paused"];
/** What a tile cannot know. A next session of earlier today may still be walked: "8 minutes ago" would be no answer. */
const LOOKS = {
  next_session: {
    state_content: ["state", "reason"],
    time_format: { type: "datetime", style: "short" },
    grid_options: { columns: 12 },
  },
};
/** The list of the calendar has no past; with fewer rows the days have no room for their dots. */
const MONTH = { initial_view: "dayGridMonth", grid_options: { columns: 12, rows: 8 } };

/** What is chosen for the next walk, and cannot be changed in one. */
const BETWEEN = ["program", "walker", "direction", "session_length"];
const STEERED = ["target_speed", "target_incline"];

const tile = (entity, feature, visible) => ({
  type: "tile",
  entity,
  ...(visible ? { visibility: [{ condition: "state", ...visible }] } : {}),
  name: { type: "entity" }, // or the treadmill's name leaves no room for it
  ...(feature ? { features: [feature], grid_options: { columns: 12 } } : {}),
});
const heading = (words, icon) => ({ type: "heading", heading: words, icon });
const section = (...cards) => ({ type: "grid", cards });

export const makeStrategy = ({ entities, texts, type }) => {
  const progress = (own, title) => {
    const cards = [heading(title, "mdi:chart-line")];
    cards.push(...PROGRESS.filter((key) => own[key]).map((key) => ({ ...tile(own[key]), ...LOOKS[key] })));
    for (const [key, words] of [["total_duration", "minutes_week"], ["total_calories", "calories_week"]]) {
      if (own[key]) {
        cards.push({
          type: "statistics-graph",
          title: texts.text(words),
          entities: [own[key]],
          chart_type: "bar",
          period: "day",
          days_to_show: 7,
          stat_types: ["change"],
          hide_legend: true,
        });
      }
    }
    return section(...cards);
  };

  /** What people have hidden stays hidden. */
  const shown = (hass, device) =>
    Object.fromEntries(Object.entries(entities.own(hass, device)).filter(([, id]) => !hass.entities[id].hidden));

  const view = (hass, device, single) => {
    const own = shown(hass, device);
    const { session_state: session } = entities.own(hass, device); // who hides its tile hides no other
    const control = Object.entries(CONTROL).filter(([key]) => own[key]);
    const moves = ["speed", "incline"].filter((key) => own[key]).map((key) => own[key]);
    const walkers = entities.walkers(hass, device);
    const visible = (key) => {
      if (BETWEEN.includes(key)) return session && { entity: session, state: ["idle", "finished"] };
      return STEERED.includes(key) ? { entity: own[key], state_not: "unavailable" } : undefined;
    };
    const titleOf = (walker) => (walkers.length > 1 ? entities.nameOf(hass, walker) : texts.text("progress"));
    const history = { type: "history-graph", entities: moves, hours_to_show: 12 };
    const sessions = { type: "calendar", entities: [own.sessions], ...MONTH };
    return {
      title: entities.nameOf(hass, device),
      path: device, // pages.py knows
      ...(single ? { icon: "mdi:walk" } : {}), // of several tabs an icon would hide the names
      type: "sections",
      max_columns: 3,
      sections: [
        section(heading(texts.text("session"), "mdi:walk"), { type, device_id: device }),
        section(
          heading(texts.text("control"), "mdi:tune-variant"),
          ...control.map(([key, feature]) => tile(own[key], feature, visible(key))),
        ),
        ...walkers.map((walker) => progress(shown(hass, walker), titleOf(walker))),
        ...(own.sessions ? [section(heading(texts.text("sessions"), "mdi:calendar-check"), sessions)] : []),
        ...(moves.length ? [section(heading(texts.text("history"), "mdi:speedometer"), history)] : []),
      ],
    };
  };

  const empty = () => ({
    title: "Retrowalk",
    icon: "mdi:walk",
    type: "sections",
    sections: [section({ type: "markdown", content: texts.text("no_treadmill") })],
  });

  return class RetrowalkStrategy {
    static registryDependencies = ["entities", "devices"];
    static noEditor = true;

    static getCreateSuggestions() {
      return { title: "Retrowalk", icon: "mdi:walk" };
    }

    static async generate(config, hass) {
      await texts.load(hass);
      const found = entities.treadmills(hass).filter((device) => !config.device_id || device === config.device_id);
      const views = found.map((device) => view(hass, device, found.length === 1));
      return { title: "Retrowalk", views: views.length ? views : [empty()] };
    }
  };
};
