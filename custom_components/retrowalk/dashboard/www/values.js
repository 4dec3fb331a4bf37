// @ts-check
/** What is measured: speed, incline, calories, distance and heart rate. A press on one shows more of it. */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

const VALUES = ["speed", "incline", "session_calories", "distance", "heart_rate"];

/** @param {{ layout: Layout, treadmill: Treadmill, texts: typeof Texts }} parts */
export function makeValues({ layout, treadmill, texts }) {
  /** @param {string} key */
  function moreInfo(key) {
    const detail = { entityId: treadmill.ids[key] };
    layout.host.dispatchEvent(new CustomEvent("hass-more-info", { detail, bubbles: true, composed: true }));
  }

  /** @param {string} key */
  function makeButton(key) {
    const button = document.createElement("button");
    button.className = key === "speed" ? "value main" : "value";
    button.type = "button";
    button.innerHTML = "<span></span><bdi><b></b> <small></small></bdi>";
    button.addEventListener("click", () => moreInfo(key));
    return button;
  }

  /** @param {string} key */
  function nameOf(key) {
    const named = treadmill.hass.localize(`component.retrowalk.entity.sensor.${key}.name`);
    return named || texts.text(key);
  }

  /**
   * @param {Element} button
   * @param {string} key
   */
  function fill(button, key) {
    const state = treadmill.entity(key);
    const unit = state?.attributes.unit_of_measurement ?? "";
    const known = treadmill.state(key) !== undefined && treadmill.alive;
    const whole = state && known ? treadmill.hass.formatEntityState(state) : "–";
    const [name, value] = button.children;
    const label = nameOf(key);
    if (name.textContent !== label) name.textContent = label;
    value.children[0].textContent = unit && whole.endsWith(unit) ? whole.slice(0, -unit.length).trim() : whole;
    value.children[1].textContent = known && whole.endsWith(unit) ? unit : "";
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
