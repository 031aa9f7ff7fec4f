// Compressed swap in memory, by systemd's zram generator.
import type { Difference, ResourceId } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Zram } from '../../site/site.ts'
import { getMemoryMib } from './arc.ts'
import { getLiveSwaps, liveSwapFacts } from './live-swap.ts'

/** A host with compressed swap; a node of the site file is one. */
interface Swapping {
  readonly name: string
  readonly zram?: Zram
}

// A drop-in: the main file belongs to the package.
export const ZRAM_FILE = '/etc/systemd/zram-generator.conf.d/90-orion.conf'
const DEVICE = '/dev/zram0'
const PRIORITY = 100

export const ZRAM_PACKAGE = 'systemd-zram-generator'

// Also after the old file was put back: without a configuration there is no unit, and so no swap.
const ACTIVATE = `systemctl stop -q dev-zram0.swap; systemctl stop -q systemd-zram-setup@zram0.service
systemctl daemon-reload || exit
systemctl cat dev-zram0.swap > /dev/null 2>&1 || exit 0
exec systemctl start dev-zram0.swap`

export function zramFacts({ zram }: Pick<Swapping, 'zram'>): Facts {
  if (zram === undefined) return {}
  return { files: [ZRAM_FILE], commands: { ...liveSwapFacts.commands, meminfo: ['cat', '/proc/meminfo'] } }
}

/** `zram` of a host; undefined where the site file does not say it. `packages`: the step that brings the generator's. */
export function zram(
  { name, zram: wanted }: Swapping,
  wish: FileSet['wish'],
  packages: ResourceId = `packages:${name}/debian`,
): FileSet | undefined {
  if (wanted === undefined) return undefined
  const { sizePercent, sizeMib, priority = PRIORITY } = wanted
  const size = sizePercent === undefined ? sizeMib : `ram * ${sizePercent} / 100`
  const lines = [
    '# Made by orion from the site file.',
    '[zram0]',
    // Without a size the generator takes half of the memory, at most 4 GiB.
    ...(size === undefined ? [] : [`zram-size = ${size}`]),
    'compression-algorithm = zstd',
    `swap-priority = ${priority}`,
  ]
  return {
    host: name,
    name: 'zram',
    needs: [packages],
    wish,
    owned: true,
    files: () => [{ path: ZRAM_FILE, text: `${lines.join('\n')}\n` }],
    drift: (seen) => getDrift({ sizePercent, sizeMib, priority }, seen),
    activate: [['sh', '-c', ACTIVATE, 'orion-zram']],
    confirmWithinSeconds: 180,
  }
}

interface Wanted {
  readonly sizePercent: number | undefined
  readonly sizeMib: number | undefined
  readonly priority: number
}

function getDrift({ sizePercent, sizeMib, priority }: Wanted, seen: HostFacts): Difference[] {
  const live = getLiveSwaps(seen).get(DEVICE)
  if (live === undefined) return [{ field: DEVICE, have: 'no swap', want: `swap of priority ${priority}` }]
  const found: Difference[] = []
  if (live.priority !== priority)
    found.push({ field: `${DEVICE} priority`, have: String(live.priority), want: String(priority) })
  const memoryMib = getMemoryMib(seen)
  const part = memoryMib === undefined ? undefined : Math.round((memoryMib * (sizePercent ?? 0)) / 100)
  const want = sizePercent === undefined ? sizeMib : part
  const have = Math.round(live.sizeKib / 1024)
  // The generator rounds, and a page of it is the header.
  if (want !== undefined && Math.abs(have - want) > Math.max(2, want * 0.02))
    found.push({ field: `${DEVICE} size`, have: `${have}M`, want: `${want}M` })
  return found
}
