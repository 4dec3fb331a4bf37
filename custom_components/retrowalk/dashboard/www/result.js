// @ts-check
/**
 * The result of the last session: what was walked, what the plan makes of it, and how the knee is.
 *
 * It is shown while the belt rests, until somebody presses Done or the next session begins.
 */
/** @import * as Elements from "./elements.js" */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import * as Week from "./week.js" */
/** @import { Rated, Result } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

const UNDO_TIME = 10000; // ms
const SETTLE_TIME = 700; // ms after the result has come in which a press was meant for what was there before
const NO_ANSWER = "–";
/** @type {("better" | "same" | "bit_worse" | "worse")[]} */
const KNEE = ["better", "same", "bit_worse", "worse"];
const NUMBERS = /** @type {const} */ (["discomfort_after", "effort"]);

const BODY = `<div class="row knee" role="group"><b class="whole ask"></b><div class="whole answers"></div></div>
<div class="row said" role="status"><span></span><button class="soft undo" type="button" data-text="undo" hidden></button></div>
<dl></dl>
<div class="row days-row"><div class="days" role="img"></div><div class="streak"><b></b><span></span></div></div>
<p class="coming"><bdi class="when"></bdi> <bdi class="why"></bdi></p>
<div class="row more">
  <label class="row whose-was-it"><span></span><select class="soft"></select></label>
  <button class="soft save" type="button" data-text="save_file"></button>
  <button class="soft delete" type="button"></button>
  <button class="soft keep" type="button" data-text="keep" hidden></button>
  <button class="soft grow done" type="button" data-text="done"></button>
</div>`;

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Elements} parts.elements
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {typeof Week} parts.week
 */
export function makeResult({ layout, treadmill, elements, format, texts, week }) {
  const { make } = elements;
  const section = make("section", {
    className: "result",
    hidden: true,
    innerHTML: `<h3></h3>${elements.CURVE}${BODY}`,
  });
  layout.find(".stage").before(section);
  let drawn = ""; // for what the result is written
  let shownSince = 0; // ms
  /** @type {string | undefined} */
  let shown; // the session
  let asksToDelete = false;
  let said = "";
  /** @type {Rated | undefined} what Undo brings back */
  let before;
  /** @type {Rated} what it takes back */
  let answered = {};
  /** @type {number | undefined} */
  let undoTimer;

  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (section.querySelector(selector));

  const knee = Object.fromEntries(KNEE.map((answer) => {
    const choose = () => {
      const given = result().rated?.knee === answer;
      if (!given || !before) rate({ knee: given ? null : answer }); // a double tap takes nothing back: Undo does
    };
    const button = elements.makeButton("soft", choose);
    find(".answers").append(button);
    return [answer, button];
  }));
  const numbers = Object.fromEntries(NUMBERS.map((name) => {
    const options = Array.from({ length: 11 }, (_, number) => new Option(String(number)));
    const select = make("select", { className: "soft" }, new Option(NO_ANSWER, ""), ...options);
    select.addEventListener("change", () => rate({ [name]: select.value === "" ? null : Number(select.value) }));
    const label = make("label", { className: "row" }, make("span"), select);
    find(".knee").append(label);
    return [name, { label, select }];
  }));
  const walkers = /** @type {HTMLSelectElement} */ (find(".whose-was-it select"));
  walkers.addEventListener("change", () => act(() => call("edit_session", { walker: walkers.value })));
  onClick(".undo", () => {
    const values = before;
    forgetUndo();
    if (values) act(() => call("rate_session", values));
    knee.better.focus();
  });
  onClick(".save", () => act(save));
  onClick(".delete", () => {
    if (asksToDelete) act(() => call("delete_session", {}));
    asksToDelete = !asksToDelete;
    write();
  });
  onClick(".keep", () => {
    asksToDelete = false;
    write();
    find(".delete").focus();
  });
  onClick(
    ".done",
    () => act(() => elements.ask(treadmill.hass, { type: "retrowalk/done", device_id: treadmill.device })),
  );

  /**
   * @param {string} selector
   * @param {() => unknown} work
   */
  function onClick(selector, work) {
    find(selector).addEventListener("click", work);
  }

  const result = () => /** @type {Result} */ (treadmill.result);

  /**
   * @param {string} service
   * @param {object} data
   */
  const call = (service, data) =>
    elements.act(treadmill.hass, service, { device_id: treadmill.device, session_id: result().session, ...data });

  /** @param {() => Promise<unknown>} work */
  async function act(work) {
    if (performance.now() - shownSince < SETTLE_TIME) return;
    said = "";
    try {
      await work();
    } catch (error) {
      said = elements.why(texts, error);
    }
    write();
  }

  /** @param {Partial<Rated>} answer */
  function rate(answer) {
    const { rated } = result();
    if (!rated) return;
    act(async () => {
      await call("rate_session", answer);
      clearTimeout(undoTimer);
      answered = answer;
      before = Object.fromEntries(Object.keys(answer).map((name) => [name, rated[/** @type {keyof Rated} */ (name)]]));
      undoTimer = setTimeout(() => {
        forgetUndo();
        write();
      }, UNDO_TIME);
      said = texts.text("saved");
    });
  }

  /** Whether somebody has answered otherwise since: Undo must not bring back what was before that. */
  const overtaken = () =>
    Object.entries(before ? answered : {}).some(([name, value]) =>
      treadmill.result?.rated?.[/** @type {keyof Rated} */ (name)] !== value
    );

  function forgetUndo() {
    clearTimeout(undoTimer);
    before = undefined;
    said = "";
  }

  /** Save the session's file with the browser. */
  async function save() {
    const path = `/api/retrowalk/session/${treadmill.device}/${result().session}`;
    make("a", { href: await elements.sign(treadmill.hass, path), download: "" }).click();
  }

  /** @param {Result} of */
  function drawCurve({ curve = "", seconds, top_speed: top }) {
    const plot = find(".plot");
    plot.hidden = !curve;
    elements.drawWalk(plot, curve);
    plot.role = "img";
    const minutes = format.number(treadmill.hass, seconds / 60);
    plot.ariaLabel = texts.text("walked_curve", { minutes, speed: speedText(top) });
  }

  /** @param {number} speed */
  const speedText = (speed) => format.quantity(treadmill, "speed", speed);

  /** @param {Result} of */
  function writeFigures({ seconds, distance: meters, calories, top_speed: top }) {
    const figures = [
      [texts.text("time_walked"), format.duration(seconds)],
      [
        treadmill.hass.localize("component.retrowalk.entity.sensor.distance.name"),
        format.quantity(treadmill, "distance", meters),
      ],
      [texts.text("above_resting"), `${format.number(treadmill.hass, calories)} kcal`],
      [texts.text("top_speed"), top ? speedText(top) : NO_ANSWER],
    ];
    find("dl").replaceChildren(
      ...figures.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, make("bdi", {}, value)))),
    );
  }

  /** @param {Result} of */
  function writeWeek({ week: days }) {
    find(".days-row").hidden = !days;
    if (!days) return;
    const { hass } = treadmill;
    week.fillWeek(find(".days"), days, { hass, elements, format, texts });
    find(".streak b").textContent = format.number(hass, days.streak);
    find(".streak span").textContent = texts.text(days.streak === 1 ? "streak_one" : "streak");
  }

  /** @param {Result} of */
  function writeNext({ next, week: days }) {
    find(".coming").hidden = !next;
    if (!next) return;
    const { hass } = treadmill;
    const when = format.when(hass, next.start.slice(0, 16), days?.today ?? "");
    const what = [
      texts.text("minutes", { minutes: format.number(hass, next.minutes) }),
      next.speed !== null && speedText(next.speed),
      Boolean(next.incline) && format.quantity(treadmill, "incline", Number(next.incline)),
    ].filter(Boolean).join(", ");
    find(".when").textContent = texts.text("next_session", { when, what });
    find(".why").textContent = format.why(hass, texts, next);
  }

  /** @param {Result} of */
  function writeRating({ rated, asks, backward }) {
    const mayRate = Boolean(rated) && backward;
    find(".knee").hidden = !mayRate;
    if (!rated || !mayRate) return;
    const question = texts.text(asks ? "knee_ask" : "knee_if");
    find(".ask").textContent = question;
    find(".knee").ariaLabel = question;
    for (const answer of KNEE) {
      knee[answer].textContent = texts.text(`knee_${answer}`);
      knee[answer].ariaPressed = String(rated.knee === answer);
    }
    const labels = { discomfort_after: texts.text("knee_number"), effort: texts.text("effort_number") };
    for (const name of NUMBERS) {
      const { label, select } = numbers[name];
      label.children[0].textContent = labels[name];
      select.value = String(rated[name] ?? "");
    }
    numbers.discomfort_after.label.hidden = !rated.knee && rated.discomfort_after === null;
  }

  /** @param {Result} of */
  function writeMore({ walker, walkers: names, own, deletes }) {
    const guest = treadmill.hass.localize("component.retrowalk.entity.select.walker.state.guest");
    find(".whose-was-it").hidden = !own || names.length < 2;
    find(".whose-was-it span").textContent = walker ? texts.text("wrong_walker") : texts.text("who_was_it");
    walkers.replaceChildren(...names.map((name) => new Option(name === "guest" ? guest : name, name)));
    walkers.value = walker ?? "guest";
    find(".save").hidden = !own;
    find(".done").hidden = !own;
    find(".delete").hidden = !deletes;
    find(".delete").textContent = asksToDelete ? texts.text("delete_sure") : texts.text("delete");
    find(".keep").hidden = !asksToDelete;
  }

  function write() {
    if (!treadmill.result) return;
    const of = result();
    const ended = of.completed ? texts.text("well_done") : texts.text("ended");
    const title = of.goal ? texts.text("goal_reached") : ended;
    const whose = of.walker ? `${title} · ${of.walker}` : title;
    find("h3").textContent = whose;
    section.ariaLabel = whose;
    elements.writeTexts(section, texts);
    drawCurve(of);
    writeFigures(of);
    writeWeek(of);
    writeNext(of);
    writeRating(of);
    writeMore(of);
    find(".said span").textContent = said;
    find(".said").hidden = !said && !before;
    find(".undo").hidden = !before;
  }

  return {
    update() {
      const of = treadmill.result;
      const visible = Boolean(of) && treadmill.sessionOver;
      layout.find(".card").classList.toggle("resulting", visible);
      if (section.hidden === visible) {
        section.hidden = !visible;
        shownSince = performance.now();
      }
      if (of?.session !== shown) asksToDelete = false;
      if (of?.session !== shown || overtaken()) forgetUndo();
      shown = of?.session;
      if (!of || !visible) return;
      const { hass, live } = treadmill;
      for (const control of section.querySelectorAll("button, select")) {
        /** @type {HTMLButtonElement} */ (control).disabled = !live;
      }
      const key = JSON.stringify([of, hass.language, texts.text("done"), hass.locale]);
      if (key === drawn) return;
      drawn = key;
      write();
    },
  };
}
