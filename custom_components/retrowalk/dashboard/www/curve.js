// @ts-check
/**
 * The program's curve: numbers in, numbers out. Steps are the house's: seconds of the walk, km/h, %.
 *
 * @typedef {{ from: number, to: number }} Ramp from the step's beginning to its end
 * @typedef {"speed" | "incline"} Quantity in km/h and %
 * @typedef {{ start: number, seconds: number, phase: string, speed?: Ramp, incline?: Ramp, label?: string }} Step
 * @typedef {{ seconds: number, what: Quantity, to: number, up: boolean, phase: string }} Change
 */
const WIDTH = 1000;
const HEIGHT = 100;
const ALMOST = 0.04;
const QUANTITIES = /** @type {const} */ (["speed", "incline"]);

/**
 * The seconds at which the steps end.
 * @param {Step[]} steps
 */
export const length = (steps) => {
  const last = steps.at(-1);
  return last ? last.start + last.seconds : 0;
};

/** @param {Ramp | undefined} ramp */
const ends = (ramp) => (ramp ? [ramp.from, ramp.to] : []);

/**
 * The fastest of the steps (km/h), or the steepest (%).
 * @param {Step[]} steps
 * @param {Quantity} what
 */
export const top = (steps, what = "speed") => Math.max(0, ...steps.flatMap((step) => ends(step[what])));

/**
 * @param {Step} step
 * @param {number} seconds
 */
const part = (step, seconds) => Math.min(Math.max((seconds - step.start) / step.seconds, 0), 1);

/**
 * The speed (km/h) or incline (%) at a second.
 * @param {Step[]} steps
 * @param {number} seconds
 * @param {Quantity} what
 */
export function at(steps, seconds, what = "speed") {
  const step = steps.find((one) => seconds < one.start + one.seconds) ?? steps.at(-1);
  const ramp = step?.[what];
  return step && ramp ? ramp.from + (ramp.to - ramp.from) * part(step, seconds) : 0;
}

/**
 * Where a second lies in the picture, both from 0 to 1.
 * @param {Step[]} steps
 * @param {number} seconds
 */
export function place(steps, seconds) {
  const high = (top(steps) || 1) * 1.15;
  return { x: Math.min(seconds / (length(steps) || 1), 1), y: 1 - at(steps, seconds) / high };
}

/**
 * @param {Step[]} steps
 * @param {Quantity} what
 * @param {number} high
 */
const points = (steps, what, high) => {
  const whole = length(steps);
  const point = (/** @type {number} */ seconds, /** @type {number} */ value) =>
    `${((seconds / whole) * WIDTH).toFixed(1)},${((1 - value / high) * HEIGHT).toFixed(1)}`;
  return steps
    .flatMap((step) => {
      const ramp = step[what] ?? { from: 0, to: 0 };
      return [point(step.start, ramp.from), point(step.start + step.seconds, ramp.to)];
    })
    .join(" ");
};

/**
 * The lines to draw, in a picture of 1000 by 100: `incline` is "" where it stays level.
 * @param {Step[]} steps
 */
export function lines(steps) {
  const speed = points(steps, "speed", (top(steps) || 1) * 1.15);
  const steepest = top(steps, "incline");
  return {
    speed,
    area: `0,${HEIGHT} ${speed} ${WIDTH},${HEIGHT}`,
    incline: steepest > 0 ? points(steps, "incline", Math.max(steepest * 2.5, 3)) : "",
  };
}

/**
 * Where a change ends that goes on through later steps of its phase in the same direction.
 * @param {Step} step
 * @param {Ramp} ramp
 * @param {Step[]} later
 * @param {Quantity} what
 */
function endOf(step, ramp, later, what) {
  const up = ramp.to > ramp.from;
  let { to } = ramp;
  for (const { phase, [what]: following } of later) {
    if (!following || phase !== step.phase || following.to > to !== up || Math.abs(following.to - to) < ALMOST) break;
    to = following.to;
  }
  return to;
}

/**
 * What changes next; `seconds` is 0 while it is under way. Undefined: nothing more.
 * @param {Step[]} steps
 * @param {number} seconds
 * @returns {Change | undefined}
 */
export function next(steps, seconds) {
  for (const [index, step] of steps.entries()) {
    if (step.start + step.seconds <= seconds) continue;
    for (const what of QUANTITIES) {
      const ramp = step[what];
      if (!ramp || Math.abs(ramp.to - ramp.from) < ALMOST) continue;
      const to = endOf(step, ramp, steps.slice(index + 1), what);
      return { seconds: Math.max(step.start - seconds, 0), what, to, up: ramp.to > ramp.from, phase: step.phase };
    }
  }
  return undefined;
}
