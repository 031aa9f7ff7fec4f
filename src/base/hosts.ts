// How each host of the site is reached over SSH: nodes directly, guests through their node, the lab's hosts on loopback.
import { setMaxListeners } from 'node:events'
import { hostname, userInfo } from 'node:os'
import { OrionError } from '../errors.ts'
import type { HostOptions } from '../host/connect.ts'
import type { Host } from '../host/host.ts'
import type { LabAccess } from '../lab/lab.ts'
import type { SecretRef } from '../site/secret.ts'
import type { Guest, Site, Ssh } from '../site/site.ts'

export interface HostsOptions {
  readonly access: LabAccess | undefined
  readonly signal: AbortSignal
  /** The command that this run is, e.g. `net apply`; hosts remember it beside what it changed. */
  readonly command: string
  /** The value behind a secret reference. */
  readonly secret: (reference: SecretRef) => Promise<string>
  /** Asks the operator for something that is not shown while it is typed; undefined where nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>
}

export interface Hosts {
  /** A node or a guest by its name in the site file. Opens nothing before its first use. Errors: E_SITE, E_LAB. */
  host(name: string): Promise<Host>
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
  const host = (name: string): Promise<Host> => {
    const known = opened.get(name) ?? open(name)
    opened.set(name, known)
    return known
  }
  return {
    host,
    forget: () => {
      for (const one of all) one.forget()
    },
    // Guests go through their node, which is therefore closed after them.
    close: async () => {
      for (const one of all.splice(0).reverse()) await one.close()
    },
  }
}

/** What to connect with. Errors: E_SITE for a name that is neither a node nor a guest, or a guest without an address. */
export function toOptions(
  site: Site,
  name: string,
  options: HostsOptions,
  through: (node: string) => Promise<Host>,
): HostOptions {
  const node = site.nodes.find((one) => one.name === name)
  const guest = node ? undefined : site.guests.find((one) => one.name === name)
  if (options.access) return labOptions(name, options.access, options, guest)
  if (node)
    return {
      ...common(node.name, `nodes.${node.name}.ssh`, node.ssh, options),
      addresses: [node.address, ...node.ssh.alsoAt],
    }
  if (guest) return guestOptions(guest, options, through)
  throw unknown(site, name)
}

function guestOptions(guest: Guest, options: HostsOptions, through: (node: string) => Promise<Host>): HostOptions {
  const { name, node, ssh, user } = guest
  const addresses = [...getAddresses(guest).slice(0, 1), ...ssh.alsoAt]
  if (addresses.length === 0) {
    throw new OrionError(`the guest ${name} has no static address, so SSH does not know where it is`, {
      code: 'E_SITE',
      suggestions: [`give it one: guests.${guest.group}.nics, or guests.${guest.group}.ssh.alsoAt`],
    })
  }
  const own = common(name, `guests.${guest.group}.ssh`, { ...(user === undefined ? {} : { user }), ...ssh }, options)
  return { ...own, addresses, ...(ssh.proxyJump === undefined ? { via: () => through(node) } : {}) }
}

/** Its static addresses without their prefix lengths, IPv4 first. */
function getAddresses({ nics }: Guest): string[] {
  const addresses = [...nics.map(({ ipv4 }) => ipv4), ...nics.map(({ ipv6 }) => ipv6)]
  return addresses.flatMap((one) => (typeof one === 'object' ? [one.cidr.split('/')[0] ?? ''] : []))
}

function common(name: string, place: string, ssh: Partial<Ssh>, options: HostsOptions): Omit<HostOptions, 'addresses'> {
  const { user, port, identityFile, passphrase, proxyJump } = ssh
  return {
    name,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(identityFile === undefined ? {} : { identityFile }),
    ...(proxyJump === undefined ? {} : { proxyJump }),
    passphrase: async (file, attempt) => {
      // In other words each time, as the same question is put only once.
      const again = attempt === 1 ? '' : ` (that was a wrong one; attempt ${attempt} of 3)`
      if (!passphrase) return await options.ask(`Passphrase of ${file}${again}:`)
      // A reference says the same again.
      return attempt === 1 ? await options.secret(passphrase) : undefined
    },
    place,
    signal: options.signal,
    by: getOperator(options.command),
  }
}

/** Nothing of the operator's own SSH setup counts in the lab: neither keys nor configuration. */
function labOptions(name: string, access: LabAccess, options: HostsOptions, guest: Guest | undefined): HostOptions {
  const place = access.hosts[name]
  if (!place) {
    const what = guest ? `the lab simulates hosts and the API, not what runs inside of the guest ${name}` : undefined
    throw new OrionError(what ?? `the lab has no host named ${name}`, { code: 'E_LAB' })
  }
  return {
    name,
    addresses: [place.host],
    port: place.port,
    user: 'root',
    identityFile: access.identityFile,
    knownHosts: [access.knownHosts],
    proxyJump: 'none',
    config: '',
    agent: '',
    signal: options.signal,
    by: getOperator(options.command),
  }
}

/** `user@machine (orion net apply)`. */
function getOperator(command: string): string {
  return `${getUser()}@${hostname()} (orion ${command})`
}

/** A user id without an entry in the password file is no reason to fail. */
function getUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? 'somebody'
  }
}

function unknown(site: Site, name: string): OrionError {
  const names = [...site.nodes, ...site.guests].slice(0, 8).map((one) => one.name)
  return new OrionError(`${site.name} has no node and no guest named ${name}`, {
    code: 'E_SITE',
    suggestions: [`names are ${names.join(', ')}`],
  })
}
