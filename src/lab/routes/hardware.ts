// /nodes/{node}/hardware: PCI and USB devices of a node, and for tests of mappings what is wrong with one.
import { getFunctions } from '../device/mapping-check.ts'
import type { PciState } from '../device/pci.ts'
import { hostOf } from '../network.ts'
import { toList } from '../property.ts'
import { failure } from '../refusal.ts'
import type { Call, Routes } from '../route.ts'

/** Memory controllers, bridges and processors are left out, unless somebody asks for another list. */
const HIDDEN = ['05', '06', '0b']

function row(function_: PciState, verbose: boolean): Record<string, unknown> {
  const { id, subsystem, group } = function_
  const [vendor, device] = id.split(':')
  const [subVendor, subDevice] = subsystem?.split(':') ?? []
  return {
    id: function_.address,
    ...(verbose
      ? {
          class: `0x${function_.class}`,
          vendor: `0x${vendor}`,
          device: `0x${device}`,
          ...(subVendor === undefined
            ? {}
            : { subsystem_vendor: `0x${subVendor}`, subsystem_device: `0x${subDevice}` }),
          iommugroup: group,
        }
      : {}),
  }
}

function listPci({ world, ids, params }: Call): unknown {
  const hidden = params['pci-class-blacklist'] === undefined ? HIDDEN : toList(params['pci-class-blacklist'])
  return Object.values(hostOf(world.state, String(ids.node)).pci ?? {})
    .filter((one) => !hidden.some((prefix) => one.class.startsWith(prefix.replace(/^0x/, ''))))
    .sort((one, other) => (one.address < other.address ? -1 : 1))
    .map((one) => row(one, params.verbose !== false))
}

function getPci({ world, ids }: Call): unknown {
  if (getFunctions(hostOf(world.state, String(ids.node)), String(ids.pciid)).length === 0)
    throw failure(`no such device '${ids.pciid}'`)
  return [{ method: 'mdev' }]
}

function listUsb({ world, ids }: Call): unknown {
  return (hostOf(world.state, String(ids.node)).usb ?? []).map(({ port, id }, at) => {
    const [vendid, prodid] = id.split(':')
    const [busnum, path] = port.split('-')
    return {
      busnum: Number(busnum),
      devnum: at + 2,
      usbpath: path,
      vendid,
      prodid,
      class: 0,
      level: 1,
      port: 1,
      speed: '480',
    }
  })
}

export const hardwareRoutes: Routes = {
  'GET /nodes/{node}/hardware': () => [{ type: 'pci' }, { type: 'usb' }],
  'GET /nodes/{node}/hardware/pci': listPci,
  'GET /nodes/{node}/hardware/pci/{pciid}': getPci,
  'GET /nodes/{node}/hardware/pci/{pciid}/mdev': () => [],
  'GET /nodes/{node}/hardware/usb': listUsb,
}
