// Topics that orion once put on a node and that no line of the site file is about any more: no plan would tell of them.
import { EARLY } from '../gpu/files.ts'
import { PROGRAM } from '../keeper/program.ts'
import { WATCHDOG_FILE } from '../keeper/watchdog.ts'
import { ARC_FILE } from '../net/arc.ts'
import { SYSCTL_FILE } from '../net/sysctl.ts'
import { ZRAM_FILE } from '../net/zram.ts'

interface Topic {
  readonly title: string
  /** A file of it that is there as long as it is. */
  readonly path: string
  /** The end of the id of what wants it. */
  readonly id: string
  undo(node: string): string
}

const netUndo = (node: string): string => `orion net undo ${node} --list`

// It ends what the site file does not name.
const keeperEnd = (node: string): string => `orion keeper apply --node ${node}`

const TOPICS: readonly Topic[] = [
  { title: 'the Keeper', path: PROGRAM, id: 'keeper', undo: keeperEnd },
  { title: 'a watchdog that systemd feeds', path: WATCHDOG_FILE, id: 'watchdog', undo: keeperEnd },
  { title: 'devices for guests', path: EARLY, id: 'gpu', undo: (node) => `orion gpu undo --node ${node}` },
  { title: 'kernel settings', path: SYSCTL_FILE, id: 'sysctl', undo: netUndo },
  { title: 'zram', path: ZRAM_FILE, id: 'zram', undo: netUndo },
  { title: 'a limit of the ZFS read cache', path: ARC_FILE, id: 'arc', undo: netUndo },
]

export const LEFT_FILES: readonly string[] = TOPICS.map(({ path }) => path)

interface LeftTopic {
  readonly title: string
  /** What takes it away. */
  readonly undo: string
}

/** `wanted`: ids of what the site file wants; `files`: those of LEFT_FILES that are there. Pure. */
export function leftTopics(
  node: string,
  wanted: ReadonlySet<string>,
  files: ReadonlySet<string>,
): readonly LeftTopic[] {
  const left = TOPICS.filter(({ path, id }) => files.has(path) && !wanted.has(`file-set:${node}/${id}`))
  return left.map(({ title, undo }) => ({ title, undo: undo(node) }))
}
