// The links of one gateway: their files, the program that brings them into force, its units, and who the other ends are.
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type Facts, type HostFacts, wishOf } from '../../resources/host-facts.ts'
import { CLIENTS_INTERFACE, linkInterface } from '../../site/mesh-plan.ts'
import type { Mesh } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import { unitDrift, unitFacts } from '../router/unit.ts'
import { GATEWAY_FILE, gatewayFile } from './gateway-file.ts'
import { meshProgram } from './interfaces.ts'
import { keyToCome, linkFile } from './link-file.ts'
import { identityDrift, identityFiles } from './link-identities.ts'
import { keyFacts, publicKey } from './link-keys.ts'
import { IDENTITIES_DIR, LINKS_DIR, linkPath, MESH_PROGRAM, ROUTES_FILE } from './link-paths.ts'
import { getLive, liveFacts } from './links-live.ts'
import { linkProblems } from './links-problems.ts'
import { linksDisrupted, liveDrift, proveLinks } from './links-proof.ts'
import type { Gateway, LinkEnd } from './model.ts'
import { listOf } from './names.ts'
import { staticRoutes } from './static.ts'
import { KEPT_HINT } from './status-keys.ts'
import { activateMesh, firewallUnitFile, MESH_UNITS, timerFiles, unitFile } from './unit.ts'

export interface LinksOptions {
  /** Of the gateway. */
  readonly wish: FileSet['wish']
  /** Gateways at the other ends, each with a wish that holds its keyFacts. */
  readonly others: NonNullable<FileSet['others']>
  /** Files of other topics that change together with the links. */
  readonly more?: (seen: HostFacts) => readonly WantedFile[]
  /** Whether this run makes the keys of that gateway where it has none; default: of everybody. */
  readonly isMaking?: (gateway: string) => boolean
  /** The tunnels to these stay as they stand, where they stand. */
  readonly isHeld?: (gateway: string) => boolean
}

/** Everything that the links of a gateway look at on its host. */
export function linksFacts(site: Site, gateway: Gateway): Facts {
  const { commands = {} } = wishOf([keyFacts(site, gateway), liveFacts(gateway.links), unitFacts(MESH_UNITS)])
  return {
    files: [MESH_PROGRAM, GATEWAY_FILE, ROUTES_FILE, ...unitFiles().map(({ path }) => path)],
    // Not through wishOf, which makes one command of them: whoever asks for more folders would put another in its place.
    folders: [LINKS_DIR, IDENTITIES_DIR],
    commands,
  }
}

/**
 * Until the other end's key is known its link is not made: with a run that makes it a word stands in its place, which no program
 * takes for a key; otherwise the link waits. What is known of it and does not answer now stays as it is.
 */
export function links(site: Site, gateway: Gateway, options: LinksOptions): FileSet {
  const { wish, others, more = () => [] } = options
  const files = (seen: HostFacts): readonly WantedFile[] => [
    { path: GATEWAY_FILE, text: gatewayFile(site.name, gateway) },
    ...linkFiles(site, gateway, seen, options),
    ...identityFiles(site, gateway, seen),
    ...routesFiles(site, gateway, seen),
    ...more(seen),
    // Last: the same on every gateway, and of the least interest in a plan.
    ...unitFiles(),
    meshProgram(),
  ]
  return {
    host: gateway.name,
    name: 'mesh',
    title: `mesh of ${gateway.name}`,
    wish,
    others,
    files,
    owned: true,
    problems: (seen) => linkProblems(site, gateway, seen),
    disrupts: (seen) => linksDisrupted(gateway, seen, files(seen)),
    drift: (seen) => [
      ...waiting(gateway, seen, options),
      ...identityDrift(site, gateway, seen),
      ...keptKeys(site, gateway, seen),
      ...(seen.files.has(MESH_PROGRAM) ? [...unitDrift(seen, MESH_UNITS), ...liveDrift(seen)] : []),
    ],
    // Undoing the very first change leaves no program.
    check: [['sh', '-c', '[ ! -x "$1" ] || "$1" check', 'orion-mesh-links-check', MESH_PROGRAM]],
    activate: activateMesh(MESH_UNITS),
    confirmWithinSeconds: 90,
    prove: (before, after) => proveLinks(gateway, before, after),
  }
}

const unitFiles = (): readonly WantedFile[] => [unitFile(), firewallUnitFile(), ...timerFiles()]

function linkFiles(site: Site, gateway: Gateway, seen: HostFacts, options: LinksOptions): readonly WantedFile[] {
  const { mesh } = site
  if (mesh === undefined) return []
  const wanted = gateway.links.flatMap((end) => linkFileOf(mesh, end, seen, options))
  const names = new Set([...gateway.links.map((end) => linkPath(end.interface)), linkPath(CLIENTS_INTERFACE)])
  const gone = [...seen.files.keys()].filter((path) => path.startsWith(`${LINKS_DIR}/`) && !names.has(path))
  return [...wanted, ...gone.map((path) => ({ path, text: undefined }))]
}

function linkFileOf(mesh: Mesh, end: LinkEnd, seen: HostFacts, options: LinksOptions): readonly WantedFile[] {
  const path = linkPath(end.interface)
  const state = otherEnd(end, seen, options)
  if (state !== 'unknown') return [{ path, text: linkFile(mesh, end, state === 'making' ? keyToCome(end) : state.key) }]
  const stands = seen.files.get(path)?.text
  return stands === undefined ? [] : [{ path, text: stands }]
}

/** What there is to know of the other end's key. */
function otherEnd(
  end: LinkEnd,
  seen: HostFacts,
  { isMaking, isHeld }: LinksOptions,
): { readonly key: string } | 'making' | 'unknown' {
  if (seen.others === undefined) return 'making'
  if (isHeld?.(end.peer.name) && seen.files.has(linkPath(end.interface))) return 'unknown'
  const other = seen.others.get(end.peer.name)
  if (other === undefined) return 'unknown'
  const key = publicKey(other, linkInterface(end.own.name))
  if (key !== undefined) return { key }
  return (isMaking?.(end.peer.name) ?? true) ? 'making' : 'unknown'
}

/** Links that are not there, and whose other end is not known. */
function waiting(gateway: Gateway, seen: HostFacts, options: LinksOptions): readonly Difference[] {
  return gateway.links
    .filter((end) => otherEnd(end, seen, options) === 'unknown' && !seen.files.has(linkPath(end.interface)))
    .map(({ link, peer }) => ({ field: `link ${link.id}`, want: `a tunnel to ${peer.name}`, waits: 'other' }))
}

/** Preshared keys that the site file wants no more: WireGuard still has them, and nobody renews them. */
function keptKeys({ mesh }: Site, gateway: Gateway, seen: HostFacts): readonly Difference[] {
  if (mesh === undefined || mesh.postQuantum !== undefined) return []
  const preshared = getLive(seen)?.preshared
  const names = gateway.links.filter((end) => preshared?.has(end.interface)).map(({ peer }) => peer.name)
  if (names.length === 0) return []
  const have = `in force with ${listOf(names)}`
  return [{ field: 'preshared keys', have, want: 'none', waits: 'operator', hint: KEPT_HINT }]
}

function routesFiles(site: Site, gateway: Gateway, seen: HostFacts): readonly WantedFile[] {
  if (site.mesh?.routing === 'static') return [{ path: ROUTES_FILE, text: staticRoutes(site, gateway) }]
  return seen.files.has(ROUTES_FILE) ? [{ path: ROUTES_FILE, text: undefined }] : []
}
