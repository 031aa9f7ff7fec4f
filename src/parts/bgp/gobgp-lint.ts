// What GoBGP would not refuse and would not do: it drops all policy where one name is undefined, and then accepts everything.
import { parseCidr, parseIp } from '../../site/ip.ts'
import type { GobgpModel, NamedSet, Statement } from './gobgp-model.ts'
import { BITS } from './gobgp-prefixes.ts'
import { PATTERN } from './gobgp-re2.ts'

/**
 * Every reason why GoBGP would do something else than the model says; [] = it may be started with it. Each is a mistake of ours:
 * nothing in a site file leads there.
 */
export function lintGobgp(model: GobgpModel): readonly string[] {
  return [
    ...lintNames(model),
    ...lintReferences(model),
    ...lintSets(model),
    ...lintPolicies(model),
    ...lintNeighbors(model),
  ]
}

function lintNames({ prefixSets, sets, policies }: GobgpModel): string[] {
  const groups: readonly (readonly [string, readonly { readonly name: string }[]])[] = [
    ['prefix set', prefixSets],
    ...Object.entries(sets).map(([kind, list]) => [`${kind} set`, list] as const),
    ['policy', policies],
    // Statements have names of one space, whatever their policy.
    ['statement', policies.flatMap(({ statements }) => statements)],
  ]
  return groups.flatMap(([kind, list]) => {
    const names = list.map(({ name }) => name)
    const twice = names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${kind} ${name} twice`)
    const odd = names.filter((name) => !/^[a-z0-9][a-z0-9-]*$/.test(name)).map((name) => `${kind} "${name}": no name`)
    return [...twice, ...odd]
  })
}

function lintReferences(model: GobgpModel): string[] {
  const { sets, policies, prefixSets } = model
  const known = (kind: string, name: string | undefined, list: readonly { readonly name: string }[], by: string) =>
    name === undefined || list.some((one) => one.name === name) ? [] : [`${by}: no ${kind} ${name}`]
  const ofStatement = (one: Statement) => [
    ...known('neighbor set', one.neighbors, sets.neighbor, one.name),
    ...known('prefix set', one.prefixes?.set, prefixSets, one.name),
    ...known('as-path set', one.asPath?.set, sets['as-path'], one.name),
    ...known('community set', one.communities, sets.community, one.name),
    ...known('large-community set', one.largeCommunities, sets['large-community'], one.name),
    ...known('large-community set', one.withoutLarge, sets['large-community'], one.name),
  ]
  const lists = [...model.importPolicies, ...model.exportPolicies]
  return [
    ...lists.flatMap((name) => known('policy', name, policies, 'global')),
    ...policies.flatMap(({ statements }) => statements.flatMap(ofStatement)),
  ]
}

function lintSets({ prefixSets, sets }: GobgpModel): string[] {
  // An empty set of neighbors matches every neighbor.
  const lists = [...Object.values(sets).flat(), ...prefixSets.map(({ name, prefixes: members }) => ({ name, members }))]
  const empty = lists.filter(({ members }) => members.length === 0).map(({ name }) => `set ${name} is empty`)
  return [
    ...empty,
    ...prefixSets.flatMap(({ name, prefixes }) => {
      const cidrs = prefixes.map(({ prefix }) => parseCidr(prefix))
      const mixed = new Set(cidrs.map((cidr) => cidr?.family)).size > 1 ? [`set ${name} has two families`] : []
      const wrong = prefixes.filter(({ min, max }, at) => !fits(cidrs[at], min, max))
      return [...mixed, ...wrong.map(({ prefix, min, max }) => `set ${name}: ${prefix} ${min}..${max}`)]
    }),
    ...sets.neighbor.flatMap((set) => wrongMembers(set, (member) => parseIp(member) !== undefined)),
    ...[...sets['as-path'], ...sets.community, ...sets['large-community']].flatMap((set) =>
      wrongMembers(set, (member) => PATTERN.test(member)),
    ),
  ]
}

function fits(cidr: ReturnType<typeof parseCidr>, min: number, max: number): boolean {
  return cidr !== undefined && cidr.prefix <= min && min <= max && max <= BITS[cidr.family]
}

function wrongMembers({ name, members }: NamedSet, isRight: (member: string) => boolean): string[] {
  return members.filter((member) => !isRight(member)).map((member) => `set ${name}: ${member}`)
}

function lintPolicies({ policies, importPolicies, exportPolicies }: GobgpModel): string[] {
  const idle = policies.filter(({ name }) => ![...importPolicies, ...exportPolicies].includes(name))
  const none = importPolicies.length === 0 || exportPolicies.length === 0 ? ['a direction without a policy'] : []
  const double = policies
    .flatMap(({ statements }) => statements)
    .filter((one) => (one.addLarge && one.removeLarge) || (one.addCommunities && one.removeCommunities))
    .map(({ name }) => `statement ${name} adds and removes: GoBGP does one`)
  const bare = policies.filter(({ statements }) => statements.length === 0)
  return [
    ...double,
    ...none,
    ...idle.map(({ name }) => `policy ${name} is not used`),
    ...bare.map(({ name }) => `policy ${name} is empty`),
  ]
}

function lintNeighbors({ neighbors, sets }: GobgpModel): string[] {
  const named = new Set(sets.neighbor.flatMap(({ members }) => members))
  return neighbors.flatMap(({ name, address, families, ttlSecurity, multihop }) => [
    ...(parseIp(address) === undefined ? [`neighbor ${name}: ${address} is no address`] : []),
    ...(named.has(address) ? [] : [`neighbor ${name} is in no set: no statement is about it`]),
    ...(families.length === 0 ? [`neighbor ${name} has no family`] : []),
    ...(ttlSecurity && multihop !== undefined ? [`neighbor ${name}: GTSM and multihop`] : []),
  ])
}
