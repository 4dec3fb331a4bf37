// @ts-check
/** What is still to do after the set-up, on the card of the treadmill: a list that goes away when it is done. */
/** @import * as Elements from "./elements.js" */
/** @import { Backend } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */
/** @import { Voice } from "./voice.js" */
/** @typedef {{ key: string, text: string, path?: string, program?: string }} Row */
/** @typedef {{ title: string, hide: string, rows: Row[] }} ToDo */

/** @param {{ layout: Layout, treadmill: Treadmill, backend: Backend, elements: typeof Elements, voice: Voice }} shared */
export function makePart({ layout, treadmill, backend, elements: { ask, make, makeButton }, voice }) {
  const list = make("ul", { className: "cuts" });
  layout.find(".press").after(list);

  /** @param {Row} row */
  function rowOf({ key, text, path, program }) {
    if (path) {
      const link = make("a", { href: path, style: "color: inherit; line-height: 2.75" }, text);
      /** Where the reminder is on the same page, its card leads there. */
      link.onclick = () =>
        key !== "first_reminder" || dispatchEvent(new Event("custom:retrowalk-reminder", { cancelable: true }));
      return link;
    }
    const choose = () => backend.press("choose", { choice: "program", value: program }).catch(() => {});
    return program ? makeButton("soft", choose, text) : text;
  }

  return {
    update() {
      const { todo } = /** @type {{ todo?: ToDo | null }} */ (treadmill.session);
      const rows = (todo?.rows ?? []).filter(({ key }) => key !== "voice" || !voice.enabled);
      list.hidden = !rows.length || !treadmill.sessionOver || !treadmill.live || Boolean(treadmill.result);
      const shown = JSON.stringify(rows);
      if (!todo || list.dataset.rows === shown) return;
      list.dataset.rows = shown;
      list.ariaLabel = todo.title;
      const over = () => ask(treadmill.hass, { type: "retrowalk/first_run_over", device_id: treadmill.device });
      const hide = makeButton("soft", () => over().catch(() => {}), todo.hide);
      const items = [make("b", {}, todo.title), ...rows.map(rowOf), hide];
      list.replaceChildren(...items.map((item) => make("li", {}, item)));
    },
  };
}
