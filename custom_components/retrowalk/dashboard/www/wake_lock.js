// @ts-check
/** A screen that goes dark in the middle of a walk shows no timer, and speaks no more. */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @param {{ layout: Layout, treadmill: Treadmill }} parts */
export function makeWakeLock({ layout, treadmill }) {
  /** @type {{ released?: boolean, release(): unknown } | undefined} */
  let held;

  const wanted = () =>
    layout.host.isConnected && !document.hidden && treadmill.phase !== undefined && !treadmill.sessionOver;

  function release() {
    held?.release();
    held = undefined;
  }

  return {
    async update() {
      if (!wanted()) {
        if (!document.hidden) release();
        return;
      }
      if (held && !held.released) return;
      held = { release() {} }; // asked for
      held = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (!wanted()) release();
    },
    close: release,
  };
}
