// @ts-check
/**
 * The session over the whole screen, to be read from the belt: time, speed, curve and Stop on the color of the phase.
 *
 * It shows the card's own elements, which move into it and back, so that what holds for them holds here. It is opened by
 * the ring, left by a tap or Escape, and goes by itself when the session is over: then the card shows the result.
 */
/** @import * as Cards from "./cards.js" */
/** @import * as Elements from "./elements.js" */
/** @import * as Texts from "./texts.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

const MOVED = [".state", ".alert", ".ring", ".values", ".curve"];
const REPLACED_WITHIN = 3000; // ms in which a card that goes is followed by the one that replaces it

/** The treadmill whose session was shown by a card that has gone, and when: ms of performance.now(). */
const last = { device: "", at: 0 };

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Cards} parts.cards
 * @param {typeof Elements} parts.elements
 * @param {typeof Texts} parts.texts
 */
export function makePart({ layout, treadmill, cards, elements: { make, makeButton }, texts }) {
  const press = layout.find(".press .stop"); // the one way to stop
  const stop = makeButton("stop", () => press.click());
  const box = make("div", { className: "afar", popover: "manual", role: "dialog", tabIndex: -1 }, stop);
  const open = makeButton("open", show);
  layout.find("ha-card").after(box);
  if ("showPopover" in box) layout.find(".ring").append(open);
  box.addEventListener("click", onClick, { capture: true });
  /** @type {[Comment, HTMLElement][]} what is in the box, and what keeps its place in the card */
  let moved = [];

  /** The ring's button leaves it, too, because a tap anywhere does. */
  const isShown = () => moved.length > 0;
  /** Not when a Stop failed: that has a screen of its own. */
  const mayShow = () => !treadmill.sessionOver && !treadmill.preparing && !cards.failedStop(treadmill.device);

  function show() {
    if (isShown() || !mayShow()) return;
    moved = MOVED.map((selector) => {
      const [place, element] = [document.createComment(""), layout.find(selector)];
      element.replaceWith(place);
      stop.before(element);
      return [place, element];
    });
    layout.find("ha-card").inert = true; // covered
    box.showPopover();
    box.focus();
    open.ariaPressed = "true";
    document.addEventListener("keydown", onKey, { capture: true });
  }

  function hide() {
    if (!isShown()) return;
    document.removeEventListener("keydown", onKey, { capture: true });
    const focused = box.contains(layout.focused);
    box.hidePopover();
    layout.find("ha-card").inert = false;
    for (const [place, element] of moved) place.replaceWith(element);
    moved = [];
    open.ariaPressed = "false";
    if (focused) open.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  function onClick(event) {
    if (stop.contains(/** @type {Node} */ (event.target))) return;
    event.stopPropagation(); // a value would open its details, behind this
    hide();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.key === "Escape") hide();
    else if (event.key === "Tab") (layout.focused === stop ? open : stop).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return {
    update() {
      const { device, sessionState = "" } = treadmill;
      if (!mayShow()) hide();
      else if (last.device === device && performance.now() - last.at < REPLACED_WITHIN) {
        last.device = "";
        show();
      }
      box.className = `afar ${sessionState}`;
      box.ariaLabel = texts.text("full_screen");
      open.ariaLabel = texts.text("full_screen");
      open.hidden = !mayShow();
      stop.textContent = texts.text("stop");
    },
    close() {
      if (isShown()) Object.assign(last, { device: treadmill.device, at: performance.now() });
      hide();
    },
  };
}
