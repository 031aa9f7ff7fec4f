// Compressed swap in memory, by systemd's zram generator.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Node } from '../../site/site.ts'
import { getMemoryMib } from './arc.ts'
import { getLiveSwaps, liveSwapFacts } from './live-swap.ts'

// A drop-in: the main file belongs to the package.
const PATH = '/etc/systemd/zram-generator.conf.d/90-orion.conf'
const DEVICE = '/dev/zram0'
const PRIORITY = 100

export const ZRAM_PACKAGE = 'systemd-zram-generator'

// Also after the old file was put back: without a configuration there is no unit, and so no swap.
const ACTIVATE = `systemctl stop -q dev-zram0.swap; systemctl stop -q systemd-zram-setup@zram0.service
systemctl daemon-reload || exit
systemctl cat dev-zram0.swap > /dev/null 2>&1 || exit 0
exec systemctl start dev-zram0.swap`

export function zramFacts({ zram }: Node): Facts {
  if (zram === undefined) return {}
  return { files: [PATH], commands: { ...liveSwapFacts.commands, meminfo: ['cat', '/proc/meminfo'] } }
}

/** `zram` of a node; undefined where the site file does not say it. Needs the generator's package. */
export function zram({ name, zram: wanted }: Node, wish: FileSet['wish']): FileSet | undefined {
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
    needs: [`packages:${name}/debian`],
    wish,
    owned: true,
    files: () => [{ path: PATH, text: `${lines.join('\n')}\n` }],
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
