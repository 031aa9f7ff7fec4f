// Real routing daemons of two Debian releases, kept in the user's cache: nothing is installed or started on the machine.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Context } from 'mocha'
import { missingForHosts } from '../hosts/nspawn.ts'
import { CACHE_HOME, skip } from '../setup.ts'

const exec = promisify(execFile)

const CACHE = join(CACHE_HOME, 'orion-test')
const RECIPE = fileURLToPath(new URL('tree.sh', import.meta.url))
const BUILD_LIMIT_MS = 9 * 60_000

/** BIRD's versions that orion renders for: Debian 12's, Debian 13's, and Debian 13's package bird3. */
export const BIRD_VERSIONS = ['2.0.12', '2.17', '3.1'] as const
export type BirdVersion = (typeof BIRD_VERSIONS)[number]

type Release = 'bookworm' | 'trixie'
const RELEASE: Readonly<Record<BirdVersion, Release>> = { '2.0.12': 'bookworm', '2.17': 'trixie', '3.1': 'trixie' }

/** Programs by absolute path, to be called as they are: argv[0] of spawn, also behind `ip netns exec NAME`. */
export interface Daemons {
  readonly bird: string
  readonly birdc: string
  readonly gobgpd: string
  readonly gobgp: string
  readonly bgpq4: string
  readonly stayrtr: string
  /** Give it `--user=root`: the machine has no user of its. */
  readonly dnsmasq: string
  readonly udhcpc: string
  readonly wg: string
  /** Keeps its socket in /run/wireguard, by the interface's name alone: namespaces with equal names need a mount namespace each. */
  readonly wireguardGo: string
  /** Of the release: 3.0 beside 2.0.12, which has nothing post-quantum; 3.5 with the others. */
  readonly openssl: string
  /** Where all of them lie by their own names: for PATH, before everything else. */
  readonly folder: string
}

/** The folder of a release's programs, made first where it is not there yet (25 s; one maker at a time). */
async function programs(release: Release): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(RECIPE)).digest('hex').slice(0, 12)
  const target = join(CACHE, `daemons-${release}-${digest}`)
  mkdirSync(CACHE, { recursive: true })
  await exec('flock', ['--wait', '540', join(CACHE, 'lock'), 'sh', RECIPE, target, release], {
    timeout: BUILD_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  })
  return join(target, 'bin')
}

/** The daemons beside a version of BIRD: gobgpd 3.10, bgpq4 1.9 with 2.0.12; gobgpd 3.36, bgpq4 1.12 with the others. */
export async function daemons(version: BirdVersion): Promise<Daemons> {
  const folder = await programs(RELEASE[version])
  const suffix = version === '3.1' ? '3' : ''
  const at = (name: string): string => join(folder, name)
  return {
    bird: at(`bird${suffix}`),
    birdc: at(`birdc${suffix}`),
    gobgpd: at('gobgpd'),
    gobgp: at('gobgp'),
    bgpq4: at('bgpq4'),
    stayrtr: at('stayrtr'),
    dnsmasq: at('dnsmasq'),
    udhcpc: at('udhcpc'),
    wg: at('wg'),
    wireguardGo: at('wireguard-go'),
    openssl: at('openssl'),
    folder,
  }
}

/** Why the daemons cannot be had here; undefined where they are there (now). */
export async function missingForDaemons(): Promise<string | undefined> {
  const reason = await missingForHosts()
  if (reason) return reason.replace('test hosts', 'real daemons')
  return Promise.all(BIRD_VERSIONS.map(daemons)).then(() => undefined, String)
}

/** For a `before` hook: skips the suite, with the reason, where the daemons cannot be had; fetches them where needed. */
export async function withDaemons(context: Context): Promise<void> {
  context.timeout(10 * 60_000)
  const reason = await missingForDaemons()
  if (reason) skip(context, reason)
}
