// @ts-check
/** What the card tells whoever wants to press: the check-list before a walk, and why something cannot be pressed. */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

/** @param {{ layout: Layout, treadmill: Treadmill, texts: typeof Texts, voice: Voice }} parts */
export function makeGuidance({ layout, treadmill, texts, voice }) {
  function updateChecklist() {
    const checks = treadmill.preparing ? (treadmill.session.checklist ?? []) : [];
    const list = layout.find(".checks");
    list.setAttribute("aria-label", texts.text("checklist"));
    list.hidden = !checks.length;
    if (list.dataset.checks === checks.join("\n")) return;
    list.dataset.checks = checks.join("\n");
    list.replaceChildren(...checks.map((check) => Object.assign(document.createElement("li"), { textContent: check })));
  }

  function hint() {
    const { phase } = treadmill;
    if (!treadmill.exists) return texts.text("missing_hint");
    if (phase === undefined) return texts.text("unavailable");
    if (treadmill.monitored) return texts.text("monitors");
    if (treadmill.locked) return texts.text("locked");
    if (treadmill.held) return texts.text("held");
    if (phase === "ready" && treadmill.state("connection") !== "connected") return texts.text("connecting");
    if (treadmill.session.nobody && (treadmill.sessionOver || phase === "ready")) return texts.text("nobody");
    if (voice.on && !voice.allowed) return texts.text("voice_touch");
    return "";
  }

  return {
    update() {
      updateChecklist();
      const words = hint();
      layout.write(".hint", words);
      layout.show(".hint", Boolean(words));
    },
  };
}
