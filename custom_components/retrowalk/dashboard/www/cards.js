// @ts-check
/** The cards on this page. Home Assistant replaces cards often, so what they share is kept here. */
/** @typedef {() => void} Update a card's update function, which also identifies the card */

/** @type {Map<string, Set<Update>>} the cards of each treadmill */
const cards = new Map();
/** @type {Map<string, string>} the message of the last Stop of each treadmill that failed */
const failedStops = new Map();

/** Update all cards. */
export function updateAll() {
  for (const updates of cards.values()) for (const update of updates) update();
}

/**
 * Register a card of a treadmill; return the function that removes it.
 * @param {string} device
 * @param {Update} update
 */
export function register(device, update) {
  const updates = cards.get(device) ?? new Set();
  cards.set(device, updates.add(update));
  return () => {
    updates.delete(update);
    updateAll();
  };
}

/**
 * Return whether this is the one card of its treadmill that speaks: two would say everything twice.
 * @param {string} device
 * @param {Update} update
 */
export const isSpeaker = (device, update) => cards.get(device)?.values().next().value === update;

/** Return whether there is a card on the page. */
export const hasAny = () => [...cards.values()].some((updates) => updates.size);

/**
 * Return the message of a treadmill's last Stop, if it failed.
 * @param {string} device
 */
export const failedStop = (device) => failedStops.get(device);

/**
 * Set the message of a Stop that failed, or clear it.
 * @param {string} device
 * @param {string} [message]
 */
export function setFailedStop(device, message) {
  if (failedStops.get(device) === message) return;
  if (message) failedStops.set(device, message);
  else failedStops.delete(device);
  updateAll();
}
