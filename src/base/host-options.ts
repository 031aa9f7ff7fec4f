// What to connect to a host with: its addresses, its key, its operator's; nodes directly, guests through their node, the lab's on loopback.
import { hostname, userInfo } from 'node:os'
import { OrionError } from '../errors.ts'
import type { HostOptions } from '../host/connect.ts'
import type { Host } from '../host/host.ts'
import type { LabAccess } from '../lab/lab.ts'
import type { SecretRef } from '../site/secret.ts'
import type { Guest, Site, Ssh } from '../site/site.ts'
import { type AskYes, trustGuest, trustNode } from './host-trust.ts'

export interface HostsOptions {
  readonly access: LabAccess | undefined
  readonly signal: AbortSignal
  /** The command that this run is, e.g. `net apply`; hosts remember it beside what it changed. */
  readonly command: string
  /** The value behind a secret reference. */
  readonly secret: (reference: SecretRef) => Promise<string>
  /** Asks the operator for something that is not shown while it is typed; undefined where nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** Asks whether the key of a host is the right one; false where nobody can be asked. */
  readonly askYes: AskYes
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
      trust: trustNode(options.askYes),
    }
  if (guest) return guestOptions(site, guest, options, through)
  throw unknown(site, name)
}

function guestOptions(
  site: Site,
  guest: Guest,
  options: HostsOptions,
  through: (node: string) => Promise<Host>,
): HostOptions {
  const { name, node, ssh, user } = guest
  const addresses = [...getAddresses(guest).slice(0, 1), ...ssh.alsoAt]
  if (addresses.length === 0) {
    throw new OrionError(`the guest ${name} has no static address, so SSH does not know where it is`, {
      code: 'E_SITE',
      suggestions: [`give it one: guests.${guest.group}.nics, or guests.${guest.group}.ssh.alsoAt`],
    })
  }
  const own = common(name, `guests.${guest.group}.ssh`, { ...(user === undefined ? {} : { user }), ...ssh }, options)
  const via = ssh.proxyJump === undefined ? { via: () => through(node) } : {}
  return { ...own, addresses, ...via, trust: trustGuest(guest, options.askYes, through), advice: adviceOf(site, guest) }
}

function adviceOf(site: Site, { kind, node, vmid, name, ssh }: Guest): NonNullable<HostOptions['advice']> {
  const host = site.nodes.find((one) => one.name === node)
  const jump = ssh.proxyJump ?? (host && `${host.ssh.user ?? 'root'}@${host.address}`)
  const command = `${kind === 'vm' ? 'qm terminal' : 'pct enter'} ${vmid}`
  return {
    console: `the console of ${name} (on ${node}: ${command})`,
    ...(jump === undefined || jump === 'none' ? {} : { jump }),
  }
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
