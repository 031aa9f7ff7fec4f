// The hosts of a site over SSH, each opened with its first use and shared from then on.
import { setMaxListeners } from 'node:events'
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Site } from '../site/site.ts'
import { type HostsOptions, toOptions } from './host-options.ts'

export interface Hosts {
  /** A node or a guest by its name in the site file. Opens nothing before its first use. Errors: E_SITE, E_LAB. */
  host(name: string): Promise<Host>
  /** The same, but nobody is asked anything: an open one, else a connection of its own. Errors: E_HOST_KEY for an unknown key. */
  quiet(name: string): Promise<Host>
  forget(): void
  close(): Promise<void>
}

/** Many hosts often have one key: its passphrase is asked for once. */
export function askOnce(ask: HostsOptions['ask']): HostsOptions['ask'] {
  const asked = new Map<string, Promise<string | undefined>>()
  return (question) => {
    const answer = asked.get(question) ?? ask(question)
    asked.set(question, answer)
    return answer
  }
}

/** A secret may ask a person, too: that of a password manager. */
const refuse = async (): Promise<never> => {
  throw new OrionError('a key with a passphrase, and nobody is asked for it', { code: 'E_HOST_AUTH' })
}

/** The hosts of a site. ssh2 is loaded with the first host that is asked for, and not before. */
export function makeHosts(site: Site, given: HostsOptions): Hosts {
  const options = { ...given, ask: askOnce(given.ask) }
  // Every command on every host listens to it; more than ten is no leak.
  setMaxListeners(0, given.signal)
  const opened = new Map<string, Promise<Host>>()
  const all: Host[] = []
  const open = async (name: string): Promise<Host> => {
    const wanted = toOptions(site, name, options, (node) => host(node))
    const { connectHost } = await import('../host/connect.ts')
    const connected = connectHost(wanted)
    all.push(connected)
    return connected
  }
  const quiet = async (name: string): Promise<Host> => {
    const known = opened.get(name)
    if (known !== undefined) return known
    const nobody = { ask: async () => undefined, askYes: async () => false, secret: refuse }
    const { connectHost } = await import('../host/connect.ts')
    const connected = connectHost(toOptions(site, name, { ...given, ...nobody }, quiet))
    all.push(connected)
    return connected
  }
  const host = (name: string): Promise<Host> => {
    const known = opened.get(name) ?? open(name)
    opened.set(name, known)
    return known
  }
  return {
    host,
    quiet,
    forget: () => {
      for (const one of all) one.forget()
    },
    // Guests go through their node, which is therefore closed after them.
    close: async () => {
      for (const one of all.splice(0).reverse()) await one.close()
    },
  }
}
