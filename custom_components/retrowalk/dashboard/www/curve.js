/** The program's curve: numbers in, numbers out. Steps are the house's: seconds of the walk, km/h, %. */
const WIDTH = 1000;
const HEIGHT = 100;
const ALMOST = 0.04;

/** The seconds at which the steps end. */
export const length = (steps) => {
  const last = steps.at(-1);
  return last ? last.start + last.seconds : 0;
};

/** The fastest of the steps, km/h. */
export const top = (steps, what = "speed") =>
  Math.max(0, ...steps.flatMap((step) => (step[what] ? [step[what].from, step[what].to] : [])));

const part = (step, seconds) => Math.min(Math.max((seconds - step.start) / step.seconds, 0), 1);

/** The speed (km/h) or incline (%) at a second. */
export function at(steps, seconds, what = "speed") {
  const step = steps.find((one) => seconds < one.start + one.seconds) ?? steps.at(-1);
  const ramp = step?.[what];
  return ramp ? ramp.from + (ramp.to - ramp.from) * part(step, seconds) : 0;
}

/** Where a second lies in the picture, both from 0 to 1. */
export function place(steps, seconds) {
  const high = (top(steps) || 1) * 1.15;
  return { x: Math.min(seconds / (length(steps) || 1), 1), y: 1 - at(steps, seconds) / high };
}

const points = (steps, what, high) => {
  const whole = length(steps);
  const drawn = [];
  for (const step of steps) {
    const ramp = step[what] ?? { from: 0, to: 0 };
    for (const [seconds, value] of [[step.start, ramp.from], [step.start + step.seconds, ramp.to]]) {
      drawn.push(`${((seconds / whole) * WIDTH).toFixed(1)},${((1 - value / high) * HEIGHT).toFixed(1)}`);
    }
  }
  return drawn.join(" ");
};

/** The lines to draw, in a picture of 1000 by 100: `incline` is "" where it stays level. */
export function lines(steps) {
  const speed = points(steps, "speed", (top(steps) || 1) * 1.15);
  const steepest = top(steps, "incline");
  return {
    speed,
    area: `0,${HEIGHT} ${speed} ${WIDTH},${HEIGHT}`,
    incline: steepest > 0 ? points(steps, "incline", Math.max(steepest * 2.5, 3)) : "",
  };
}

/** What changes next: {seconds, what, to, up, phase}; seconds is 0 while it is under way. Undefined: nothing more. */
export function next(steps, seconds) {
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step.start + step.seconds <= seconds) continue;
    for (const what of ["speed", "incline"]) {
      const ramp = step[what];
      if (!ramp || Math.abs(ramp.to - ramp.from) < ALMOST) continue;
      const up = ramp.to > ramp.from;
      let to = ramp.to;
      for (const later of steps.slice(index + 1)) {
        const follows = later[what] && later.phase === step.phase && later[what].to > to === up;
        if (!follows || Math.abs(later[what].to - to) < ALMOST) break;
        to = later[what].to;
      }
      return { seconds: Math.max(step.start - seconds, 0), what, to, up, phase: step.phase };
    }
  }
  return undefined;
}
