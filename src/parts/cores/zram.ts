// Compressed swap of Linux guests: as on a node, with a size that does not follow the balloon.
import { asWanted } from '../../probes/as-wanted.ts'
import type { Probe, Resource } from '../../resource.ts'
import { type FileSet, fileSet } from '../../resources/file-set.ts'
import { onGuest } from '../../resources/guest-host.ts'
import { guestStatus } from '../../resources/guest-status.ts'
import { type Facts, NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import { packages, packagesFacts } from '../../resources/packages.ts'
import type { Guest, Site, Zram } from '../../site/site.ts'
import { ZRAM_PACKAGE, zram, zramFacts } from '../net/zram.ts'

const TOPIC = 'zram'
const PACKAGES = [ZRAM_PACKAGE]

// The kernels of cloud images leave out what machines in a cloud rarely need.
const MODULE: Facts = {
  commands: {
    'zram-module': ['sh', '-c', '[ -e /sys/class/zram-control ] || modprobe -nq zram || exit 3', 'orion-zram-module'],
  },
}
const NO_MODULE = 3

/** Of every guest whose site file says `zram`. */
export function zramResources(site: Site): readonly Resource[] {
  return site.guests.flatMap((guest) => resourcesOf(site, guest, false))
}

export function zramProbes(site: Site): readonly Probe[] {
  return site.guests.flatMap((guest) =>
    resourcesOf(site, guest, true).map((resource) => asWanted(resource, 'as the site file says')),
  )
}

function resourcesOf(site: Site, guest: Guest, alone: boolean): readonly Resource[] {
  const { name } = guest
  const own = { name, ...(guest.zram && { zram: toSize(guest.zram, guest.memoryMib) }) }
  const wish = wishOf([NODE_NAME, packagesFacts(PACKAGES, TOPIC), zramFacts(own), MODULE])
  const set = zram(own, wish, `packages:${name}/${TOPIC}`)
  if (set === undefined) return []
  const inner = [
    packages({ host: name, name: TOPIC, packages: PACKAGES, needs: [], wish }),
    fileSet({ ...set, problems }),
  ]
  return inner.map((resource) => whileUp(site, guest, onGuest<unknown>(site, guest, resource, { alone })))
}

/** The generator counts in what the guest has at its start, of which the balloon takes some: a size stays what it is. */
function toSize({ sizePercent, ...zram }: Zram, memoryMib: number): Zram {
  return sizePercent === undefined ? zram : { ...zram, sizeMib: Math.round((memoryMib * sizePercent) / 100) }
}

const problems: NonNullable<FileSet['problems']> = (seen) => {
  if (seen.commands.get('zram-module')?.code !== NO_MODULE) return []
  return ['its kernel has no zram (Ubuntu: apt-get install linux-modules-extra-$(uname -r); Debian: linux-image-amd64)']
}

const DOWN = Symbol('a guest that nobody starts')

/** A guest that the site file does not start is looked at while it runs: until then it waits for whoever starts it. */
function whileUp(site: Site, guest: Guest, inner: Resource): Resource {
  if (guest.started) return inner
  const hint = `orion vm start ${guest.name}, then orion bootstrap --only ${guest.name}`
  return {
    ...inner,
    observe: async (outside) => {
      const status = await guestStatus(site, guest, outside)
      return status?.status === 'running' ? await inner.observe(outside) : DOWN
    },
    diff: (have) =>
      have === DOWN
        ? [{ field: guest.name, have: 'stopped', want: 'running', waits: 'operator', hint }]
        : inner.diff(have),
  }
}
