// @ts-check
/** Keeps the screen on during a session: a dark one shows no timer, and does not speak. */
/** @import { Layout } from "./layout.js" */
/** @import { Treadmill } from "./treadmill.js" */

/** @param {{ layout: Layout, treadmill: Treadmill }} parts */
export function makePart({ layout, treadmill }) {
  /** @type {{ released?: boolean, release(): unknown } | undefined} */
  let lock;

  const wanted = () =>
    layout.host.isConnected && !document.hidden && treadmill.sessionState !== undefined && !treadmill.sessionOver;

  function release() {
    lock?.release();
    lock = undefined;
  }

  return {
    async update() {
      if (!wanted()) {
        if (!document.hidden) release();
        return;
      }
      if (lock && !lock.released) return;
      lock = { release() {} }; // until the browser answers
      lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (!wanted()) release();
    },
    close: release,
  };
}
