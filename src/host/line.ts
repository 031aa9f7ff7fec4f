// The connection of a host through a whole run: opened by the first call, opened anew after it broke, closed once.
import { OrionError } from '../errors.ts'
import type { HostOptions } from './connect.ts'
import { errorText, interrupted } from './failure.ts'
import { getHop } from './hop.ts'
import { type Link, openLink } from './link.ts'
import { readSshConfig, type SshConfig } from './ssh-config.ts'

export interface Line {
  /** The open connection. Errors: E_HOST_UNREACHABLE, E_HOST_KEY, E_HOST_AUTH, E_INTERRUPTED. */
  link(signal: AbortSignal): Promise<Link>
  close(): Promise<void>
}

/** What ssh2 says of a server that was hardened beyond it: post-quantum key exchange only, for example. */
const NOTHING_IN_COMMON = /no matching (key exchange|host key|[CS]->[CS])/
const OURS =
  'KexAlgorithms +curve25519-sha256, HostKeyAlgorithms +ssh-ed25519, Ciphers +aes256-gcm@openssh.com, MACs +hmac-sha2-256-etm@openssh.com'

/** For each address. */
const LIMIT_MS = 20_000
/** Many steps of a plan ask for the same host: what was just found out is not tried again for each of them. */
const KEEP_FAILURE_MS = 3_000

/** `via`: the connection of the node that a guest is reached through. */
export function getLine(options: HostOptions, via: () => Promise<Link>, limitMs = LIMIT_MS): Line {
  const closed = new AbortController()
  let current: Promise<Link> | undefined
  const start = (): Promise<Link> => {
    const opening = openFirst(options, { signal: closed.signal, limitMs, via })
    const drop = () => {
      if (current === opening) current = undefined
    }
    opening.then(
      (link) => link.onEnd(drop),
      () => setTimeout(drop, KEEP_FAILURE_MS).unref(),
    )
    return opening
  }
  return {
    link: async (signal) => {
      if (closed.signal.aborted) throw interrupted(options.name, 'the connection was closed')
      current ??= start()
      return await unlessAborted(current, signal, options.name)
    },
    close: async () => {
      closed.abort()
      const link = await current?.catch(() => undefined)
      link?.end()
    },
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  let onAbort: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interrupted(name, 'connecting'))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

interface OpenOptions {
  readonly signal: AbortSignal
  readonly limitMs: number
  readonly via: () => Promise<Link>
}

/** The first address that answers. One that answers and is not to be trusted, or does not want us, ends the search. */
async function openFirst(options: HostOptions, open: OpenOptions): Promise<Link> {
  const config: SshConfig = await readSshConfig(options.config)
  const failures: { readonly where: string; readonly why: string }[] = []
  const ignored = new Set<string>()
  for (const address of options.addresses) {
    const hop = getHop(options, config, address)
    for (const line of hop.ignored) ignored.add(line)
    try {
      return await openLink(hop, open)
    } catch (error) {
      if (open.signal.aborted) throw interrupted(options.name, 'connecting')
      if (error instanceof OrionError && error.code !== 'E_HOST_UNREACHABLE') throw error
      failures.push({ where: `${hop.host}${hop.port === 22 ? '' : ` port ${hop.port}`}`, why: errorText(error) })
    }
  }
  const list = failures.map(({ where, why }) => `${where}: ${why}`).join('; ')
  throw new OrionError(`${options.name} cannot be reached over SSH (${list || 'it has no address'})`, {
    code: 'E_HOST_UNREACHABLE',
    suggestions: [
      failures.some(({ why }) => NOTHING_IN_COMMON.test(why))
        ? `its sshd accepts none of the algorithms that orion has; in its sshd_config, one of: ${OURS}`
        : 'Is the host up, and are its address and ssh settings in the site file right?',
      ...[...ignored].map((line) => `not followed in the SSH configuration: ${line}`),
    ],
  })
}
