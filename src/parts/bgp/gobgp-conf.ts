// GoBGP's configuration file as text (TOML); every value is quoted here, so none can leave its place.
import { template } from '../../render.ts'
import { lintGobgp } from './gobgp-lint.ts'
import type { GobgpModel, Neighbor, SetKind, Statement } from './gobgp-model.ts'

interface Table {
  readonly name: string
  readonly rows: readonly { readonly key: string; readonly value: string }[]
}
interface View {
  readonly asn: number
  readonly routerId: string
  readonly port: number
  readonly listen: string
  readonly importPolicies: string
  readonly exportPolicies: string
  readonly rpki: readonly { readonly address: string; readonly port: number }[]
  readonly prefixSets: readonly {
    readonly name: string
    readonly prefixes: readonly Record<'prefix' | 'range', string>[]
  }[]
  readonly neighborSets: readonly Record<'name' | 'members', string>[]
  readonly bgpSets: readonly Record<'kind' | 'list' | 'name' | 'members', string>[]
  readonly policies: readonly {
    readonly name: string
    readonly statements: readonly { name: string; tables: readonly Table[] }[]
  }[]
  readonly neighbors: readonly {
    readonly gracefulRestart: boolean
    readonly tables: readonly Table[]
    readonly families: readonly { readonly name: string; readonly maxPrefixes: number | undefined }[]
  }[]
}

const render = template<View>('gobgp/gobgp')
const FAMILY = { 4: 'ipv4-unicast', 6: 'ipv6-unicast' } as const

/** How long a peer keeps our routes while the daemon restarts, seconds: the hand-over and its way back fit in. */
export const RESTART_SECONDS = 120
/** When we stop waiting for peers that do not come, and tell the others our routes; far below RESTART_SECONDS. */
const DEFERRAL_SECONDS = 15

/** The file's text. Errors: a plain Error, a mistake of ours, where GoBGP would drop a policy or accept what nothing names. */
export function getGobgpConf(model: GobgpModel): string {
  const problems = lintGobgp(model)
  if (problems.length > 0) throw new Error(`the configuration of GoBGP is not sound: ${problems.join('; ')}`)
  return render({
    asn: model.asn,
    routerId: quote(model.routerId),
    port: model.port,
    listen: quote(model.listen),
    importPolicies: quote(model.importPolicies),
    exportPolicies: quote(model.exportPolicies),
    rpki: model.rpki.map(({ address, port }) => ({ address: quote(address), port })),
    prefixSets: model.prefixSets.map(({ name, prefixes }) => ({
      name: quote(name),
      prefixes: prefixes.map(({ prefix, min, max }) => ({ prefix: quote(prefix), range: quote(`${min}..${max}`) })),
    })),
    neighborSets: model.sets.neighbor.map(({ name, members }) => ({ name: quote(name), members: quote(members) })),
    bgpSets: (['as-path', 'community', 'large-community'] as const).flatMap((kind) => setsOf(model, kind)),
    policies: model.policies.map(({ name, statements }) => ({
      name: quote(name),
      statements: statements.map((one) => ({ name: quote(one.name), tables: tablesOf(one) })),
    })),
    neighbors: model.neighbors.map((one) => ({
      gracefulRestart: one.gracefulRestart,
      tables: neighborTables(one),
      families: one.families.map((family) => ({ name: quote(FAMILY[family]), maxPrefixes: one.maxPrefixes })),
    })),
  })
}

function setsOf({ sets }: GobgpModel, kind: Exclude<SetKind, 'neighbor'>): View['bgpSets'] {
  return sets[kind].map(({ name, members }) => ({
    kind,
    list: `${kind}-list`,
    name: quote(name),
    members: quote(members),
  }))
}

type Value = string | number | boolean | readonly string[] | undefined

/** A table with the values that are there; none = no table. */
function table(name: string, values: Readonly<Record<string, Value>>): Table[] {
  const rows = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: quote(value) }],
  )
  return rows.length === 0 ? [] : [{ name, rows }]
}

function tablesOf(one: Statement): Table[] {
  const match = (name: string, key: string, of: Statement['prefixes']) =>
    table(name, { [key]: of?.set, 'match-set-options': of?.match })
  const community = (kind: string, options: string, list: readonly string[] | undefined) =>
    list === undefined
      ? []
      : [
          ...table(`actions.bgp-actions.set-${kind}`, { options }),
          ...table(`actions.bgp-actions.set-${kind}.set-${kind}-method`, { 'communities-list': list }),
        ]
  const any = (set: string | undefined) => (set === undefined ? undefined : ({ set, match: 'any' } as const))
  return [
    ...match('conditions.match-prefix-set', 'prefix-set', one.prefixes),
    ...match('conditions.match-neighbor-set', 'neighbor-set', any(one.neighbors)),
    ...table('conditions.bgp-conditions', {
      'rpki-validation-result': one.rpkiInvalid && 'invalid',
      'route-type': one.origin,
      'next-hop-in-list': one.nextHops,
      'afi-safi-in-list': one.families?.map((family) => FAMILY[family]),
    }),
    ...match('conditions.bgp-conditions.match-as-path-set', 'as-path-set', one.asPath),
    ...match('conditions.bgp-conditions.match-community-set', 'community-set', any(one.communities)),
    ...match(
      'conditions.bgp-conditions.match-large-community-set',
      'large-community-set',
      one.withoutLarge === undefined ? any(one.largeCommunities) : { set: one.withoutLarge, match: 'invert' },
    ),
    ...table('conditions.bgp-conditions.as-path-length', {
      operator: one.minPathLength === undefined ? undefined : 'ge',
      value: one.minPathLength,
    }),
    ...table('actions', { 'route-disposition': one.verdict && `${one.verdict}-route` }),
    ...table('actions.bgp-actions', {
      'set-local-pref': one.localPreference,
      'set-next-hop': one.nextHopSelf && 'self',
    }),
    ...table('actions.bgp-actions.set-as-path-prepend', {
      as: one.prepend && String(one.prepend.asn),
      'repeat-n': one.prepend?.times,
    }),
    ...community('community', 'add', one.addCommunities),
    ...community('community', 'remove', one.removeCommunities),
    ...community('large-community', 'add', one.addLarge),
    ...community('large-community', 'remove', one.removeLarge),
  ]
}

/**
 * GoBGP looks at a few keys alone for whether a neighbor is another one, and takes back no route that a policy lets out no more:
 * what needs a new session stands here in words, too.
 */
function aboutOf({ name, relation, blackhole, ttlSecurity, multihop }: Neighbor): string {
  const words = [relation, blackhole && 'blackhole', ttlSecurity && 'gtsm', multihop && `${multihop} hops`]
  return [name, ...words.filter(Boolean)].join(', ')
}

function neighborTables(one: Neighbor): Table[] {
  const { gracefulRestart: enabled } = one
  return [
    ...table('config', {
      'neighbor-address': one.address,
      'peer-as': one.asn,
      description: aboutOf(one),
      'auth-password': one.password,
      'remove-private-as': one.hidesPrivateAsns && 'all',
      'admin-down': true,
    }),
    ...table('transport.config', { 'local-address': one.localAddress, 'remote-port': one.remotePort }),
    ...table('timers.config', {
      'hold-time': 90,
      'keepalive-interval': 30,
      'connect-retry': 5,
      'idle-hold-time-after-reset': 5,
    }),
    ...(one.ttlSecurity ? table('ttl-security.config', { enabled: true, 'ttl-min': 255 }) : []),
    ...(one.multihop === undefined
      ? []
      : table('ebgp-multihop.config', { enabled: true, 'multihop-ttl': one.multihop })),
    ...(one.reflector ? table('route-reflector.config', { 'route-reflector-client': true }) : []),
    ...(enabled
      ? table('graceful-restart.config', {
          enabled,
          'restart-time': RESTART_SECONDS,
          'deferral-time': DEFERRAL_SECONDS,
        })
      : []),
  ]
}

/** A value in TOML: a text with everything but printable ASCII escaped, a number, a boolean, or a list of texts on one line. */
function quote(value: Exclude<Value, undefined>): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `[${value.map(quote).join(', ')}]`
  const escaped = value.replace(/["\\]|[^\x20-\x7e]/gu, (sign) =>
    sign === '"' || sign === '\\' ? `\\${sign}` : `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  )
  return `"${escaped}"`
}
