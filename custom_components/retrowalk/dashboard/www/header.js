// @ts-check
/** The head of the card: which treadmill, who walks what, the session's state, and the switch of the voice. */
/** @import * as Cards from "./cards.js" */
/** @import * as Entities from "./entities.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

const ICONS = { on: "mdi:volume-high", off: "mdi:volume-off" };
/** @type {Record<string, string[]>} */
const TONES = {
  walk: ["starting", "warm_up", "active", "cool_down", "countdown"],
  care: ["manual", "paused", "interrupted", "stopping", "checking", "ready"],
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
    cards.tellAll();
  });

  function phaseInWords() {
    const { localize } = treadmill.hass;
    const { phase } = treadmill;
    return (phase && localize(`component.retrowalk.entity.sensor.session_state.state.${phase}`)) ||
      localize("state.default.unavailable");
  }

  function updateVoice() {
    const sound = layout.find(".voice");
    sound.setAttribute("aria-pressed", String(voice.on));
    sound.setAttribute("aria-label", texts.text("voice"));
    sound.title = texts.text("voice");
    sound.firstElementChild?.setAttribute("icon", voice.on ? ICONS.on : ICONS.off);
  }

  return {
    update() {
      const { hass, alive, phase, session } = treadmill;
      layout.write("h2", entities.nameOf(hass, treadmill.device) || "Retrowalk");
      const told = (/** @type {string} */ key) => {
        const state = treadmill.entity(key);
        return state && hass.formatEntityState(state);
      };
      const guest = session.state && hass.localize("component.retrowalk.entity.select.walker.state.guest");
      const walker = session.walker ?? (guest || told("walker"));
      layout.write(".sub", [walker, told("direction"), told("program")].filter(Boolean).join(" · "));
      const words = treadmill.exists ? (told("session_state") ?? phaseInWords()) : texts.text("missing");
      layout.write(".state", words);
      if (alive) layout.write(".heard", words);
      const tone = Object.keys(TONES).find((one) => phase && TONES[one].includes(phase)) ?? "";
      layout.find(".card").dataset.tone = tone;
      layout.find(".card").classList.toggle("lost", !alive);
      updateVoice();
    },
  };
}
