// What the small scripts of parts/gpu do on a simulated node, told by their names.
import { failed, type Io, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import { KERNEL, loaderPrograms } from './loader.ts'
import { pciLook } from './look.ts'
import { getFunctions } from './mapping-check.ts'

const call = async (name: string, machine: Machine, args: readonly string[], io: Io): Promise<Output> =>
  (await loaderPrograms[name]?.(machine, args, io)) ?? failed(127, `${name}: not found`)

/** `orion-gpu-boot LOADER TOKEN…`: the early images, then the loader. */
const makeBoot: Program = async (machine, [loader = ''], io) => {
  const made = await call('update-initramfs', machine, [], io)
  if (made.code !== 0) return made
  const isGrub = loader === 'any' ? machine.host.boot?.loader === 'grub' : loader === 'grub'
  return isGrub ? call('update-grub', machine, [], io) : call('proxmox-boot-tool', machine, ['refresh'], io)
}

/** `orion-pci-check SLOT`: resets every function, and says how it is then. */
const checkSlot: Program = ({ host, world, faults, node }, [slot = '']) => {
  const dead = faults.spoil(node, `lost device ${slot}`) !== undefined
  for (const one of getFunctions(host, slot)) if (dead) Object.assign(one, { lost: true, power: 'D3cold' })
  world.changed()
  const lines = getFunctions(host, slot).map(({ address, id, power, driver = '-', resets, lost }) => {
    const reset = lost ? 'failed' : resets.length === 0 ? 'none' : 'done'
    return `${address} id=${lost ? 'ffff:ffff' : id} power=${power} driver=${driver} reset=${reset}\n`
  })
  return ok(lines.join(''))
}

/** `orion-pci-rescan SLOT`: a device that only hung is there again; one that needs its power taken away is not. */
const rescan: Program = ({ host, world, faults, node }, [slot = '']) => {
  const stays = faults.spoil(node, `rescan ${slot}`) !== undefined
  for (const one of stays ? [] : getFunctions(host, slot)) {
    delete one.lost
    Object.assign(one, { power: 'D0', driver: 'vfio-pci' })
  }
  world.changed()
  return ok()
}

const EARLY_SCRIPT = '/etc/initramfs-tools/scripts/init-top/orion-vfio'

/** `orion-gpu-doctor PATH…`: the next start, and nodes of /dev that are there. */
const doctorLook: Program = ({ host }, paths) => {
  const isInside = host.boot?.early[EARLY_SCRIPT] !== undefined
  const there = paths.filter((path) => host.paths?.includes(path)).map((path) => `path ${path}`)
  const lines = [`next-kernel ${KERNEL}`, `image ${KERNEL} ${isInside ? 'yes' : 'no'}`, ...there, 'end']
  return ok(`${lines.join('\n')}\n`)
}

const CHECK_UNIT = 'orion-reboot-check.service'

/** `orion-reboot-unit`: enabled where its file is there. */
const rebootUnit: Program = async (machine, _, io) => {
  if (textAt(machine.host, `/etc/systemd/system/${CHECK_UNIT}`) !== undefined)
    return systemctl(machine, ['enable', CHECK_UNIT], io)
  delete machine.host.units[CHECK_UNIT]
  return ok()
}

export const deviceScripts: Readonly<Record<string, Program>> = {
  'orion-pci-look': pciLook,
  'orion-gpu-boot': makeBoot,
  'orion-gpu-tools': () => ok(),
  'orion-gpu-facts': () => ok(`next-kernel ${KERNEL}\n`),
  'orion-gpu-doctor': doctorLook,
  'orion-reboot-unit': rebootUnit,
  'orion-pci-check': checkSlot,
  'orion-pci-rescan': rescan,
}
