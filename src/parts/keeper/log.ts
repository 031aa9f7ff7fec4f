// What the Keepers did, from the journals of their nodes.
import type { Outside } from '../../resource.ts'
import { NODE_NAME, refuseOther, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { UNIT } from './program.ts'
import { keeperIn } from './status.ts'

export interface LogEntry {
  readonly node: string
  /** Milliseconds since the epoch, by the node's clock. */
  readonly at: number
  /** Of syslog: 3 and less is an error, 4 a warning. */
  readonly priority: number
  readonly text: string
}

export interface LogWish {
  /** Not older than so many seconds. */
  readonly sinceSeconds?: number | undefined
  /** So many of the newest. */
  readonly lines: number
}

export interface LogView {
  readonly names: readonly string[]
  /** What is there; the next time, what came since. Errors: those of the host. */
  read(node: string, wish: LogWish): Promise<readonly LogEntry[]>
}

/** After this a journal is too long for one page. */
const TIMEOUT_MS = 60_000

/** Errors: E_USAGE where the site has no Keeper. */
export function openLog(site: Site, outside: Outside, nodes?: readonly string[]): LogView {
  keeperIn(site)
  const cursors = new Map<string, string>()
  return {
    names: site.nodes.map(({ name }) => name).filter((name) => nodes?.includes(name) ?? true),
    read: async (node, wish) => {
      const host = await outside.host(node)
      await host.once('is itself', async () => refuseOther(node, await host.read(wishOf([NODE_NAME]))))
      const argv = journalOf(wish, cursors.get(node))
      const { stdout } = await host.run(argv, { timeoutMs: TIMEOUT_MS })
      const rows = stdout.split('\n').flatMap(toRow)
      const last = rows.findLast(({ cursor }) => cursor !== undefined)?.cursor
      if (last !== undefined) cursors.set(node, last)
      return rows.map(({ at, priority, text }) => ({ node, at, priority, text }))
    },
  }
}

function journalOf({ sinceSeconds, lines }: LogWish, cursor: string | undefined): readonly string[] {
  const from = cursor === undefined ? [`--lines=${lines}`] : [`--after-cursor=${cursor}`]
  const since = cursor === undefined && sinceSeconds !== undefined ? [`--since=-${sinceSeconds}s`] : []
  return ['journalctl', '--no-pager', '--quiet', '--output=json', `--unit=${UNIT}`, ...from, ...since]
}

interface Row extends Omit<LogEntry, 'node'> {
  readonly cursor?: string
}

/** systemd.journal-fields(7), journalctl's JSON; a line that is none is left out. */
function toRow(line: string): Row[] {
  if (!line.startsWith('{')) return []
  let found: Readonly<Record<string, unknown>>
  try {
    found = JSON.parse(line)
  } catch {
    return []
  }
  const { MESSAGE, PRIORITY, __REALTIME_TIMESTAMP: microseconds, __CURSOR: cursor } = found
  return [
    {
      at: Math.floor(Number(microseconds) / 1000) || 0,
      priority: PRIORITY === undefined ? 6 : Number(PRIORITY),
      text: textOf(MESSAGE),
      ...(typeof cursor === 'string' ? { cursor } : {}),
    },
  ]
}

/** What is no UTF-8 comes as its bytes, and what is too long as null. */
function textOf(message: unknown): string {
  if (Array.isArray(message)) return Buffer.from(message.map(Number)).toString('utf8')
  return typeof message === 'string' ? message : '(too long)'
}
