// The condition of a node, as only it knows it: clock, kernel, pools, votes of its cluster, high availability. One round trip.
import { template } from '../../render.ts'
import type { Outside } from '../../resource.ts'
import { readFacts, said, wishOf } from '../../resources/host-facts.ts'
import { LEFT_FILES } from './left.ts'

/** A file that waits, and since when. */
interface Waiting {
  /** ISO 8601; undefined where the node does not say. */
  readonly since?: string
}

export interface NodeLook {
  /** In step with a time source; undefined = nobody says. */
  readonly isInStep?: boolean
  /** Running, and taken by the next start. */
  readonly kernel?: Waiting & { readonly running: string; readonly next: string }
  /** Packages that ask for a restart. */
  readonly restart?: Waiting & { readonly packages: readonly string[] }
  /** /etc/network/interfaces.new is there. */
  readonly staged?: Waiting
  readonly pools: readonly { readonly name: string; readonly health: string }[]
  /** Of a member of a cluster. */
  readonly votes?: Votes
  readonly managed: readonly Managed[]
  /** Of those that tell of topics of orion. */
  readonly files: ReadonlySet<string>
}

interface Votes {
  readonly expected: number
  readonly total: number
  /** So many are a majority. */
  readonly needed: number
  readonly isQuorate: boolean
}

/** A line of `ha-manager status`: `lrm van-1 (active, Sun Nov 22 02:01:13 2026)`, `service vm:100 (van-1, started)`. */
interface Managed {
  readonly kind: 'lrm' | 'service'
  readonly name: string
  readonly text: string
}

const NAME = 'node-look'
const PROGRAM = template<object>('node/look')
const WISH = () => wishOf([{ files: LEFT_FILES, commands: { [NAME]: ['sh', '-c', PROGRAM({}), 'orion-node-look'] } }])

/** Shared by all who ask until the host forgets. Undefined where the program did not come to its end. Errors: those of the host. */
export async function lookAtNode(node: string, outside: Outside): Promise<NodeLook | undefined> {
  const seen = await readFacts(await outside.host(node), WISH())
  const look = parseLook(said(seen, NAME) ?? '')
  return look && { ...look, files: new Set(seen.files.keys()) }
}

/** Pure. */
export function parseLook(text: string): Omit<NodeLook, 'files'> | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  if (!lines.some(([word]) => word === 'end')) return undefined
  const all = (word: string) => lines.filter(([first]) => first === word).map(([, ...rest]) => rest)
  const [clock] = all('clock')
  const [kernel] = all('kernel')
  const [restart] = all('restart')
  const [staged] = all('staged')
  const votes = votesOf(all('votes'))
  return {
    ...(clock === undefined ? {} : { isInStep: clock[0] === 'yes' }),
    ...(kernel?.[0] && kernel[1] ? { kernel: { running: kernel[0], next: kernel[1], ...sinceOf(kernel[2]) } } : {}),
    ...(restart === undefined ? {} : { restart: { packages: restart.slice(1), ...sinceOf(restart[0]) } }),
    ...(staged === undefined ? {} : { staged: sinceOf(staged[0]) }),
    pools: all('pool').flatMap(([name, health]) => (name && health ? [{ name, health }] : [])),
    ...(votes === undefined ? {} : { votes }),
    managed: all('ha').flatMap(([kind, name, ...rest]) =>
      name && (kind === 'lrm' || kind === 'service')
        ? [{ kind, name, text: rest.join(' ').replace(/^\(|\)$/g, '') }]
        : [],
    ),
  }
}

function sinceOf(seconds: string | undefined): Waiting {
  const epoch = Number(seconds)
  return epoch > 0 && epoch < 1e11 ? { since: new Date(1000 * epoch).toISOString() } : {}
}

function votesOf(lines: readonly (readonly string[])[]): Votes | undefined {
  const values = new Map(lines.flatMap(([name, value]) => (name && value ? [[name, value] as const] : [])))
  const [expected, total, needed] = ['expected', 'total', 'needed'].map((name) =>
    Number(values.get(name) ?? Number.NaN),
  )
  if (!(Number.isFinite(expected) && Number.isFinite(total) && Number.isFinite(needed))) return undefined
  return { expected: expected ?? 0, total: total ?? 0, needed: needed ?? 0, isQuorate: values.get('quorate') === 'Yes' }
}
