/** A screen that goes dark in the middle of a walk shows no timer, and speaks no more. */
export function makeWakeLock({ layout, treadmill }) {
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
      held = await navigator.wakeLock?.request("screen").catch(() => {});
      if (!wanted()) release();
    },
    close: release,
  };
}
