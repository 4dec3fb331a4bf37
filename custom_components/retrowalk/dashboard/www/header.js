// @ts-check
/** The top of the card: the treadmill, the walker and the program, the session's state, and the voice button. */
/** @import * as Cards from "./cards.js" */
/** @import * as Entities from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

const PHASES = ["warm_up", "cool_down"];
const ICONS = { on: "mdi:volume-high", off: "mdi:volume-off" };
/** @type {Record<string, (string | undefined)[]>} */
const TONES = {
  moving: ["starting", "warm_up", "active", "cool_down", "countdown"],
  attention: ["manual", "paused", "interrupted", "stopping", "checking", "ready"],
};

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Cards} parts.cards
 * @param {typeof Entities} parts.entities
 * @param {typeof Texts} parts.texts
 * @param {Voice} parts.voice
 */
export function makeHeader({ layout, treadmill, cards, entities, texts, voice }) {
  layout.find(".voice").addEventListener("click", () => {
    voice.toggle(texts.text("voice_test"));
    cards.updateAll();
  });

  function sessionStateText() {
    const { localize } = treadmill.hass;
    const { sessionState, walksAtConsole, unlinked } = treadmill;
    // Whoever wants to start has to know that the treadmill is not there yet.
    if (sessionState === "idle" && unlinked && treadmill.live) return texts.text("unlinked");
    const entity = treadmill.entity("session_state");
    if (entity && !walksAtConsole) return treadmill.hass.formatEntityState(entity, sessionState);
    const key = walksAtConsole ? "active" : sessionState;
    return (key && localize(`component.retrowalk.entity.sensor.session_state.state.${key}`)) ||
      localize("state.default.unavailable");
  }

  function updateVoiceButton() {
    const button = layout.find(".voice");
    button.ariaPressed = String(voice.enabled);
    /** It has no text: the title is its name, too. */
    button.title = texts.text("voice");
    button.firstElementChild?.setAttribute("icon", voice.enabled ? ICONS.on : ICONS.off);
  }

  return {
    update() {
      const { hass, live, sessionState, session } = treadmill;
      layout.setText("h2 bdi", entities.deviceName(hass, treadmill.device) || "Retrowalk");
      const shownState = (/** @type {string} */ key) => {
        const state = treadmill.entity(key);
        return state && hass.formatEntityState(state);
      };
      const guest = session.state && hass.localize("component.retrowalk.entity.select.walker.state.guest");
      const walker = session.walker ?? (guest || shownState("walker"));
      const program = treadmill.monitorOnly || treadmill.walksAtConsole ? undefined : shownState("program");
      /** With a result these are the next session's already. */
      const about = treadmill.result ? [] : [walker, shownState("direction"), program];
      layout.setText(".sub", about.filter(Boolean).join(" · "));
      const text = treadmill.exists ? sessionStateText() : texts.text("missing");
      layout.setText(".state", text);
      if (live) layout.setText(".heard", text);
      const tone = treadmill.walksAtConsole
        ? "moving"
        : Object.keys(TONES).find((key) => TONES[key].includes(sessionState));
      const card = layout.find(".card");
      card.dataset.tone = tone ?? "";
      for (const phase of PHASES) card.classList.toggle(phase, phase === sessionState);
      card.classList.toggle("lost", !live);
      updateVoiceButton();
    },
  };
}
