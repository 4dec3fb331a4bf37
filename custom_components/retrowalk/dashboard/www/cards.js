// @ts-check
/** The cards of this page by treadmill: Home Assistant makes new ones at every turn, and what concerns all is kept here. */
/** @typedef {() => void} Changed called when something of all of them changed; by it a card is known */

/** @type {Map<string, Set<Changed>>} */
const cards = new Map();
/** @type {Map<string, string>} what was said of the last Stop of a treadmill, if it failed */
const failed = new Map();

export const tellAll = () => {
  for (const those of cards.values()) for (const changed of those) changed();
};

/**
 * Take part as a card of a treadmill. Returns how to leave.
 * @param {string} device
 * @param {Changed} changed
 */
export function join(device, changed) {
  const those = cards.get(device) ?? new Set();
  cards.set(device, those.add(changed));
  return () => {
    those.delete(changed);
    tellAll();
  };
}

/**
 * Whether it is this card of its treadmill's that speaks: two would say everything twice.
 * @param {string | undefined} device
 * @param {Changed} changed
 */
export const speaks = (device, changed) => cards.get(device ?? "")?.values().next().value === changed;

/** Whether there is any card. */
export const any = () => [...cards.values()].some((those) => those.size);

/**
 * What was said of the last Stop of a treadmill, if it failed.
 * @param {string | undefined} device
 */
export const failedStop = (device) => failed.get(device ?? "");

/**
 * A Stop failed, with these words; without any: nothing of it holds any more.
 * @param {string | undefined} device
 * @param {string} [words]
 */
export function setFailedStop(device = "", words = undefined) {
  if (failed.get(device) === words) return;
  if (words) failed.set(device, words);
  else failed.delete(device);
  tellAll();
}
