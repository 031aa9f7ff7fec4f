// orion gpu move: a device of the site goes to one of the guests that may have it.
import { OrionError } from '../../errors.ts'
import type { Part } from '../../resource.ts'
import { deviceMove } from '../../resources/device-move.ts'
import { candidatesOf } from '../../resources/device-value.ts'
import type { Device } from '../../site/services.ts'
import type { Guest, Site } from '../../site/site.ts'
import { lookOf } from './mapping.ts'

/** Errors of `resources`: E_USAGE for a device that the site does not have, and a guest that may not have it. */
export function moveOf(device: string, guest: string): Part {
  return {
    name: 'gpu move',
    resources: (site) => {
      const found = getDevice(site, device)
      return [deviceMove(getTaker(site, found, guest), lookOf(site)(found))]
    },
    probes: () => [],
  }
}

function getDevice(site: Site, name: string): Device {
  const found = site.devices.find((device) => device.name === name)
  if (found) return found
  const names = site.devices.map((device) => device.name)
  throw new OrionError(`${site.name} has no device named ${name}`, {
    code: 'E_USAGE',
    suggestions: [names.length > 0 ? `devices are named ${names.join(', ')}` : 'name it in the site file: devices'],
  })
}

function getTaker(site: Site, device: Device, name: string): Guest {
  const takers = candidatesOf(site, device)
  const found = takers.find((guest) => guest.name === name)
  if (found) return found
  const isThere = site.guests.some((guest) => guest.name === name)
  const what = isThere ? `${name} may not have ${device.name}` : `${site.name} has no guest named ${name}`
  throw new OrionError(what, {
    code: 'E_USAGE',
    suggestions: [
      ...(takers.length > 0 ? [`these may: ${takers.map((guest) => guest.name).join(', ')}`] : []),
      ...(isThere ? [`to let it: devices.${device.name}.standby in the site file`] : []),
    ],
  })
}
