// Debian packages that shall be on a host. They are added, never removed, and never at the price of others.
import { OrionError } from '../errors.ts'
import type { Host, ReadWish, Seen } from '../host/host.ts'
import type { Difference, Note, Outside, Resource, ResourceId } from '../resource.ts'
import { type Facts, readFacts } from './host-facts.ts'
import { inTurn } from './host-turn.ts'

const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get', '-o', 'DPkg::Lock::Timeout=120']
// Settings that somebody changed stay; `packet+` and the like are names, not wishes to remove or to search.
const INSTALL = [
  ...['install', '-y', '--no-install-recommends', '--no-remove'],
  ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
  ...['-o', 'APT::Cmd::Pattern-Only=true', '--'],
]
const MINUTES = 60_000

export interface PackagesOptions {
  readonly host: string
  /** Where several topics of one host have packages of their own: a word of the id, e.g. `mesh`. Default `debian`. */
  readonly name?: string
  /** Names; `bird2|bird3` is one of the two, and the first where there is none yet. */
  readonly packages: readonly string[]
  readonly needs: readonly ResourceId[]
  readonly wish: ReadWish
}

/** `name`: as of the resource. */
export function packagesFacts(packages: readonly string[], name?: string): Facts {
  if (packages.length === 0) return {}
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what dpkg-query takes
  const format = '${binary:Package} ${db:Status-Status}\\n'
  return { commands: { [factOf(name)]: ['dpkg-query', '-W', '-f', format, ...packages.flatMap(namesOf)] } }
}

/** Errors of create and update: E_HOST_COMMAND; it names the packages that apt does not know. */
export function packages(options: PackagesOptions): Resource<Seen> {
  const { host: name, packages: wanted, name: topic, needs, wish } = options
  const stateOf = (seen: Seen, one: string) => stateIn(seen.commands.get(factOf(topic))?.stdout ?? '', one)
  const observe = async (outside: Outside) => readFacts(await outside.host(name), wish)
  const add = async (outside: Outside, have: Seen, note: Note) => {
    const host = await outside.host(name)
    const missing = wanted
      .filter((one) => stateOf(have, one) !== 'installed')
      .flatMap((one) => namesOf(one).slice(0, 1))
    await inTurn(host, () => install(host, missing, note))
    host.forget()
  }
  return {
    id: `packages:${name}/${topic ?? 'debian'}`,
    title: topic === undefined ? `packages of ${name}` : `packages of ${name} for ${topic}`,
    needs,
    brief: wanted.flatMap((one) => namesOf(one).slice(0, 1)).join(' '),
    observe: async (outside) => {
      const seen = await observe(outside)
      return wanted.every((one) => stateOf(seen, one) === undefined) ? undefined : seen
    },
    diff: (have) => wanted.flatMap((one) => diffPackage(one, have === undefined ? undefined : stateOf(have, one))),
    create: async (outside, note) => add(outside, await observe(outside), note),
    update: add,
    remove: () => Promise.resolve(), // Other software may need them by now.
  }
}

function factOf(topic: string | undefined): string {
  return topic === undefined ? 'packages' : `packages ${topic}`
}

function diffPackage(name: string, state: string | undefined): Difference[] {
  if (state === 'installed') return []
  return [{ field: namesOf(name).join(' or '), ...(state === undefined ? {} : { have: state }), want: 'installed' }]
}

function namesOf(wanted: string): string[] {
  return wanted.split('|')
}

/** `installed`, `config-files` …; undefined where dpkg never heard of it. Of several names the one that is installed counts. */
function stateIn(listed: string, wanted: string): string | undefined {
  const names = namesOf(wanted)
  const rows = listed.split('\n').map((row) => row.split(' '))
  const states = rows.filter(([one = '']) => names.includes(one.replace(/:.*/, ''))).map(([, state]) => state)
  const known = states.filter((state) => state !== 'not-installed')
  return known.includes('installed') ? 'installed' : known[0]
}

async function install(host: Host, missing: readonly string[], note: Note): Promise<void> {
  const run = () => host.run([...APT, ...INSTALL, ...missing], { accept: [0, 100], timeoutMs: 15 * MINUTES })
  const first = await run()
  if (first.code === 0) return
  // Lists that are missing or old: once more with new ones.
  if (!/Unable to locate|no installation candidate|Failed to fetch|has no candidate/.test(first.stderr))
    throw failed(host, missing, first.stderr)
  note({ kind: 'info', text: `${host.name} reads its package lists anew` })
  await host.run([...APT, 'update'], { timeoutMs: 5 * MINUTES, accept: [0, 100] })
  const second = await run()
  if (second.code !== 0) throw failed(host, missing, second.stderr)
}

function failed(host: Host, missing: readonly string[], stderr: string): OrionError {
  const unknown = missing.filter(
    (name) => stderr.includes(`Unable to locate package ${name}\n`) || stderr.includes(`Package '${name}' has no`),
  )
  const errors = stderr.split('\n').filter((line) => line.startsWith('E: '))
  const why =
    unknown.length > 0
      ? `apt knows no package ${unknown.join(', ')}`
      : errors
          .slice(0, 5)
          .map((line) => line.slice(3))
          .join('; ')
  return new OrionError(`packages cannot be installed on ${host.name}: ${why || 'apt-get failed'}`, {
    code: 'E_HOST_COMMAND',
    suggestions:
      unknown.length > 0
        ? ['look for its name: apt-cache search …; other package sources: nodes.*.sources']
        : [`on ${host.name}: apt-get install ${missing.join(' ')}`],
  })
}
