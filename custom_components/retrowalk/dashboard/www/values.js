// @ts-check
/** The measured values, each a button that opens its details. */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** What was measured in a session, and says nothing of the next one. */
const OF_A_SESSION = ["session_calories", "distance"];
const VALUES = ["speed", "incline", "session_calories", "distance", "heart_rate"];

/** @param {{ layout: Layout, treadmill: Treadmill, elements: typeof Elements, texts: typeof Texts }} parts */
export function makeValues({ layout, treadmill, elements, texts }) {
  /** @param {string} key */
  function makeButton(key) {
    const button = elements.makeButton(
      key === "speed" ? "value main" : "value",
      () => layout.showDetails(treadmill.ids[key]),
    );
    button.innerHTML = "<span></span><bdi><b></b> <small></small></bdi>";
    return button;
  }

  /** @param {string} key */
  function labelOf(key) {
    const name = treadmill.hass.localize(`component.retrowalk.entity.sensor.${key}.name`);
    return name || texts.text(key);
  }

  /**
   * @param {Element} button
   * @param {string} key
   */
  function fill(button, key) {
    const state = treadmill.entity(key);
    const unit = state?.attributes.unit_of_measurement ?? "";
    const over = treadmill.sessionState === "idle" && OF_A_SESSION.includes(key);
    const known = treadmill.state(key) !== undefined && treadmill.live && !over;
    const formatted = state && known ? treadmill.hass.formatEntityState(state) : "–";
    const [name, value] = button.children;
    const label = labelOf(key);
    if (name.textContent !== label) name.textContent = label;
    value.children[0].textContent = unit && formatted.endsWith(unit)
      ? formatted.slice(0, -unit.length).trim()
      : formatted;
    value.children[1].textContent = known && formatted.endsWith(unit) ? unit : "";
  }

  return {
    update() {
      const box = layout.find(".values");
      const shown = VALUES.filter((key) => treadmill.entity(key) && (key !== "heart_rate" || treadmill.state(key)));
      if (box.dataset.keys !== shown.join()) {
        box.dataset.keys = shown.join();
        box.replaceChildren(...shown.map(makeButton));
      }
      for (const [at, key] of shown.entries()) fill(box.children[at], key);
    },
  };
}
