// @ts-check
/**
 * The result of the last session: what was walked, what the plan makes of it, and how the knee is.
 *
 * It is shown while the belt rests, until somebody presses Done or the next session begins.
 */
/** @import * as Format from "./format.js" */
/** @import * as Texts from "./texts.js" */
/** @import * as Week from "./week.js" */
/** @import { Rated, Refusal, Result } from "./backend.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

const UNDO_TIME = 10000; // ms
const SETTLE_TIME = 700; // ms after the result has come in which a press was meant for what was there before
const VALID_FOR = 300; // s; of the address of a file
const HEADROOM = 1.15; // of the picture above the highest speed
const NO_ANSWER = "–";
/** @type {Record<string, number>} */
const UNITS_PER_METER = { m: 1, km: 0.001, ft: 3.28084, yd: 1.09361, mi: 0.000621371 };
/** @type {("better" | "same" | "bit_worse" | "worse")[]} */
const KNEE = ["better", "same", "bit_worse", "worse"];
const NUMBERS = /** @type {const} */ (["discomfort_after", "effort"]);

/**
 * @param {object} parts
 * @param {Layout} parts.layout
 * @param {Treadmill} parts.treadmill
 * @param {typeof Format} parts.format
 * @param {typeof Texts} parts.texts
 * @param {typeof Week} parts.week
 * @param {string} parts.body its elements
 */
export function makeResult({ layout, treadmill, format, texts, week, body }) {
  const section = document.createElement("section");
  section.className = "result";
  section.hidden = true;
  section.innerHTML = body;
  layout.find(".stage").before(section);
  let drawn = ""; // for what the result is written
  let shownSince = 0; // ms
  /** @type {string | undefined} */
  let shown; // the session
  let asksToDelete = false;
  let said = "";
  /** @type {Rated | undefined} what Undo brings back */
  let before;
  /** @type {number | undefined} */
  let undoTimer;

  /** @param {string} selector */
  const find = (selector) => /** @type {HTMLElement} */ (section.querySelector(selector));

  const knee = Object.fromEntries(KNEE.map((answer) => {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => rate({ knee: result().rated?.knee === answer ? null : answer }));
    find(".answers").append(button);
    return [answer, button];
  }));
  const numbers = Object.fromEntries(NUMBERS.map((name) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    const none = new Option(NO_ANSWER, "");
    select.append(none, ...Array.from({ length: 11 }, (_, number) => new Option(String(number))));
    select.addEventListener("change", () => rate({ [name]: select.value === "" ? null : Number(select.value) }));
    label.append(document.createElement("span"), select);
    find(".knee").append(label);
    return [name, { label, select }];
  }));
  const walkers = /** @type {HTMLSelectElement} */ (find(".whose-was-it select"));
  walkers.addEventListener("change", () => act(() => call("edit_session", { walker: walkers.value })));
  find(".undo").addEventListener("click", () => {
    const values = before;
    forgetUndo();
    if (values) act(() => call("rate_session", values));
    knee.better.focus();
  });
  find(".save").addEventListener("click", () => act(save));
  find(".delete").addEventListener("click", () => {
    if (asksToDelete) act(() => call("delete_session", {}));
    asksToDelete = !asksToDelete;
    write();
  });
  find(".keep").addEventListener("click", () => {
    asksToDelete = false;
    write();
    find(".delete").focus();
  });
  find(".done").addEventListener(
    "click",
    () => act(() => send({ type: "retrowalk/done", device_id: treadmill.device })),
  );

  const result = () => /** @type {Result} */ (treadmill.result);

  /** @param {object} message */
  const send = (message) => treadmill.hass.connection.sendMessagePromise(message);

  /**
   * @param {string} service
   * @param {object} data
   */
  const call = (service, data) =>
    send({
      type: "call_service",
      domain: "retrowalk",
      service,
      service_data: { device_id: treadmill.device, session_id: result().session, ...data },
    });

  /** @param {() => Promise<unknown>} work */
  async function act(work) {
    if (performance.now() - shownSince < SETTLE_TIME) return;
    said = "";
    try {
      await work();
    } catch (error) {
      said = texts.refusalText(/** @type {Refusal | undefined} */ (error));
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
      before = Object.fromEntries(Object.keys(answer).map((name) => [name, rated[/** @type {keyof Rated} */ (name)]]));
      undoTimer = setTimeout(() => {
        forgetUndo();
        write();
      }, UNDO_TIME);
      said = texts.text("saved");
    });
  }

  function forgetUndo() {
    clearTimeout(undoTimer);
    before = undefined;
    said = "";
  }

  /** Save the session's file with the browser: a download carries no access token, so its address is signed. */
  async function save() {
    const path = `/api/retrowalk/session/${treadmill.device}/${result().session}`;
    const message = { type: "auth/sign_path", path, expires: VALID_FOR };
    const signed = /** @type {{ path: string }} */ (await send(message));
    const link = Object.assign(document.createElement("a"), {
      href: treadmill.hass.hassUrl(signed.path),
      download: "",
    });
    link.click();
  }

  /** @param {number} meters */
  function distance(meters) {
    const unit = treadmill.entity("distance")?.attributes.unit_of_measurement ?? "";
    const known = unit in UNITS_PER_METER ? unit : "m";
    return `${format.number(treadmill.hass, meters * UNITS_PER_METER[known])} ${known}`;
  }

  /** @param {Result} of */
  function drawCurve({ points, top_speed: top }) {
    const known = (points ?? []).filter(([, speed]) => speed !== null);
    find(".plot").hidden = known.length < 2;
    if (known.length < 2) return;
    const [[begin], [end]] = [known[0], known[known.length - 1]];
    const scale = (Math.max(...known.map(([, speed]) => Number(speed))) || 1) * HEADROOM;
    const line = known.map(([second, speed]) =>
      `${(((second - begin) / (end - begin)) * 1000).toFixed(1)},${((1 - Number(speed) / scale) * 100).toFixed(1)}`
    ).join(" ");
    find("polyline").setAttribute("points", line);
    find("polygon").setAttribute("points", `0,100 ${line} 1000,100`);
    const values = { minutes: format.number(treadmill.hass, (end - begin) / 60) };
    find(".plot").setAttribute("aria-label", texts.text("walked_curve", { ...values, speed: speedText(top) }));
  }

  /** @param {number} speed */
  const speedText = (speed) => format.quantity(treadmill, "speed", speed);

  /** @param {Result} of */
  function writeFigures({ seconds, distance: meters, calories, top_speed: top }) {
    const figures = [
      [texts.text("time_walked"), format.duration(seconds)],
      [treadmill.hass.localize("component.retrowalk.entity.sensor.distance.name"), distance(meters)],
      [texts.text("above_resting"), `${format.number(treadmill.hass, calories)} kcal`],
      [texts.text("top_speed"), top ? speedText(top) : NO_ANSWER],
    ];
    find("dl").replaceChildren(...figures.map(([name, value]) => {
      const figure = document.createElement("div");
      figure.append(document.createElement("dt"), document.createElement("dd"));
      figure.children[0].textContent = name;
      figure.children[1].append(Object.assign(document.createElement("bdi"), { textContent: value }));
      return figure;
    }));
  }

  /** @param {Result} of */
  function writeWeek({ week: days }) {
    find(".days-row").hidden = !days;
    if (!days) return;
    const { hass } = treadmill;
    find(".days").replaceChildren(...days.days.map((day) => week.makeDay(day, days, hass.language)));
    const reached = days.days.filter((day) => day.reached).length;
    const minutes = Math.round(days.days.reduce((sum, day) => sum + day.minutes, 0));
    find(".days").setAttribute("aria-label", texts.text("week", { reached, minutes }));
    find(".streak b").textContent = format.number(hass, days.streak);
    find(".streak span").textContent = days.streak === 1 ? texts.text("streak_one") : texts.text("streak");
  }

  /** @param {Result} of */
  function writeNext({ next }) {
    find(".coming").hidden = !next;
    if (!next) return;
    const { hass } = treadmill;
    const { time_format: clock } = hass.locale;
    const when = new Date(next.start).toLocaleString(hass.language, {
      weekday: "long",
      hour: "numeric",
      minute: "2-digit",
      timeZone: hass.config?.time_zone,
      ...((clock === "12" || clock === "24") && { hour12: clock === "12" }),
    });
    const what = [
      texts.text("some_minutes", { minutes: format.number(hass, next.minutes) }),
      next.speed !== null && speedText(next.speed),
      Boolean(next.incline) && format.quantity(treadmill, "incline", Number(next.incline)),
    ].filter(Boolean).join(", ");
    find(".when").textContent = texts.text("next_session", { when, what });
    const reason = `component.retrowalk.entity.sensor.next_session.state_attributes.reason.state.${next.reason}`;
    find(".why").textContent = hass.localize(reason);
  }

  /** @param {Result} of */
  function writeRating({ rated, asks, backward }) {
    const mayRate = Boolean(rated) && backward;
    find(".knee").hidden = !mayRate;
    if (!rated || !mayRate) return;
    find(".ask").textContent = asks ? texts.text("knee_ask") : texts.text("knee_if");
    find(".knee").setAttribute("aria-label", find(".ask").textContent ?? "");
    const words = {
      better: texts.text("knee_better"),
      same: texts.text("knee_same"),
      bit_worse: texts.text("knee_bit_worse"),
      worse: texts.text("knee_worse"),
    };
    for (const answer of KNEE) {
      knee[answer].textContent = words[answer];
      knee[answer].setAttribute("aria-pressed", String(rated.knee === answer));
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
  function writeMore({ walker, walkers: names, own, admin }) {
    const guest = treadmill.hass.localize("component.retrowalk.entity.select.walker.state.guest");
    find(".whose-was-it").hidden = !own || names.length < 2;
    find(".whose-was-it span").textContent = walker ? texts.text("wrong_walker") : texts.text("who_was_it");
    walkers.replaceChildren(...names.map((name) => new Option(name === "guest" ? guest : name, name)));
    walkers.value = walker ?? "guest";
    find(".save").hidden = !own;
    find(".save").textContent = texts.text("save_file");
    find(".delete").hidden = !own || !admin;
    find(".delete").textContent = asksToDelete ? texts.text("delete_sure") : texts.text("delete");
    find(".keep").hidden = !asksToDelete;
    find(".keep").textContent = texts.text("keep");
    find(".done").textContent = texts.text("done");
  }

  function write() {
    if (!treadmill.result) return;
    const of = result();
    const ended = of.completed ? texts.text("well_done") : texts.text("ended");
    const title = of.goal ? texts.text("goal_reached") : ended;
    const whose = of.walker ? `${title} · ${of.walker}` : title;
    find("h3").textContent = whose;
    section.setAttribute("aria-label", whose);
    drawCurve(of);
    writeFigures(of);
    writeWeek(of);
    writeNext(of);
    writeRating(of);
    writeMore(of);
    find(".said span").textContent = said;
    find(".said").hidden = !said && !before;
    find(".undo").textContent = texts.text("undo");
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
      if (of?.session !== shown) {
        shown = of?.session;
        asksToDelete = false;
        forgetUndo();
      }
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
