// @ts-check
/**
 * A walker's report: a button that opens it for printing, and one that saves it as a file.
 *
 * Its address is tried out first, so that a refusal is shown here and not in an empty tab.
 */
/** @import * as Elements from "./elements.js" */
/** @import { DeviceCardModules } from "./elements.js" */

const WEEKS = [12, 6]; // dashboard/report_view.py accepts others, too

/** @param {DeviceCardModules & { elements: typeof Elements }} modules */
export const makeReport = (modules) => {
  const { elements, texts } = modules;

  return class RetrowalkReport extends elements.makeDeviceCard(modules) {
    /** @override */
    static type = "custom:retrowalk-report";
    /** @override */
    static command = "retrowalk/reminders"; // whose walkers these are
    /** @override */
    static body = `<ha-card class="form row">
<button class="soft grow open" type="button" data-text="report"></button>
<select class="soft"></select>
<button class="soft save" type="button" data-text="report_save"></button>
<p class="said whole" role="status" hidden></p></ha-card>`;

    /** @override */
    build() {
      this.find("select").append(...WEEKS.map((weeks) => new Option("", String(weeks))));
      this.on(".open", () => this.#open(false));
      this.on(".save", () => this.#open(true));
    }

    /** @override */
    show() {
      /** @type {{ device_id: string, reads: boolean }[]} */
      const walkers = this.latest?.walkers ?? [];
      this.find("ha-card").hidden = !walkers.some(({ device_id: device, reads }) => reads && device === this.device);
      const select = this.find("select");
      select.ariaLabel = texts.text("report_span");
      for (const option of select.options) option.textContent = texts.text("report_weeks", { weeks: option.value });
    }

    /** @param {boolean} save */
    async #open(save) {
      const query = `weeks=${this.find("select").value}${save ? "&save=1" : ""}`;
      const href = await elements.sign(this.hass, `/api/retrowalk/report/${this.device}?${query}`);
      const answer = await fetch(href);
      if (!answer.ok) throw new Error(await answer.text());
      const link = elements.make("a", { href });
      if (save) {
        link.download = "";
        link.click();
        return undefined;
      }
      /** Where a browser opens no tab by itself, there is a link to press. Apps that open another browser do the same. */
      if (window.open(href, "_blank")) return undefined;
      return Object.assign(link, { target: "_blank", textContent: texts.text("report_open") });
    }
  };
};
