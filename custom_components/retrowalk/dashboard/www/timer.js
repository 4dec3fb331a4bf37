/** What moves by itself: the countdown, the ring with the time that is left, and the place in the curve. */
const ROUND = 2 * Math.PI * 52;
const SAID = [10, 5, 3, 2, 1]; // seconds of a countdown
const WRITTEN = [10, 5]; // for those who have the page read to them

export function makeTimer({ layout, treadmill, link, program, format, texts, voice, speaks }) {
  let timer;
  let counted; // the last second of the countdown that was shown

  function count() {
    const { hass, phase } = treadmill;
    const ends = phase === "countdown" && Date.parse(treadmill.entity("session_state")?.attributes.countdown_ends);
    const counts = Boolean(ends) && treadmill.alive;
    layout.show(".count", counts);
    // While one gets ready the check-list and what to press next have to be seen at once.
    layout.show(".stage", !counts && phase !== "ready" && treadmill.exists);
    if (!counts) {
      counted = undefined;
      return;
    }
    const left = Math.max(Math.ceil((ends - link.now()) / 1000), 0);
    if (left === counted) return;
    counted = left;
    layout.write(".count", format.number(hass, left));
    layout.find(".count").setAttribute("aria-label", texts.text("countdown", { seconds: left }));
    if (speaks() && SAID.includes(left)) voice.number(left);
    if (WRITTEN.includes(left)) layout.write(".heard", format.number(hass, left));
  }

  /** Which seconds the ring shows, and what they are. */
  function shownTime({ left, over }) {
    const { phase } = treadmill;
    if (phase === "finished") return [treadmill.session.moving_time, "walked"];
    if (left === undefined) return [over, "walked"];
    return [left, treadmill.sessionOver || treadmill.preparing ? "planned" : "left"];
  }

  function turn() {
    const times = treadmill.times;
    const { length, left } = times;
    const [seconds, words] = shownTime(times);
    const known = treadmill.alive && treadmill.phase !== undefined && Number.isFinite(seconds);
    const shown = known ? format.clock(seconds) : "–:––";
    layout.write(".time b", shown);
    layout.write(".time span", known ? texts.text(words) : "");
    layout.find(".ring").setAttribute("aria-label", known ? `${shown} ${texts.text(words)}` : texts.text("lost"));
    let part = 0;
    if (known && left !== undefined) part = treadmill.sessionOver ? 1 : Math.min(left / (length || 1), 1);
    const circle = layout.find(".ring .left");
    circle.style.strokeDasharray = ROUND;
    circle.style.strokeDashoffset = ROUND * (1 - part);
    circle.style.opacity = part ? 1 : 0;
    program.move(times.over);
  }

  function tick() {
    clearTimeout(timer);
    if (!layout.host.isConnected) return;
    count();
    turn();
    const { phase } = treadmill;
    // A ring that goes on while nobody knows would lie.
    if (!treadmill.alive || document.hidden || phase === undefined || treadmill.sessionOver) return;
    timer = setTimeout(tick, phase === "countdown" ? 100 : 500);
  }

  return {
    tick,
    close() {
      clearTimeout(timer);
    },
  };
}
