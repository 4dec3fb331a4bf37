/** Finds a treadmill's entities by what they are, whatever they are called. */
const PLATFORM = "retrowalk";

/** The entities of a device: from translation key to entity id. */
export function own(hass, deviceId) {
  const found = {};
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform === PLATFORM && entity.device_id === deviceId && entity.translation_key) {
      found[entity.translation_key] = entity.entity_id;
    }
  }
  return found;
}

const having = (hass, ...keys) => {
  const has = (entity) => entity.platform === PLATFORM && keys.includes(entity.translation_key) && entity.device_id;
  return [...new Set(Object.values(hass.entities).filter(has).map((entity) => entity.device_id))];
};

const byName = (hass) => (one, other) => nameOf(hass, one).localeCompare(nameOf(hass, other));

/** What a device is called. */
export const nameOf = (hass, deviceId) => {
  const device = hass.devices[deviceId];
  return device?.name_by_user || device?.name || "";
};

/** The treadmills' devices, each known by what it has and no walker; people may have disabled one of these entities. */
export const treadmills = (hass) => having(hass, "session_state", "stop", "connection").sort(byName(hass));

/** The devices of a treadmill's walkers. */
export const walkers = (hass, treadmill) =>
  having(hass, "streak")
    .filter((device) => hass.devices[device]?.via_device_id === treadmill)
    .sort(byName(hass));

/** The treadmill that an entity is of, or undefined. */
export function treadmillOf(hass, entityId) {
  const device = hass.entities[entityId]?.platform === PLATFORM && hass.entities[entityId].device_id;
  return treadmills(hass).find((treadmill) => treadmill === device);
}
