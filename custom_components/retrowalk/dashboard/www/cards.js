/** The cards of this page by treadmill: Home Assistant makes new ones at every turn, and what concerns all is kept here. */
const cards = new Map();
const failed = new Map(); // what was said of the last Stop of a treadmill, if it failed

export const tellAll = () => {
  for (const those of cards.values()) for (const changed of those) changed();
};

/** Take part as a card of a treadmill; `changed()` when something of all changed. Returns how to leave. */
export function join(device, changed) {
  if (!cards.has(device)) cards.set(device, new Set());
  cards.get(device).add(changed);
  return () => {
    cards.get(device).delete(changed);
    tellAll();
  };
}

/** Whether it is this card of its treadmill's that speaks: two would say everything twice. */
export const speaks = (device, changed) => cards.get(device)?.values().next().value === changed;

/** Whether there is any card. */
export const any = () => [...cards.values()].some((those) => those.size);

export const failedStop = (device) => failed.get(device);

/** A Stop failed, with these words; without any: nothing of it holds any more. */
export function setFailedStop(device, words) {
  if (failed.get(device) === words) return;
  if (words) failed.set(device, words);
  else failed.delete(device);
  tellAll();
}
