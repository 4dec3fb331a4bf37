// @ts-check
/** The checklist before a session, and the hint above the buttons. */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */

/** @param {{ layout: Layout, treadmill: Treadmill, elements: typeof Elements, texts: typeof Texts, voice: Voice }} parts */
export function makeGuidance({ layout, treadmill, elements, texts, voice }) {
  function updateChecklist() {
    const checks = treadmill.preparing ? (treadmill.session.checklist ?? []) : [];
    const list = layout.find(".checks");
    list.ariaLabel = texts.text("checklist");
    list.hidden = checks.length === 0;
    if (list.dataset.checks === checks.join("\n")) return;
    list.dataset.checks = checks.join("\n");
    list.replaceChildren(...checks.map((check) => elements.make("li", {}, check)));
  }

  function hint() {
    const { sessionState } = treadmill;
    if (!treadmill.exists) return texts.text("missing_hint");
    if (sessionState === undefined) return texts.text("unavailable");
    if (treadmill.monitorOnly) return texts.text("monitors");
    if (treadmill.locked) return texts.text("locked");
    if (sessionState === "manual") return texts.text("at_console");
    if (treadmill.awaitingResume) return texts.text("held");
    if (sessionState === "ready" && treadmill.state("connection") !== "connected") return texts.text("connecting");
    if (treadmill.session.nobody && (treadmill.sessionOver || sessionState === "ready")) return texts.text("nobody");
    if (voice.enabled && !voice.allowed) return texts.text("voice_touch");
    return "";
  }

  return {
    update() {
      updateChecklist();
      const text = hint();
      layout.setText(".hint", text);
      layout.show(".hint", text !== "");
    },
  };
}
