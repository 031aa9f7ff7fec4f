// One SSH login on the way to a host: who, where, with which keys, over which path; from the site file first, then ~/.ssh/config.
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { KeyPlan } from './authentication.ts'
import type { HostOptions } from './connect.ts'
import type { HostKeyPolicy } from './host-key.ts'
import type { SshConfig, Words } from './ssh-config.ts'
import { expand, type Target } from './ssh-token.ts'

export interface Hop {
  /** For people: the site file's name, or what the operator wrote as a jump. */
  readonly name: string
  readonly user: string
  readonly host: string
  readonly port: number
  readonly keys: KeyPlan
  readonly policy: HostKeyPolicy
  readonly way: Way
  /** Of a jump host: the host that is reached through it. */
  readonly jumpTo?: string
  /** Lines of ssh_config that were passed over. */
  readonly ignored: readonly string[]
}

export type Way =
  | { readonly kind: 'tcp' }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'jump'; readonly hop: Hop }
  | { readonly kind: 'via' }

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** The login at one of a host's addresses. Pure but for the environment. */
export function getHop(options: HostOptions, config: SshConfig, address: string): Hop {
  const alias = config.knows(options.name) ? options.name : address
  const words = config.about(alias, options.user)
  // The site file's address counts; a HostName belongs to an address that is an alias itself.
  const host = alias === address ? (words.one('hostname')?.replaceAll('%h', address) ?? address) : address
  const target = { name: options.name, alias, host, user: options.user ?? words.one('user') ?? 'root' }
  const port = options.port ?? getPort(words)
  const hop = makeHop(options, words, {
    ...target,
    port,
    others: options.addresses.filter((other) => other !== address),
  })
  return { ...hop, way: getWay(options, config, words, { ...target, port }, [`${host}:${port}`]) }
}

function makeHop(
  options: HostOptions,
  words: Words,
  target: Target & { readonly others: readonly string[] },
): Omit<Hop, 'way'> {
  const { name, user, host, port, others } = target
  const policy = {
    name,
    user,
    host,
    port,
    alias: words.one('hostkeyalias'),
    alsoKnownAs: others,
    files: options.knownHosts ?? getKnownFiles(words, target),
    trust: options.trust,
    advice: options.advice ?? {},
  }
  return { name, user, host, port, keys: getKeys(options, words, target), policy, ignored: words.ignored }
}

const getPort = (words: Words): number => Number(words.one('port') ?? 22)

function getKnownFiles(words: Words, target: Target): readonly string[] {
  const home = (name: string) => join(homedir(), '.ssh', name)
  const user = words.all('userknownhostsfile')
  const global = words.all('globalknownhostsfile')
  return [
    ...(user.length > 0 ? user.map((file) => expand(file, target)) : [home('known_hosts'), home('known_hosts2')]),
    ...(global.length > 0 ? global : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
  ].filter((file) => file !== 'none')
}

function getKeys(options: HostOptions, words: Words, target: Target): KeyPlan {
  const named = [...(options.identityFile ? [options.identityFile] : []), ...words.all('identityfile')]
  const explicit = named
    .filter((file) => file !== 'none')
    .map((file) => ({ path: expand(file, target), explicit: true }))
  // As ssh: the default names are for those who named none.
  const usual = DEFAULT_KEYS.map((file) => ({ path: join(homedir(), '.ssh', file), explicit: false }))
  return {
    files: named.length > 0 || options.config === '' ? explicit : usual,
    agent: getAgent(options, words, target),
    onlyFiles: words.one('identitiesonly')?.toLowerCase() === 'yes',
    passphrase: options.passphrase,
    place: options.place ?? `nodes.${options.name}.ssh`,
  }
}

function getAgent(options: HostOptions, words: Words, target: Target): string | undefined {
  const word = options.agent ?? words.one('identityagent') ?? 'SSH_AUTH_SOCK'
  if (word === 'none' || word === '') return undefined
  if (word === 'SSH_AUTH_SOCK') return process.env.SSH_AUTH_SOCK || undefined
  return word.startsWith('$') ? process.env[word.slice(1)] : expand(word, target)
}

/** `passed`: where this chain of jumps goes already. `Host *` with a ProxyJump also fits the jump host itself, which ssh then reaches straight. */
function getWay(options: HostOptions, config: SshConfig, words: Words, target: Target, passed: readonly string[]): Way {
  if (options.proxyJump === undefined && options.proxyCommand === undefined && options.via) return { kind: 'via' }
  const command = options.proxyCommand ?? (options.proxyJump === undefined ? words.one('proxycommand') : undefined)
  const jumps = options.proxyJump ?? (options.proxyCommand === undefined ? words.one('proxyjump') : undefined)
  const hop = jumps === undefined || jumps === 'none' ? undefined : getJump(options, config, jumps.split(','), passed)
  if (hop) return { kind: 'jump', hop }
  if (command !== undefined && command !== 'none') return { kind: 'command', command: expand(command, target) }
  return { kind: 'tcp' }
}

/** The last jump, reached through those before it; undefined where it would be a jump through itself. */
function getJump(
  options: HostOptions,
  config: SshConfig,
  jumps: readonly string[],
  passed: readonly string[],
): Hop | undefined {
  const spec = (jumps.at(-1) ?? '').trim().replace(/^ssh:\/\//, '')
  const [, login, bracketed, plain, number] = /^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(spec) ?? []
  const alias = bracketed ?? plain ?? spec
  const words = config.about(alias, login)
  const host = words.one('hostname')?.replaceAll('%h', alias) ?? alias
  const user = login ?? words.one('user') ?? userInfo().username
  const target = { name: alias, alias, host, user, port: number ? Number(number) : getPort(words) }
  const place = `${host}:${target.port}`
  if (passed.includes(place)) return undefined
  const before = jumps.slice(0, -1)
  const own = {
    ...options,
    via: undefined,
    proxyCommand: undefined,
    proxyJump: before.length > 0 ? before.join(',') : undefined,
  }
  const hop = makeHop({ ...options, trust: undefined, advice: {} }, words, { ...target, others: [] })
  return { ...hop, jumpTo: options.name, way: getWay(own, config, words, target, [...passed, place]) }
}
