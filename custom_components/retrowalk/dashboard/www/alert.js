/** The line in which the card says what went wrong, until it is shown long enough. */
const SHOWS = 12000; // ms for which a refusal is read
const WARNS = 30000; // ms for which something bad is read that will not be said again

export function makeAlert({ layout, treadmill, cards, texts, update }) {
  let alert; // {words, bad}
  let timer;

  /** Say what went wrong; without words: nothing of it holds any more. */
  function say(words, bad = false) {
    clearTimeout(timer);
    alert = words && { words, bad };
    if (!words) return;
    timer = setTimeout(
      () => {
        say();
        update();
      },
      bad ? WARNS : SHOWS,
    );
  }

  return {
    say,
    /** Whether something bad is shown. */
    get bad() {
      return Boolean(alert?.bad);
    },
    update() {
      const failed = cards.failedStop(treadmill.device);
      const lost = treadmill.alive ? undefined : { words: texts.text("lost"), bad: true };
      const shown = failed ? { words: failed, bad: true } : (alert ?? lost);
      layout.write(".alert", shown?.words ?? "");
      layout.find(".alert").classList.toggle("bad", Boolean(shown?.bad));
      layout.show(".alert", Boolean(shown));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
