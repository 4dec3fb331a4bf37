/** What is measured: speed, incline, calories, distance and heart rate. A press on one shows more of it. */
const VALUES = ["speed", "incline", "session_calories", "distance", "heart_rate"];

export function makeValues({ layout, treadmill, texts }) {
  function moreInfo(key) {
    const detail = { entityId: treadmill.ids[key] };
    layout.host.dispatchEvent(new CustomEvent("hass-more-info", { detail, bubbles: true, composed: true }));
  }

  function makeButton(key) {
    const button = document.createElement("button");
    button.className = key === "speed" ? "value main" : "value";
    button.type = "button";
    button.innerHTML = "<span></span><bdi><b></b> <small></small></bdi>";
    button.addEventListener("click", () => moreInfo(key));
    return button;
  }

  function nameOf(key) {
    const named = treadmill.hass.localize(`component.retrowalk.entity.sensor.${key}.name`);
    return named || texts.text(key);
  }

  function fill(button, key) {
    const state = treadmill.entity(key);
    const unit = state.attributes.unit_of_measurement ?? "";
    const known = treadmill.state(key) !== undefined && treadmill.alive;
    const whole = known ? treadmill.hass.formatEntityState(state) : "–";
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
      shown.forEach((key, at) => fill(box.children[at], key));
    },
  };
}
