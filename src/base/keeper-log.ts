// orion keeper log: the journals of the Keepers in one order, once or until Ctrl-C.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLine } from '../console/keeper-log-view.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { say } from './talk.ts'

/** The nodes' side of it (parts/keeper/log.ts). */
interface LogView {
  readonly names: readonly string[]
  read(
    node: string,
    wish: { readonly sinceSeconds?: number | undefined; readonly lines: number },
  ): Promise<readonly LogLine[]>
}

export interface LogWish extends SiteFlags {
  readonly node?: readonly string[] | undefined
  readonly since?: number | undefined
  readonly lines: number
  readonly follow: boolean
  readonly open: (site: Site, outside: Outside, nodes?: readonly string[]) => LogView
}

const EVERY_MS = 2_000
const MOST_SINCE = 366
const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }

/** `90m`, `2h`, `7d` in seconds. Errors: E_USAGE. */
export async function toSince(text: string): Promise<number> {
  const [, number, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const seconds = Number(number ?? Number.NaN) * (UNITS[unit] ?? Number.NaN)
  if (seconds > 0 && seconds <= MOST_SINCE * 86_400) return seconds
  throw new OrionError(`--since wants a time such as 90m, 2h or 7d, and not ${text}`, { code: 'E_USAGE' })
}

/** Exit 1 where a node could not be read. Errors: E_USAGE for an unknown node, and for --follow with --json. */
export async function showLog(talk: Talk, wish: LogWish, everyMs = EVERY_MS): Promise<Result> {
  const { session, json } = talk
  if (wish.follow && json) {
    const suggestions = ['leave one of them out']
    throw new OrionError('--follow has no end, and --json is one document', { code: 'E_USAGE', suggestions })
  }
  refuseUnknownNodes(session.site, wish.node)
  const view = wish.open(session.site, session.outside, wish.node)
  const first = await readAll(talk, view, wish)
  const entries = first.entries.slice(-wish.lines)
  await print(talk, view, entries)
  if (wish.follow) await follow(talk, view, wish, everyMs)
  else if (entries.length === 0 && first.failed.length === 0)
    await say(talk, 'The journals have nothing of the Keeper.')
  const exit = first.failed.length > 0 ? EXIT.failed : EXIT.ok
  return { exit, document: { site: session.site.name, entries, failed: first.failed } }
}

interface Read {
  readonly entries: readonly LogLine[]
  readonly failed: readonly { readonly node: string; readonly message: string }[]
}

async function readAll(talk: Talk, view: LogView, { since, lines }: LogWish): Promise<Read> {
  const failed: { node: string; message: string }[] = []
  const read = view.names.map(async (node) => {
    try {
      return await view.read(node, { sinceSeconds: since, lines })
    } catch (error) {
      if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
      failed.push({ node, message: error.message })
      await say(talk, error.message.includes(node) ? error.message : `${node}: ${error.message}`)
      return []
    }
  })
  const entries = (await Promise.all(read)).flat().toSorted((one, other) => one.at - other.at)
  return { entries, failed }
}

async function print({ json }: Talk, { names }: LogView, entries: readonly LogLine[]): Promise<void> {
  if (json || entries.length === 0) return
  const { getLook, printOut } = await import('../console/output.ts')
  const { renderLog } = await import('../console/keeper-log-view.ts')
  await printOut(renderLog(entries, names, getLook()).join('\n'))
}

/** Returns after Ctrl-C. */
async function follow(talk: Talk, view: LogView, wish: LogWish, everyMs: number): Promise<void> {
  const { signal } = talk.session.outside
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const { entries } = await readAll(talk, view, wish).catch(endOf)
    await print(talk, view, entries)
  }
}

/** Ctrl-C is how this ends. */
function endOf(error: unknown): Read {
  if (error instanceof OrionError && error.code === 'E_INTERRUPTED') return { entries: [], failed: [] }
  throw error
}
