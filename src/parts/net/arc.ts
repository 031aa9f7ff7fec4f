// The limit of the ZFS read cache (ARC): in force at once, and from the first moment after a restart.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Node } from '../../site/site.ts'
import { REBUILD, REBUILD_SECONDS } from './initramfs.ts'

// The last option that modprobe reads counts: after Proxmox's own zfs.conf.
export const ARC_FILE = '/etc/modprobe.d/zz-orion-zfs.conf'
const LIVE = '/sys/module/zfs/parameters/zfs_arc_max'
const LEAST_MIB = 64
const MIB = 1024 * 1024

const ACTIVATE = 'if [ -e "$1" ]; then v=$3; else v=$4; fi; [ -z "$v" ] || echo "$v" > "$2"'

export function arcFacts({ zfs }: Node): Facts {
  if (zfs?.arcMaxMib === undefined) return {}
  const commands = {
    'arc-max': ['cat', LIVE],
    'root-type': ['findmnt', '-n', '-o', 'FSTYPE', '/'],
    meminfo: ['cat', '/proc/meminfo'],
  }
  return { files: [ARC_FILE], commands }
}

/** `zfs.arcMax` of a node; undefined where the site file does not say it. */
export function arc({ name, zfs }: Node, wish: FileSet['wish']): FileSet | undefined {
  if (zfs?.arcMaxMib === undefined) return undefined
  const limitMib = zfs.arcMaxMib
  const bytes = String(limitMib * MIB)
  const text = `# Made by orion from the site file.\noptions zfs zfs_arc_max=${bytes}\n`
  return {
    host: name,
    name: 'arc',
    title: `ZFS read cache of ${name}`,
    wish,
    owned: true,
    files: () => [{ path: ARC_FILE, text }],
    problems: (seen) => getProblems(limitMib, seen),
    drift: (seen) => {
      const have = said(seen, 'arc-max')
      return have === undefined || have === bytes ? [] : [{ field: 'zfs_arc_max', have, want: bytes }]
    },
    activate: (before) => [
      ['sh', '-c', ACTIVATE, 'orion-arc', ARC_FILE, LIVE, bytes, said(before, 'arc-max') ?? ''],
      // ZFS as the root file system is loaded with the options in the early boot image.
      ...(said(before, 'root-type') === 'zfs' && before.files.get(ARC_FILE)?.text !== text ? [REBUILD] : []),
    ],
    confirmWithinSeconds: REBUILD_SECONDS,
  }
}

function getProblems(limitMib: number, seen: HostFacts): string[] {
  if (said(seen, 'arc-max') === undefined) return ['there is no ZFS on this host (its kernel module is not loaded)']
  if (limitMib < LEAST_MIB) return [`zfs.arcMax is below ${LEAST_MIB}M, the least that ZFS takes`]
  const memoryMib = getMemoryMib(seen)
  if (memoryMib === undefined || limitMib < memoryMib) return []
  return [`zfs.arcMax is not below the ${memoryMib}M of memory that this host has: ZFS would ignore it`]
}

/** The host's memory by `meminfo` of the wish. */
export function getMemoryMib(seen: HostFacts): number | undefined {
  const kib = /^MemTotal:\s+(\d+) kB$/m.exec(said(seen, 'meminfo') ?? '')?.[1]
  return kib === undefined ? undefined : Math.floor(Number(kib) / 1024)
}
