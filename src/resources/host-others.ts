// What a file set sees of other hosts, which it only looks at: one that does not answer is no error of the set.
import { OrionError } from '../errors.ts'
import type { Host, ReadWish, Seen } from '../host/host.ts'
import type { Outside } from '../resource.ts'
import { readFacts } from './host-facts.ts'

/** By name; undefined = did not answer. */
export type Others = ReadonlyMap<string, Seen | undefined>

/** How a host is come by where its name alone does not do: a guest may not run. */
export type Reach = (name: string, outside: Outside) => Promise<Host>

/** Errors that are not the other host's: they end the run, or are ours. */
const NOT_SILENT = new Set(['E_INTERRUPTED', 'E_SITE'])

/**
 * Everything at once. The same wish of the same host is read once, whoever asks, until that host forgets; its silence, too.
 * Errors: E_INTERRUPTED; E_SITE for a name that the site does not have.
 */
export async function readOthers(
  wishes: Readonly<Record<string, ReadWish>>,
  outside: Outside,
  reach: Reach = (name) => outside.host(name),
): Promise<Others> {
  const rows = Object.entries(wishes).map(async ([name, wish]) => {
    const host = await orSilent(reach(name, outside))
    return [name, host && (await readOther(host, wish))] as const
  })
  return new Map(await Promise.all(rows))
}

const keys = new WeakMap<ReadWish, string>()

function readOther(host: Host, wish: ReadWish): Promise<Seen | undefined> {
  const key = keys.get(wish) ?? `other ${JSON.stringify(wish)}`
  keys.set(wish, key)
  return host.once(key, () => orSilent(readFacts(host, wish)))
}

async function orSilent<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof OrionError && !NOT_SILENT.has(error.code)) return undefined
    throw error
  }
}
