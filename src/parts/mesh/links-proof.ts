// Whether the links of a host are in force as its files say, what a change of them interrupts, and whether they still work after it.
import type { Difference } from '../../resource.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import { keyIn, portIn } from './link-file.ts'
import { LINKS_DIR, linkPath, MESH_PROTO, MESH_TABLE, ROUTES_FILE } from './link-paths.ts'
import { getLive, type Live, type LiveLink } from './links-live.ts'
import type { Gateway } from './model.ts'

/** What is not in force although the files on the host say so. Pure. */
export function liveDrift(seen: HostFacts): readonly Difference[] {
  const live = getLive(seen)
  if (live === undefined) return []
  const files = [...seen.files].filter(([path]) => path.startsWith(`${LINKS_DIR}/`) && path.endsWith('.conf'))
  return [
    ...files.flatMap(([path, { text }]) => {
      const name = path.slice(LINKS_DIR.length + 1, -'.conf'.length)
      return linkDrift(name, text, live.links.get(name))
    }),
    ...ruleDrift(live),
    ...routeDrift(live, seen.files.get(ROUTES_FILE)?.text ?? ''),
  ]
}

function linkDrift(name: string, text: string, live: LiveLink | undefined): readonly Difference[] {
  if (live?.isUp !== true) return [{ field: name, have: live === undefined ? 'absent' : 'down', want: 'up' }]
  const values = (key: string) => [...text.matchAll(new RegExp(`^${key} = (.+)$`, 'gm'))].map(([, value = '']) => value)
  const [port = ''] = values('ListenPort')
  const keys = values('PublicKey')
  const allowed = values('AllowedIPs').flatMap((line) => line.split(', '))
  const isSame = keys.length === live.peers.size && keys.every((key) => live.peers.has(key))
  const takes = new Set([...live.peers.values()].flat())
  return [
    ...(live.isOurs ? [] : [{ field: `${name} mark`, have: 'of somebody else', want: `link group ${MESH_TABLE}` }]),
    ...values('Address')
      .filter((address) => !live.addresses.includes(address))
      .map((address) => ({ field: `${name} address ${address}`, have: 'absent', want: 'in force' })),
    ...(String(live.port) === port ? [] : [{ field: `${name} port`, have: String(live.port ?? 'none'), want: port }]),
    ...(isSame ? [] : [{ field: `${name} peers`, have: 'others', want: 'as in its file' }]),
    ...(isSame && !allowed.every((cidr) => takes.has(cidr))
      ? [{ field: `${name} allowed addresses`, have: [...takes].join(', ') || 'none', want: allowed.join(', ') }]
      : []),
  ]
}

function ruleDrift({ rules, hasIpv6 }: Live): readonly Difference[] {
  const isThere = (family: string) =>
    rules.some((rule) => rule.family === family && rule.preference === MESH_TABLE && rule.table === String(MESH_TABLE))
  return (hasIpv6 ? ['4', '6'] : ['4'])
    .filter((family) => !isThere(family))
    .map((family) => ({
      field: `rule ${MESH_TABLE} of IPv${family}`,
      have: 'absent',
      want: `table ${MESH_TABLE} is asked first`,
    }))
}

/** Of routes that are written down: those of BIRD come and go. */
function routeDrift({ routes }: Live, text: string): readonly Difference[] {
  const there = new Set(routes.filter(({ proto }) => proto === MESH_PROTO).map(({ prefix }) => prefix))
  const wanted = [...text.matchAll(/^([0-9a-f.:]+\/\d+) /gm)].map(([, prefix = '']) => prefix)
  return wanted
    .filter((prefix) => !there.has(prefix) && !there.has(prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '')))
    .map((prefix) => ({ field: `route to ${prefix}`, have: 'absent', want: `in the table ${MESH_TABLE}` }))
}

/** For the plan: links that do not work until their other end is changed, too, and those that end. Pure. */
export function linksDisrupted(
  gateway: Pick<Gateway, 'links'>,
  seen: HostFacts,
  wanted: readonly WantedFile[],
): string | undefined {
  const texts = new Map(wanted.map(({ path, text }) => [path, text]))
  const names = gateway.links
    .filter((end) => isOther(seen.files.get(linkPath(end.interface))?.text, texts.get(linkPath(end.interface))))
    .map(({ peer }) => peer.name)
  const ending = wanted.filter(({ path, text }) => text === undefined && path.startsWith(`${LINKS_DIR}/`))
  const parts = [
    ...names.map((name) => `the tunnel to ${name} (until its other end is done)`),
    ...ending.map(({ path }) => `the tunnel ${path.slice(LINKS_DIR.length + 1, -'.conf'.length)} for good`),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** Two texts of one link's file after which its other end must change, too. */
function isOther(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return false
  return keyIn(before) !== keyIn(after) || portIn(before) !== portIn(after)
}

/** Links that worked before and do not now, except where their other ends are not done yet: those are proved there. Pure. */
export function proveLinks(gateway: Gateway, before: HostFacts, after: HostFacts): readonly string[] {
  const [was, is] = [getLive(before), getLive(after)]
  return gateway.links
    .filter((end) => {
      const path = linkPath(end.interface)
      // What made it is undone.
      if (!after.files.has(path)) return false
      if (isOther(before.files.get(path)?.text, after.files.get(path)?.text)) return false
      return was?.links.get(end.interface)?.answers === true && is?.links.get(end.interface)?.answers !== true
    })
    .map(({ peer }) => `${peer.name} does not answer through its tunnel any more`)
}
