// @ts-check
/**
 * A walker's report: a button that opens it for printing, and one that saves it as a file.
 *
 * A new tab and a download carry no access token, so Home Assistant signs the address for a few minutes. The address is
 * tried out first, so that a refusal is shown here and not in an empty tab.
 */
/** @import * as Entities from "./entities.js" */
/** @import { Hass } from "./entities.js" */
/** @import * as Texts from "./texts.js" */

const WEEKS = [12, 6]; // dashboard/report_view.py accepts others, too
const VALID_FOR = 300; // s
const BODY = `<style>
ha-card { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 12px 16px; }
button, select { font: inherit; color: inherit; min-height: 44px; padding: 0 12px; border: 0; cursor: pointer; border-radius: var(--ha-border-radius-lg, 12px); background: var(--secondary-background-color, #f5f5f5); }
:focus-visible { outline: 3px solid var(--primary-color); outline-offset: 2px; }
.open { flex: 1 1 100px; font-weight: 500; }
p { flex-basis: 100%; margin: 0; font-size: .875rem; }
a { color: inherit; }
[hidden] { display: none; }
</style><ha-card>
<button class="open" type="button"></button><select></select><button class="save" type="button"></button>
<p role="status" hidden></p>
</ha-card>`;

/**
 * Return what the card picker shows.
 * @param {typeof Texts} texts
 * @param {object} card its type and documentation
 */
export const describe = (texts, card) => ({
  ...card,
  name: "Retrowalk report",
  get description() {
    return texts.translate("report_card_about") || "Report of a walker's weeks, for printing or sending";
  },
  preview: true,
});

/** @param {{ entities: typeof Entities, texts: typeof Texts, reportType: string }} modules */
export const makeReport = ({ entities, texts, reportType }) =>
  class RetrowalkReport extends HTMLElement {
    static async getConfigForm() {
      const page = /** @type {{ hass?: Hass } | null} */ (document.querySelector("home-assistant"));
      if (page?.hass) await texts.load(page.hass);
      const device = { integration: "retrowalk", entity: { domain: "time", integration: "retrowalk" } };
      return {
        schema: [{ name: "device_id", required: true, selector: { device } }],
        computeLabel: () => texts.text("walker"),
      };
    }

    /** @param {Hass} hass */
    static getStubConfig(hass) {
      const [walker] = entities.treadmills(hass).flatMap((treadmill) => entities.walkers(hass, treadmill));
      return { type: reportType, device_id: walker };
    }

    #device = "";
    /** @type {Hass | undefined} */
    #hass;

    /** @param {{ device_id?: unknown }} config */
    setConfig({ device_id: device }) {
      if (typeof device !== "string") throw new Error("device_id has to be the id of a walker's device");
      this.#device = device;
    }

    getCardSize() {
      return 1;
    }

    getGridOptions() {
      return { columns: 12, min_columns: 6, rows: "auto" };
    }

    /** @param {Hass} hass */
    set hass(hass) {
      const before = this.#hass;
      this.#hass = hass;
      if (!before) this.#build();
      if (before?.language !== hass.language) texts.load(hass).then(() => this.#write());
    }

    /** @param {string} selector */
    #find(selector) {
      return /** @type {HTMLElement} */ (this.shadowRoot?.querySelector(selector));
    }

    #build() {
      this.attachShadow({ mode: "open" }).innerHTML = BODY;
      const choice = document.createElement("option");
      this.#find("select").append(...WEEKS.map((weeks) => Object.assign(choice.cloneNode(), { value: String(weeks) })));
      this.#find(".open").addEventListener("click", () => this.#press(false));
      this.#find(".save").addEventListener("click", () => this.#press(true));
    }

    /** Write the texts. */
    #write() {
      const select = /** @type {HTMLSelectElement} */ (this.#find("select"));
      this.#find(".open").textContent = texts.text("report");
      this.#find(".save").textContent = texts.text("report_save");
      select.setAttribute("aria-label", texts.text("report_span"));
      for (const option of select.options) option.textContent = texts.text("report_weeks", { weeks: option.value });
    }

    /**
     * Return the signed address of the report; throw if there is none for this user.
     * @param {boolean} save
     */
    async #address(save) {
      const { value } = /** @type {HTMLSelectElement} */ (this.#find("select"));
      const hass = /** @type {Hass} */ (this.#hass);
      const path = `/api/retrowalk/report/${this.#device}?weeks=${value}${save ? "&save=1" : ""}`;
      const message = { type: "auth/sign_path", path, expires: VALID_FOR };
      const signed = /** @type {{ path: string }} */ (await hass.connection.sendMessagePromise(message));
      const address = hass.hassUrl(signed.path);
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(await answer.text());
      return address;
    }

    /** @param {boolean} save */
    async #press(save) {
      this.#say();
      try {
        const address = await this.#address(save);
        const link = document.createElement("a");
        link.href = address;
        if (save) {
          link.download = "";
          link.click();
          return;
        }
        // Where a browser opens no tab by itself, there is a link to press. Apps that open another browser do the same.
        if (window.open(address, "_blank")) return;
        link.target = "_blank";
        link.textContent = texts.text("report_open");
        this.#say(link);
      } catch (error) {
        this.#say((error instanceof Error && error.message) || texts.text("failed"));
      }
    }

    /** @param {string | Node} [said] nothing: there is nothing to say */
    #say(said) {
      const place = this.#find("p");
      place.hidden = said === undefined;
      place.replaceChildren(said ?? "");
    }
  };
