// A host by its addresses and SSH settings: the entry of this room.
import { setMaxListeners } from 'node:events'
import { OrionError } from '../errors.ts'
import { readFiles, writeFiles } from './files.ts'
import type { Guard } from './guard.ts'
import type { Host } from './host.ts'
import type { HostAdvice, UnknownKey } from './host-key.ts'
import { getLine, type Line } from './line.ts'
import type { Link } from './link.ts'
import { getEnds, type Machine, run } from './machine.ts'

export type { UnknownKey } from './host-key.ts'

/** How SSH reaches a host. What is absent is as ~/.ssh/config says, then as ssh does it. Terms of ssh_config(5). */
export interface HostOptions {
  /** As in the site file. */
  readonly name: string
  /** Host names or IP addresses, tried in this order. Looked up in ~/.ssh/config by the name, else by address. */
  readonly addresses: readonly string[]
  /** Default: root. */
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Also offered to hosts on the way. */
  readonly identityFile?: string | undefined
  /** Of an encrypted key, asked up to three times per file and process (`attempt` 1 to 3); undefined = nobody knows it. */
  readonly passphrase?: ((keyFile: string, attempt: number) => Promise<string | undefined>) | undefined
  /** Where its SSH settings stand in the site file, for advice; default `nodes.NAME.ssh`. */
  readonly place?: string | undefined
  /** `user@host:port,host2`, or `none`. */
  readonly proxyJump?: string | undefined
  readonly proxyCommand?: string | undefined
  /** The node of a guest, made by connectHost as well: its connection carries ours, unless a proxyJump or proxyCommand is given here. */
  readonly via?: (() => Promise<Host>) | undefined
  /** Instead of the operator's known_hosts files and the machine's. */
  readonly knownHosts?: readonly string[] | undefined
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config; '' = no file, and no keys by default names. */
  readonly config?: string | undefined
  /** Socket of the SSH agent; '' = none. Default: IdentityAgent, else SSH_AUTH_SOCK. */
  readonly agent?: string | undefined
  /** Asked about a key that is not known; true adds it to the first known_hosts file. Without it such a key is refused. */
  readonly trust?: ((key: UnknownKey) => Promise<boolean>) | undefined
  /** How a person gets there, where a key is not known. */
  readonly advice?: HostAdvice | undefined
  /** Who changes things, for the guard: `user@machine (orion net apply)`. */
  readonly by?: string | undefined
  /** Aborted on Ctrl-C: every call ends with E_INTERRUPTED. */
  readonly signal: AbortSignal
}

/** Which line is behind a host: a guest's bytes go through that of its node. */
const lines = new WeakMap<Host, Line>()
const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)

/** The host; its first call opens the connection. */
export function connectHost(options: HostOptions): Host {
  // Everything that waits listens to it; more than ten is no leak.
  setMaxListeners(0, options.signal)
  return makeHost(
    options,
    getLine(options, () => getVia(options)),
  )
}

async function getVia({ name, via, signal }: HostOptions): Promise<Link> {
  const node = await via?.()
  const line = node && lines.get(node)
  if (!line) throw new Error(`${name} has no node to go through`)
  return await line.link(signal)
}

function makeHost(options: HostOptions, line: Line): Host {
  const { name, signal } = options
  const machine: Machine = { name, line, signal }
  const kept = new Map<string, Promise<unknown>>()
  const host: Host = {
    name,
    run: async (argv, settings = {}) => await run(machine, argv, settings),
    read: async (wish) => await readFiles(machine, wish),
    write: async (files) => await writeFiles(machine, files),
    once: async (key, read) => await share(kept, key, read),
    forget: () => kept.clear(),
    ends: async () => await getEnds(machine),
    fresh: async ({ timeoutMs }) => await openFresh(options, timeoutMs),
    guard: lazyGuard(options, () => host, line),
    close: async () => await line.close(),
  }
  lines.set(host, line)
  return host
}

/** `once` of a host: what a caller with this key reads is read for the others as well. A failed read is not kept. */
async function share<T>(kept: Map<string, Promise<unknown>>, key: string, read: () => Promise<T>): Promise<T> {
  const known = kept.get(key)
  // The key names the type: callers with the same key read the same thing.
  if (known !== undefined) return (await known) as T
  const reading = read()
  kept.set(key, reading)
  reading.catch(() => {
    if (kept.get(key) === reading) kept.delete(key)
  })
  return await reading
}

/** A new connection, opened at once. */
async function openFresh(options: HostOptions, timeoutMs: number): Promise<Host> {
  const line = getLine(options, () => getVia(options), timeoutMs)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `${options.name} cannot be reached over a new SSH connection within ${timeoutMs / 1000} s`
    timer = setTimeout(() => reject(new OrionError(message, { code: 'E_HOST_UNREACHABLE' })), timeoutMs)
  })
  try {
    await Promise.race([line.link(options.signal), late])
    return makeHost(options, line)
  } catch (error) {
    // Not waited for: what still connects is ended when it gets there.
    void line.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** The guard's own code is loaded by its first use. `late`: for putting things right after Ctrl-C. */
function lazyGuard(options: HostOptions, host: () => Host, line: Line): Guard {
  const { signal, by = 'orion' } = options
  let guard: Promise<Guard> | undefined
  const load = async (): Promise<Guard> => {
    const { makeGuard } = await import('./guard-client.ts')
    return makeGuard({ host: host(), late: makeHost({ ...options, signal: NEVER }, line), by, signal })
  }
  const get = async (): Promise<Guard> => {
    guard ??= load()
    return await guard
  }
  return {
    change: async (change, settings) => await (await get()).change(change, settings),
    states: async () => await (await get()).states(),
    holder: async (id) => await (await get()).holder(id),
    undo: async (id, settings) => await (await get()).undo(id, settings),
  }
}
