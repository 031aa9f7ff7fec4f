// Why BIRD on this router cannot do what the site file asks: said before anything changes.
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { contains, parseIp } from '../../site/ip.ts'
import type { Site } from '../../site/site.ts'
import { missingNics, networksOf, type Router, type RouterNic } from '../router/router.ts'
import { type BirdModel, getBirdModel } from './bird-model.ts'
import { passwordProblem, passwordProblems } from './bird-secrets.ts'
import { ADDED, has } from './bird-version.ts'
import { limitProblems } from './limit-change.ts'

export const ADDRESS_FACTS: Facts = { commands: { addresses: ['ip', '-j', 'address'] } }

/** One line each; [] = nothing stands against it. Never a password. Pure. */
export function birdProblems(site: Site, router: Router, seen: HostFacts): readonly string[] {
  const model = getBirdModel(site, router, seen)
  if (model === undefined) return []
  const outside =
    model.edge === 'bird'
      ? [...tooOldFor(model), ...passwordProblems(seen.secrets, passwordProblem), ...limitProblems(model, seen)]
      : []
  return [...tooOld(model), ...outside, ...nics(model, router, seen), ...sources(model, seen)]
}

function tooOld({ version }: BirdModel): readonly string[] {
  if (version === undefined || has(version, 'orion')) return []
  return [`BIRD ${version.text} is too old: orion needs ${ADDED.orion.join('.')} or newer (Debian 12 and 13 have it)`]
}

function tooOldFor({ version, peers }: BirdModel): readonly string[] {
  if (has(version, 'authentication')) return []
  const which = version === undefined ? 'which one the router has is not known' : `the router has ${version.text}`
  return peers
    .filter(({ peer }) => peer.password !== undefined && peer.authentication === 'tcp-ao')
    .map(({ peer }) => `session ${peer.name}: TCP-AO needs BIRD 2.17 or newer (Debian 13 has it), and ${which}`)
}

/** NICs that a peer stands behind. Before the router was seen none is missed. */
function nics({ peers }: BirdModel, router: Router, seen: HostFacts): readonly string[] {
  if (said(seen, 'links') === undefined) return []
  const addresses = peers.flatMap(({ peer }) => parseIp(peer.address) ?? [])
  const isUsed = (place: RouterNic) =>
    networksOf(place).some((network) => addresses.some((address) => contains(network, address)))
  return missingNics(seen, router)
    .filter(isUsed)
    .map(({ network }) => `the router has no NIC in ${network.name} yet, where a BGP peer is: orion vm apply adds it`)
}

/** A kernel route with a source address that the router does not have is refused by the kernel. */
function sources({ families }: BirdModel, seen: HostFacts): readonly string[] {
  const there = addressesOf(seen)
  if (there === undefined) return []
  const wanted = families.flatMap(({ source }) => source ?? [])
  return wanted
    .filter((address) => !there.has(address))
    .map((address) => `the router does not have its address ${address} (cloud-init sets it when the VM starts)`)
}

function addressesOf(seen: HostFacts): ReadonlySet<string> | undefined {
  const text = said(seen, 'addresses')
  if (text === undefined) return undefined
  const links = JSON.parse(text) as readonly { addr_info?: readonly { local?: string }[] }[]
  return new Set(links.flatMap(({ addr_info: list = [] }) => list.flatMap(({ local }) => local ?? [])))
}
