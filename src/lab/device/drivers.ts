// Which driver each function of a simulated node gets at a start: what the early boot image says, else the kernel's own.
import { type HostState, textAt } from '../host/state.ts'
import type { PciState } from './pci.ts'

const VFIO = 'vfio-pci'

/** As the last update-initramfs left it; a file that was changed since then counts for nothing. */
export function bindDrivers(host: HostState): void {
  const { pci = {}, boot } = host
  const early = Object.entries(boot?.early ?? {})
  const options = early.filter(([path]) => path.startsWith('/etc/modprobe.d/')).map(([, { text }]) => text)
  const blacklist = new Set(
    options.flatMap((text) => [...text.matchAll(/^blacklist\s+(\S+)/gm)].map(([, name]) => name)),
  )
  const ids = options.flatMap((text) => [...text.matchAll(/^options\s+vfio[-_]pci\s+.*\bids=(\S+)/gm)])
  const byId = new Set(ids.flatMap(([, list = '']) => list.toLowerCase().split(',')))
  const scripts = early.filter(([path, { mode }]) => path.includes('/scripts/init-top/') && (mode & 0o111) !== 0)
  const bound = new Set(scripts.flatMap(([, { text }]) => addressesOf(text, pci)))
  if (boot) boot.modules = listedModules(host)
  for (const one of Object.values(pci)) {
    one.power = one.lost ? one.power : 'D0'
    delete one.override
    delete one.driver
    if (bound.has(one.address)) one.override = VFIO
    const native = one.native !== undefined && !blacklist.has(one.native) ? one.native : undefined
    const driver = one.override ?? (byId.has(one.id) ? VFIO : native)
    if (driver !== undefined) one.driver = driver
  }
}

/** The lines of orion's script that name an address and its ids: bound only where this is what is there. */
function addressesOf(text: string, pci: Readonly<Record<string, PciState>>): string[] {
  const rows = text.matchAll(/^\s*\w+ '?([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])'?\s+(.*)$/gim)
  return [...rows].flatMap(([, address = '', rest = '']) => {
    const there = pci[address]
    if (!there || there.bridge) return []
    const [vendor = '', device = ''] = there.id.split(':')
    return rest.includes(vendor) && rest.includes(device) ? [address] : []
  })
}

/** What /etc/modules-load.d names, for systemd-modules-load. */
function listedModules(host: HostState): string[] {
  const paths = Object.keys(host.files).filter((path) => /^\/etc\/modules-load\.d\/.*\.conf$/.test(path))
  const lines = paths.flatMap((path) => (textAt(host, path) ?? '').split('\n'))
  return lines
    .map((line) =>
      line
        .replace(/[#;].*/, '')
        .trim()
        .replaceAll('-', '_'),
    )
    .filter((line) => line !== '')
}

/** Modules that are loaded now, as far as somebody looks for them. */
export function modulesOf({ pci = {}, boot }: HostState): string[] {
  const drivers = Object.values(pci).flatMap(({ driver }) =>
    driver === undefined ? [] : [driver.replaceAll('-', '_')],
  )
  return [...new Set([...drivers, ...(boot?.modules ?? []), 'softdog', 'zfs'])]
}
