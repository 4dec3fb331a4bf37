// @ts-check
/**
 * Finds a treadmill's entities by what they are, whatever they are called.
 *
 * Here is also what the dashboard uses of Home Assistant's front end:
 *
 * @typedef {{ entity_id: string, platform: string, device_id?: string, translation_key?: string, hidden?: boolean }} Entity
 * @typedef {{ name?: string, name_by_user?: string, via_device_id?: string }} Device
 * @typedef {{ state: string, attributes: { unit_of_measurement?: string, countdown_ends?: string } }} EntityState
 * @typedef {(key: string, values?: Record<string, unknown>) => string} Localize
 * @typedef {object} Hass
 * @property {Connection} connection
 * @property {boolean} [connected]
 * @property {Record<string, Entity>} entities
 * @property {Record<string, Device>} devices
 * @property {Record<string, EntityState>} states
 * @property {string} language
 * @property {{ language: string, number_format: string }} locale
 * @property {Localize} localize
 * @property {(state: EntityState) => string} formatEntityState
 * @property {(category: string, integration: string) => Promise<Localize>} loadBackendTranslation
 */
/** @import { Connection } from "./link.js" */

const PLATFORM = "retrowalk";

/**
 * The entities of a device: from translation key to entity id.
 * @param {Hass} hass
 * @param {string} deviceId
 */
export function own(hass, deviceId) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform === PLATFORM && entity.device_id === deviceId && entity.translation_key) {
      found[entity.translation_key] = entity.entity_id;
    }
  }
  return found;
}

/**
 * The devices that have an entity with one of these keys.
 * @param {Hass} hass
 * @param {string[]} keys
 */
function having(hass, ...keys) {
  const devices = Object.values(hass.entities)
    .filter((entity) => entity.platform === PLATFORM && keys.includes(entity.translation_key ?? ""))
    .flatMap((entity) => entity.device_id ?? []);
  return [...new Set(devices)];
}

/**
 * What a device is called.
 * @param {Hass} hass
 * @param {string | undefined} deviceId
 */
export function nameOf(hass, deviceId) {
  const device = deviceId ? hass.devices[deviceId] : undefined;
  return device?.name_by_user || device?.name || "";
}

/**
 * @param {Hass} hass
 * @param {string[]} devices
 */
const byName = (hass, devices) => devices.sort((one, other) => nameOf(hass, one).localeCompare(nameOf(hass, other)));

/**
 * The treadmills' devices, each known by what it has and no walker; people may have disabled one of these entities.
 * @param {Hass} hass
 */
export const treadmills = (hass) => byName(hass, having(hass, "session_state", "stop", "connection"));

/**
 * The devices of a treadmill's walkers.
 * @param {Hass} hass
 * @param {string} treadmill
 */
export const walkers = (hass, treadmill) =>
  byName(hass, having(hass, "streak").filter((device) => hass.devices[device]?.via_device_id === treadmill));

/**
 * The treadmill that an entity is of, or undefined.
 * @param {Hass} hass
 * @param {string} entityId
 */
export function treadmillOf(hass, entityId) {
  const entity = hass.entities[entityId];
  const device = entity?.platform === PLATFORM ? entity.device_id : undefined;
  return treadmills(hass).find((treadmill) => treadmill === device);
}
