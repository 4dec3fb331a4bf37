// @ts-check
/**
 * Finds devices and entities by their translation keys, because people rename entity ids.
 *
 * The types describe the part of Home Assistant's front end that the dashboard uses.
 *
 * @typedef {object} Entity
 * @property {string} entity_id
 * @property {string} platform
 * @property {string} [device_id]
 * @property {string} [translation_key]
 * @property {boolean} [hidden]
 * @typedef {{ name?: string, name_by_user?: string, via_device_id?: string }} Device
 * @typedef {{ unit_of_measurement?: string, countdown_ends?: string, options?: string[], friendly_name?: string }} Attributes
 * @typedef {{ state: string, attributes: Attributes }} EntityState
 * @typedef {(key: string, values?: Record<string, unknown>) => string} Localize
 * @typedef {object} Hass
 * @property {Connection} connection
 * @property {boolean} [connected]
 * @property {{ is_admin: boolean }} [user]
 * @property {Record<string, Entity>} entities
 * @property {Record<string, Device>} devices
 * @property {Record<string, EntityState>} states
 * @property {string} language
 * @property {{ language: string, number_format: string, time_format?: string, first_weekday?: string }} locale
 * @property {{ time_zone?: string }} [config]
 * @property {Localize} localize
 * @property {(path: string) => string} hassUrl
 * @property {(state: EntityState, value?: string) => string} formatEntityState
 * @property {(category: string, integration: string) => Promise<Localize>} loadBackendTranslation
 */
/** @import { Connection } from "./backend.js" */

const PLATFORM = "retrowalk";

/**
 * Return the entity ids of a device by translation key.
 * @param {Hass} hass
 * @param {string} deviceId
 */
export function entityIds(hass, deviceId) {
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
 * Return the devices that have an entity with one of these translation keys.
 * @param {Hass} hass
 * @param {string[]} keys
 */
function devicesWith(hass, ...keys) {
  const devices = Object.values(hass.entities)
    .filter((entity) => entity.platform === PLATFORM && keys.includes(entity.translation_key ?? ""))
    .flatMap((entity) => entity.device_id ?? []);
  return [...new Set(devices)];
}

/**
 * Return the name of a device.
 * @param {Hass} hass
 * @param {string} deviceId
 */
export function deviceName(hass, deviceId) {
  const device = hass.devices[deviceId];
  return device?.name_by_user || device?.name || "";
}

/**
 * Sort devices by name.
 * @param {Hass} hass
 * @param {string[]} devices
 */
const byName = (hass, devices) =>
  devices.sort((one, other) => deviceName(hass, one).localeCompare(deviceName(hass, other)));

/**
 * Return the devices of all treadmills: those with an entity that no walker has. Any of the three may be disabled.
 * @param {Hass} hass
 */
export const treadmills = (hass) => byName(hass, devicesWith(hass, "session_state", "stop", "connection"));

/**
 * Return the devices of a treadmill's walkers. Who walks on several has a device under one of them; all name them.
 * @param {Hass} hass
 * @param {string} treadmill
 */
export const walkers = (hass, treadmill) => {
  const names = hass.states[entityIds(hass, treadmill).walker]?.attributes.options ?? [];
  return byName(
    hass,
    devicesWith(hass, "streak").filter(
      (id) => hass.devices[id]?.via_device_id === treadmill || names.includes(hass.devices[id]?.name ?? ""),
    ),
  );
};

/**
 * Return the treadmill that an entity belongs to, if it is one of a treadmill.
 * @param {Hass} hass
 * @param {string} entityId
 */
export function treadmillOf(hass, entityId) {
  const entity = hass.entities[entityId];
  const device = entity?.platform === PLATFORM ? entity.device_id : undefined;
  return treadmills(hass).find((treadmill) => treadmill === device);
}
