// @ts-check
/**
 * The rows of the editor of programs: each with its fields, and moved, duplicated and deleted by pointer or keyboard.
 *
 * @typedef {Record<string, string>} Row as it was typed; what is empty stays as it was before
 * @typedef {{ key: string, name: string, unit: string }} Field unit: written after it, "" before the end of a ramp
 * @typedef {object} Editor
 * @property {{ groups: Field[][] }} latest the fields of a row, as they stand together
 * @property {(change: (rows: Row[]) => Row[], at: number, part: string) => void} change the rows, and focus a part of one
 * @property {(from: number, to: number, part: string) => void} move
 * @property {(at: number, key: string, value: string) => void} type
 */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */

/** @param {Element} element */
const middle = (element) => {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
};

/** @param {Element} element */
const place = (element) => [...(element.parentElement?.children ?? [])].indexOf(element);

/**
 * Make the function that makes a row.
 * @param {{ elements: typeof Elements, texts: typeof Texts }} modules
 * @param {Editor} editor
 */
export const makeSteps = ({ elements: { make, makeButton }, texts: { text } }, editor) => {
  /**
   * Let a row follow the pointer. It stays where it is in the page and the others go around it, or else it were lost.
   * @param {Element} step
   * @param {HTMLElement} handle
   * @param {number} pointer
   */
  function drag(step, handle, pointer) {
    const from = place(step);
    handle.setPointerCapture(pointer);
    step.classList.add("dragged");
    handle.onpointermove = ({ clientY }) => {
      let { previousElementSibling: above, nextElementSibling: below } = step;
      for (; above && clientY < middle(above); above = step.previousElementSibling) step.after(above);
      for (; below && clientY > middle(below); below = step.nextElementSibling) step.before(below);
      step.scrollIntoView({ block: "nearest" });
    };
    handle.onlostpointercapture = () => {
      handle.onpointermove = null;
      step.classList.remove("dragged");
      editor.move(from, place(step), "up");
    };
  }

  return (/** @type {Row} */ row, /** @type {number} */ at, /** @type {number} */ length) => {
    const title = text("step", { number: at + 1 });
    /** @type {(part: string, icon: string, label: string, work: () => void) => HTMLButtonElement} */
    const button = (part, icon, label, work) => {
      const made = makeButton("soft", work, make("ha-icon", { icon: `mdi:${icon}` }));
      made.dataset.part = part;
      return Object.assign(made, { ariaLabel: `${title}: ${label}`, title: label });
    };
    const up = button("up", "arrow-up", text("step_up"), () => editor.move(at, at - 1, "up"));
    const down = button("down", "arrow-down", text("step_down"), () => editor.move(at, at + 1, "down"));
    const copy = () => editor.change((rows) => rows.toSpliced(at, 0, rows[at]), at + 1, "copy");
    const drop = () => editor.change((rows) => rows.toSpliced(at, 1), Math.min(at, length - 2), "drop");
    up.disabled = !at;
    down.disabled = at === length - 1;
    const handle = make("span", { className: "handle" }, make("ha-icon", { icon: "mdi:drag" }));
    const buttons = [
      up,
      down,
      button("copy", "content-copy", text("step_copy"), copy),
      button("drop", "delete-outline", text("delete"), drop),
    ];
    const fields = editor.latest.groups.map((group) =>
      make(
        "span",
        { className: `field ${group[0].key}` },
        ...group.flatMap(({ key, name, unit }) => {
          const input = make("input", {
            className: "soft",
            value: row[key] ?? "",
            ariaLabel: `${title}: ${name}`,
            autocomplete: "off",
            maxLength: 100,
            ...(key === "label" ? { placeholder: name } : { inputMode: "decimal" }),
          });
          input.dataset.part = key;
          input.addEventListener("input", () => editor.type(at, key, input.value));
          return [input, make("small", {}, unit)];
        }),
      )
    );
    const step = make(
      "li",
      {},
      make("div", { className: "row" }, handle, make("b", {}, String(at + 1)), ...buttons),
      make("div", { className: "row" }, ...fields),
    );
    handle.addEventListener("pointerdown", ({ pointerId }) => drag(step, handle, pointerId));
    return step;
  };
};
