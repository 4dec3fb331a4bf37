// @ts-check
/**
 * The geometry of the program's curve: pure functions.
 *
 * @typedef {{ from: number, to: number }} Ramp the values at the step's start and end
 * @typedef {"speed" | "incline"} Quantity speed in km/h, incline in %
 * @typedef {{ start: number, seconds: number, phase: string, speed?: Ramp, incline?: Ramp, label?: string }} Step
 * @typedef {[second: number, speed: number, incline: number | null]} WalkedPoint
 * @typedef {{ seconds: number, quantity: Quantity, to: number, up: boolean, phase: string }} Change
 */

const WIDTH = 1000;
const HEIGHT = 100;
const TOLERANCE = 0.04; // a smaller change is none
const JOINED = 5; // seconds
const HEADROOM = 1.15; // of the picture above the highest speed
const QUANTITIES = /** @type {const} */ (["speed", "incline"]);

/**
 * Return the second at which the steps end.
 * @param {Step[]} steps
 */
export const duration = (steps) => {
  const last = steps.at(-1);
  return last ? last.start + last.seconds : 0;
};

/** @param {Ramp | undefined} ramp */
const endpoints = (ramp) => (ramp ? [ramp.from, ramp.to] : []);

/**
 * Return the highest speed (km/h) or incline (%) of the steps.
 * @param {Step[]} steps
 * @param {Quantity} quantity
 */
export const maximum = (steps, quantity = "speed") =>
  Math.max(0, ...steps.flatMap((step) => endpoints(step[quantity])));

/**
 * Return how much of a step is over at a second, from 0 to 1.
 * @param {Step} step
 * @param {number} seconds
 */
const fraction = (step, seconds) => Math.min(Math.max((seconds - step.start) / step.seconds, 0), 1);

/**
 * Return the speed (km/h) or incline (%) at a second.
 * @param {Step[]} steps
 * @param {number} seconds
 * @param {Quantity} quantity
 */
export function valueAt(steps, seconds, quantity = "speed") {
  const step = steps.find((one) => seconds < one.start + one.seconds) ?? steps.at(-1);
  const ramp = step?.[quantity];
  return step && ramp ? ramp.from + (ramp.to - ramp.from) * fraction(step, seconds) : 0;
}

/**
 * Return the part of a step from a second on.
 * @param {Step} step
 * @param {number} second
 */
function after(step, second) {
  if (step.start >= second) return step;
  const seconds = step.start + step.seconds - second;
  /** @param {Quantity} quantity */
  const cut = (quantity) => step[quantity] && { from: valueAt([step], second, quantity), to: step[quantity].to };
  return { ...step, start: second, seconds, speed: cut("speed"), incline: cut("incline") };
}

/**
 * Return the steps of a session under way: what was walked as it was measured, then what is planned.
 * @param {WalkedPoint[]} walked
 * @param {Step[]} planned
 * @returns {Step[]}
 */
export function joined(walked, planned) {
  if (walked.length < 2) return planned;
  /** What is measured is never quite what is planned: a few seconds join the two. */
  const last = walked[walked.length - 1];
  const soon = Math.min(last[0] + JOINED, duration(planned));
  const ahead = planned.filter((step) => step.start + step.seconds > soon).map((step) => after(step, soon));
  /** @type {WalkedPoint} */
  const meets = [soon, valueAt(planned, soon), valueAt(planned, soon, "incline")];
  const points = soon > last[0] ? [...walked, meets] : walked;
  const past = points.slice(1).map(([second, to, incline], at) => {
    const [start, from, before] = points[at];
    const { phase = "" } = planned.find((step) => start < step.start + step.seconds) ?? planned.at(-1) ?? {};
    const seconds = second - start;
    return { start, seconds, phase, speed: { from, to }, incline: { from: before ?? 0, to: incline ?? 0 } };
  });
  return [...past, ...ahead];
}

/**
 * Return where a second is in the picture; x and y from 0 to 1.
 * @param {Step[]} steps
 * @param {number} seconds
 */
export function position(steps, seconds) {
  const scale = (maximum(steps) || 1) * HEADROOM;
  return { x: Math.min(seconds / (duration(steps) || 1), 1), y: 1 - valueAt(steps, seconds) / scale };
}

/**
 * Return the points of a line, for SVG.
 * @param {Step[]} steps
 * @param {Quantity} quantity
 * @param {number} scale the value at the top of the picture
 * @param {number} total the seconds of the whole picture
 */
const points = (steps, quantity, scale, total = duration(steps)) => {
  const point = (/** @type {number} */ seconds, /** @type {number} */ value) =>
    `${((seconds / (total || 1)) * WIDTH).toFixed(1)},${((1 - value / scale) * HEIGHT).toFixed(1)}`;
  return steps
    .flatMap((step) => {
      const ramp = step[quantity] ?? { from: 0, to: 0 };
      return [point(step.start, ramp.from), point(step.start + step.seconds, ramp.to)];
    })
    .join(" ");
};

/**
 * Return the line of the speed in each phase, and the area below it.
 * @param {Step[]} steps
 */
function phases(steps) {
  const scale = (maximum(steps) || 1) * HEADROOM;
  /** @type {Step[][]} */
  const runs = [];
  for (const step of steps) {
    if (runs.at(-1)?.[0].phase === step.phase) runs.at(-1)?.push(step);
    else runs.push([step]);
  }
  return runs.map((run) => {
    const speed = points(run, "speed", scale, duration(steps));
    const [first, last] = [speed.split(",")[0], speed.slice(speed.lastIndexOf(" ") + 1).split(",")[0]];
    return { phase: run[0].phase, speed, area: `${first},${HEIGHT} ${speed} ${last},${HEIGHT}` };
  });
}

/**
 * Return the lines to draw in a picture of 1000 by 100; `incline` is "" if the deck stays level.
 * @param {Step[]} steps
 */
export function lines(steps) {
  const steepest = maximum(steps, "incline");
  return {
    phases: phases(steps),
    incline: steepest > 0 ? points(steps, "incline", Math.max(steepest * 2.5, 3)) : "",
  };
}

/**
 * Return the value at which a ramp ends that goes on in the same direction in the next steps of its phase.
 * @param {Step} step
 * @param {Ramp} ramp
 * @param {Step[]} later
 * @param {Quantity} quantity
 */
function rampEnd(step, ramp, later, quantity) {
  const up = ramp.to > ramp.from;
  let { to } = ramp;
  for (const { phase, [quantity]: following } of later) {
    if (!following || phase !== step.phase || following.to > to !== up || Math.abs(following.to - to) < TOLERANCE) {
      break;
    }
    to = following.to;
  }
  return to;
}

/**
 * Return the next change, if there is one; its `seconds` are 0 once it has begun.
 * @param {Step[]} steps
 * @param {number} seconds
 * @returns {Change | undefined}
 */
export function nextChange(steps, seconds) {
  for (const [index, step] of steps.entries()) {
    if (step.start + step.seconds <= seconds) continue;
    for (const quantity of QUANTITIES) {
      const ramp = step[quantity];
      if (!ramp || Math.abs(ramp.to - ramp.from) < TOLERANCE) continue;
      const to = rampEnd(step, ramp, steps.slice(index + 1), quantity);
      return { seconds: Math.max(step.start - seconds, 0), quantity, to, up: ramp.to > ramp.from, phase: step.phase };
    }
  }
  return undefined;
}
