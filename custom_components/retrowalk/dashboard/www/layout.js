// @ts-check
/** The card's elements, and helpers that find and fill them. */
const BODY = `
<ha-card><div class="card">
  <header>
    <div class="who"><h2><bdi></bdi></h2><p class="sub small"></p></div>
    <div class="state"></div>
    <button class="voice" type="button"><ha-icon></ha-icon></button>
  </header>
  <div class="alert" role="alert" hidden></div>
  <div class="count" role="timer" hidden></div>
  <div class="stage">
    <div class="ring" role="timer">
      <svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="60" r="52"/><circle class="left" pathLength="1" cx="60" cy="60" r="52"/></svg>
      <div class="time" aria-hidden="true"><b></b><span class="small"></span></div>
    </div>
    <div class="values"></div>
  </div>
  <ul class="checks" hidden></ul>
  <figure class="curve" hidden>
    <div class="plot" role="img">
      <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
        <clipPath id="elapsed"><rect x="0" y="0" width="0" height="100"/></clipPath>
        <g class="area"></g><g class="area elapsed" clip-path="url(#elapsed)"></g>
        <polyline class="incline"/><g class="speeds"></g>
      </svg>
      <div class="here"></div>
    </div>
    <figcaption><span class="next"></span><span class="length"></span></figcaption>
  </figure>
  <p class="hint" hidden></p>
  <div class="week row" hidden>
    <span class="whose"></span>
    <div class="days" role="img"></div>
    <div class="streak"><b></b><span></span></div>
  </div>
  <div class="press">
    <div class="acts"></div>
    <button class="stop" type="button"></button>
  </div>
  <div class="heard" aria-live="polite"></div>
</div></ha-card>
<div class="full" popover="manual" role="alertdialog" aria-labelledby="said">
  <p id="said"></p>
  <button class="stop" type="button"></button>
  <button class="close" type="button"></button>
</div>`;

export class Layout {
  #root;

  /**
   * @param {ShadowRoot} root
   * @param {string} css
   */
  constructor(root, css) {
    this.#root = root;
    root.innerHTML = `<style>${css}</style>${BODY}`;
  }

  /** The card's element. */
  get host() {
    return this.#root.host;
  }

  /** The focused element, if it is in the card. */
  get focused() {
    return this.#root.activeElement;
  }

  /**
   * Return an element that is in the layout.
   * @param {string} selector
   */
  find(selector) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(selector));
  }

  /** @param {string} selector */
  all(selector) {
    return this.#root.querySelectorAll(selector);
  }

  /**
   * @param {string} selector
   * @param {string} text
   */
  setText(selector, text) {
    const element = this.find(selector);
    if (element.textContent !== text) element.textContent = text;
  }

  /**
   * Show Home Assistant's dialog of an entity.
   * @param {string} entityId
   */
  showDetails(entityId) {
    this.host.dispatchEvent(new CustomEvent("hass-more-info", { detail: { entityId }, bubbles: true, composed: true }));
  }

  /**
   * @param {string} selector
   * @param {boolean} shown
   */
  show(selector, shown) {
    this.find(selector).hidden = !shown;
  }
}
