// What a guest is made of: processor, memory, firmware, disks; and what differs between a VM and a container.
import type { GuestDefaults } from '../schema/guest.ts'
import type { Guest } from '../site.ts'
import { compact } from './context.ts'
import { shapeZram } from './nodes.ts'

const OSTYPE = { linux: 'l26', windows: 'win11', other: 'other' } as const

/**
 * What differs between a VM and a container. A key that came from the defaults and is for the other kind is left out.
 * `pci`: it may get a PCI device, which wants PCI Express (q35), UEFI for its large memory windows, and the host's own processor.
 */
export function machineOf(settings: GuestDefaults, { pci }: { readonly pci: boolean }) {
  const vm = settings.kind !== 'ct'
  const os = vm ? (settings.os ?? 'linux') : 'linux'
  const windows = os === 'windows'
  return {
    os,
    ostype: settings.ostype ?? (vm ? OSTYPE[os] : undefined),
    cores: settings.cores ?? 1,
    sockets: (vm ? settings.sockets : undefined) ?? 1,
    cpu: (vm ? settings.cpu : undefined) ?? (vm && pci ? 'host' : 'x86-64-v2-AES'),
    memoryMib: settings.memory ?? 0,
    balloonMib: vm ? settings.balloon : undefined,
    swapMib: vm ? 0 : (settings.swap ?? 512),
    machine: vm ? (settings.machine ?? (pci ? 'q35' : undefined)) : undefined,
    firmware: (vm ? settings.firmware : undefined) ?? (windows || (vm && pci) ? ('uefi' as const) : ('bios' as const)),
    tpm: vm && (settings.tpm ?? windows),
    agent: vm && (settings.agent ?? true),
    unprivileged: !vm && (settings.unprivileged ?? true),
    features: vm ? {} : { nesting: true, ...settings.features },
    affinity: vm ? settings.affinity : undefined,
    pin: vm ? settings.pin : undefined,
    // A container swaps to what its node has.
    zram: vm && os === 'linux' && settings.zram ? shapeZram(settings.zram) : undefined,
  }
}

/** The first disk and the further ones; a further one without a storage is on the guest's. */
export function disksOf({ kind, storage = '', disk = 0, disks = [], mounts = [] }: GuestDefaults) {
  return {
    storage,
    diskGib: disk,
    disks:
      kind === 'ct'
        ? []
        : disks.map((entry) => ({
            storage: entry.storage ?? storage,
            sizeGib: entry.size,
            ...('slot' in entry && entry.slot !== undefined ? { slot: entry.slot } : {}),
          })),
    mounts:
      kind === 'ct'
        ? mounts.map((mount) =>
            compact({
              path: mount.path,
              storage: mount.source === undefined ? (mount.storage ?? storage) : undefined,
              sizeGib: mount.size,
              source: mount.source,
              readOnly: mount.readOnly ?? false,
            }),
          )
        : [],
  }
}

export function startupOf(startup: NonNullable<GuestDefaults['startup']>): NonNullable<Guest['startup']> {
  if (!('up' in startup) && !('down' in startup)) return compact({ order: startup.order })
  return compact({ order: startup.order, upSeconds: startup.up, downSeconds: startup.down })
}
