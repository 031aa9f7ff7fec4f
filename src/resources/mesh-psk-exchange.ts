// A new preshared key for a link: both hosts make it together, and orion carries what they say to each other.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import { lookBoth, type PskLink, type Two } from './mesh-psk-look.ts'

/** ML-KEM and ML-DSA take milliseconds; a busy host may wait for another run of ours. */
const LIMIT_MS = 60_000

/** Who asks orion-mesh-psk, and about what. */
export interface Asking {
  /** For messages: `the key of fra-1~kel-1`. */
  readonly subject: string
  /** Text of orion-mesh-psk. */
  readonly program: string
  /** Verb and its words. */
  readonly words: readonly string[]
  readonly input?: string
}

/** What the program says. Errors: E_HOST_FACTS with its own words, as it refuses; those of Host. */
export async function askProgram(host: Host, { subject, program, words, input }: Asking): Promise<string> {
  const argv = ['sh', '-c', program, 'orion-mesh-psk', ...words]
  const options = { accept: [0, 1], timeoutMs: LIMIT_MS, ...(input === undefined ? {} : { input }) }
  const { code, stdout, stderr } = await host.run(argv, options)
  if (code === 0) return stdout
  // For a terminal, which shall not obey a host.
  const last = stderr
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/\p{Cc}/gu, ' ')
  const why = last || `${words[0]} failed`
  throw new OrionError(`${subject}: ${host.name} says: ${why}`, {
    code: 'E_HOST_FACTS',
    suggestions: hintsOf(why, host.name),
  })
}

/** The same about a link, at one of its ends. */
export async function askEnd(
  hosts: Two<Host>,
  link: PskLink,
  at: 0 | 1,
  [verb, ...words]: readonly [string, ...string[]],
  input?: string,
): Promise<string> {
  const about = { subject: `the key of ${link.id}`, program: link.program, ...(input === undefined ? {} : { input }) }
  return askProgram(hosts[at], { ...about, words: [verb, link.ends[at].interface, ...words] })
}

/** At both ends at once. Errors: of the one that fails, when both have answered. */
export async function askBoth(hosts: Two<Host>, link: PskLink, words: readonly [string, ...string[]]): Promise<void> {
  const results = await Promise.allSettled(SIDES.map((at) => askEnd(hosts, link, at, words)))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** The ends of a link, by their place. */
export const SIDES = [0, 1] as const

function hintsOf(why: string, host: string): readonly string[] {
  if (/OpenSSL 3\.5/.test(why))
    return [
      `upgrade ${host} to Debian 13 or Proxmox VE 9`,
      'or allow links without: mesh.postQuantum: { kem: ml-kem-768, required: false }',
    ]
  if (/identity/.test(why)) return ['a host that was installed anew: orion mesh rotate --identity NAME']
  if (/ s old /.test(why)) return [`set the clock of ${host}: timedatectl status`]
  return ['the old key is in force: orion mesh rotate tries again']
}

/**
 * Both ends have the new key staged, and each has the proof that the other has the same. Returns the key's id. Errors: E_HOST_FACTS where an end refuses
 * what the other said: nothing is staged then, and the key in force is untouched.
 */
export async function exchangePsk(link: PskLink, hosts: Two<Host>): Promise<string> {
  try {
    return await exchange(link, hosts)
  } catch (error) {
    await abortPsk(link, hosts)
    throw error
  }
}

async function exchange(link: PskLink, hosts: Two<Host>): Promise<string> {
  const [a, b] = link.ends
  const [first, second] = await Promise.all([readPublic(hosts, link, 0), readPublic(hosts, link, 1)])
  const names = [link.site, link.id, a.host, b.host] as const
  const offer = await askEnd(hosts, link, 0, ['offer', ...names, second.key, second.identity])
  const answer = await askEnd(hosts, link, 1, ['answer', ...names, first.key, first.identity], offer)
  const tag = await askEnd(hosts, link, 0, ['accept'], answer)
  await askEnd(hosts, link, 1, ['confirm'], tag)
  const states = await lookBoth(hosts, link)
  const [id] = states.map(({ staged }) => staged)
  if (id !== undefined && states.every(({ staged }) => staged === id)) return id
  throw new OrionError(`the key of ${link.id}: its ends did not stage the same`, { code: 'E_HOST_FACTS' })
}

/** What is staged and not in force goes. A host that does not answer drops it with the next exchange. */
export async function abortPsk(link: PskLink, hosts: Two<Host>): Promise<void> {
  await askBoth(hosts, link, ['abort']).catch(() => undefined)
}

interface Public {
  readonly key: string
  readonly identity: string
}

async function readPublic(hosts: Two<Host>, link: PskLink, at: 0 | 1): Promise<Public> {
  const text = await askEnd(hosts, link, at, ['public'])
  const [key, identity] = [publicOf(text, 'wg'), publicOf(text, 'identity')]
  if (key !== undefined && identity !== undefined) return { key, identity }
  const what = key === undefined ? 'no key' : 'no ML-DSA-65 identity'
  throw new OrionError(`the key of ${link.id}: ${hosts[at].name} has ${what} yet`, {
    code: 'E_HOST_FACTS',
    suggestions: ['orion mesh apply'],
  })
}

/** A line `NAME BASE64` of what the program says. Pure. */
export function publicOf(text: string, name: 'wg' | 'identity'): string | undefined {
  return text.match(new RegExp(`^${name} ([A-Za-z0-9+/]+=*)$`, 'm'))?.[1]
}
