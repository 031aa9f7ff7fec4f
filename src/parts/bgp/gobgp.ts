// GoBGP on the router: its files, the program that decides who speaks to the world, and when orion leaves them alone.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import type { Router } from '../router/router.ts'
import { type BirdModel, getBirdModel } from './bird-model.ts'
import { BIRD_FILES } from './bird-names.ts'
import { keyProblem, passwordProblems, passwordsOf } from './bird-secrets.ts'
import { DRAIN_FILE, drainedOf } from './drain.ts'
import { EDGE_FILE, edgeOf, isNew } from './edge.ts'
import { getGobgpConf } from './gobgp-conf.ts'
import { getEdgeModel, type PeerFacts } from './gobgp-edge.ts'
import type { GobgpModel } from './gobgp-model.ts'
import { gobgpDifferences, gobgpDisruption, proveGobgp } from './gobgp-proof.ts'
import { irrFacts, irrFiles, irrOf, irrQuestions } from './irr.ts'
import { limitProblems } from './limit-change.ts'

export const GOBGP_FILES = {
  conf: '/etc/gobgp/orion.toml',
  /** What `orion-edge` adds, enables and expects. */
  list: '/etc/gobgp/orion.list',
  unit: '/etc/systemd/system/orion-gobgp.service',
  program: '/usr/local/sbin/orion-edge',
  rpkiService: '/etc/systemd/system/orion-gobgp-rpki.service',
  rpkiTimer: '/etc/systemd/system/orion-gobgp-rpki.timer',
  edge: EDGE_FILE,
} as const
const [VERSION, ACTIVE, ENABLED] = ['gobgp-version', 'gobgp-active', 'gobgp-enabled']
/** `--config-strict` is of this version. */
const STRICT = [3, 32] as const
// A put-back may have taken the program away, and with it the reason why GoBGP runs.
const APPLY =
  'systemctl daemon-reload; if [ -x "$1" ]; then exec "$1" apply; fi; systemctl stop orion-gobgp.service 2>/dev/null || :'
export const ACTIVATE_GOBGP = [['sh', '-c', APPLY, 'orion-gobgp', GOBGP_FILES.program]] as const
export const CHECK_GOBGP = [['gobgpd', '-d', '-f', GOBGP_FILES.conf]] as const
/** It holds passwords. */
export const CONF_PLACE = { mode: 0o640, group: 'bird' } as const

const renderProgram = template<object>('gobgp/edge')
const renderUnit = template<{ strict: string }>('gobgp/unit')
const renderRpkiService = template<{ program: string }>('gobgp/rpki-service')
const renderRpkiTimer = template<object>('gobgp/rpki-timer')
const renderList = template<{ lines: readonly string[] }>('gobgp/list')

export function gobgpFacts({ bgp }: Site, router: Router): Facts {
  if (bgp?.router !== router.guest.name) return {}
  return {
    files: [...Object.values(GOBGP_FILES), DRAIN_FILE, BIRD_FILES.conf, ...(irrFacts(bgp).files ?? [])],
    commands: {
      [VERSION]: ['gobgpd', '--version'],
      [ACTIVE]: ['systemctl', 'is-active', 'orion-gobgp.service'],
      [ENABLED]: ['systemctl', 'is-enabled', 'orion-gobgp.service'],
    },
  }
}

/** undefined where this router speaks no BGP, or not with GoBGP. */
export function gobgp(site: Site, router: Router, wish: FileSet['wish']): FileSet | undefined {
  const { bgp } = site
  const host = router.guest.name
  if (bgp?.router !== host || bgp.daemon !== 'gobgp') return undefined
  const questions = irrQuestions(bgp)
  const texts = (seen: HostFacts) => confTexts(seen, filesOf(site, router, seen))
  return {
    host,
    name: 'gobgp',
    title: `GoBGP of ${host}`,
    needs: [`packages:${host}/debian`, `file-set:${host}/bird`],
    wish,
    owned: true,
    secrets: passwordsOf(bgp),
    ...(questions === undefined ? {} : { questions }),
    files: (seen) => filesOf(site, router, seen),
    problems: (seen) => [...passwordProblems(seen.secrets, keyProblem), ...tooLow(site, router, seen)],
    check: CHECK_GOBGP,
    activate: ACTIVATE_GOBGP,
    disrupts: (seen) => gobgpDisruption(bgp, seen, ...texts(seen)),
    drift: (seen) => [...gobgpDifferences(bgp, seen, ...texts(seen)), ...standing(seen)],
    confirmWithinSeconds: 180,
    prove: (before, after) => (edgeOf(after) === 'gobgp' ? proveGobgp(bgp, before, after) : []),
  }
}

function tooLow(site: Site, router: Router, seen: HostFacts): readonly string[] {
  const model = getBirdModel(site, router, seen, { edge: 'gobgp' })
  return model === undefined || edgeOf(seen) !== 'gobgp' ? [] : limitProblems(model, seen)
}

/** It was stopped by hand, or ended, or does not start with the router: activating mends it. */
function standing(seen: HostFacts): readonly Difference[] {
  const have = seen.commands.get(ACTIVE)?.stdout.trim()
  const isDown = have === 'inactive' || have === 'failed'
  const boot = seen.commands.get(ENABLED)?.stdout.trim()
  if (edgeOf(seen) !== 'gobgp' || !seen.files.has(GOBGP_FILES.conf)) return []
  const field = 'orion-gobgp.service'
  return [
    ...(isDown ? [{ field, have, want: 'active' }] : []),
    ...(boot === 'disabled' ? [{ field, have: boot, want: 'enabled' }] : []),
  ]
}

/** GoBGP's file as it is and as it shall be; the same twice where nobody runs by it, or nobody knows yet. */
function confTexts(seen: HostFacts, files: ReturnType<FileSet['files']>): readonly [string, string] {
  const next = files.find(({ path }) => path === GOBGP_FILES.conf)?.text ?? ''
  const have = seen.files.get(GOBGP_FILES.conf)?.text
  return [edgeOf(seen) === 'gobgp' ? (have ?? next) : next, next]
}

function filesOf(site: Site, router: Router, seen: HostFacts): ReturnType<FileSet['files']> {
  const model = getBirdModel(site, router, seen, { edge: 'gobgp' })
  if (model === undefined) return []
  const { bgp } = model
  const gobgp = getEdgeModel(model, peerFacts(bgp, seen))
  const secret = { ...CONF_PLACE, secret: true } as const
  return [
    { path: GOBGP_FILES.conf, text: getGobgpConf(gobgp), ...secret },
    { path: GOBGP_FILES.list, text: renderList({ lines: linesOf(model, gobgp) }) },
    { path: GOBGP_FILES.unit, text: renderUnit({ strict: isStrict(seen) ? ' --config-strict' : '' }) },
    { path: GOBGP_FILES.program, text: renderProgram({}), mode: 0o755 },
    { path: GOBGP_FILES.rpkiService, text: renderRpkiService({ program: GOBGP_FILES.program }) },
    { path: GOBGP_FILES.rpkiTimer, text: renderRpkiTimer({}) },
    ...(isNew(seen) ? [{ path: EDGE_FILE, text: 'gobgp\n' }] : []),
    ...irrFiles(bgp, seen, { accept: false }),
  ]
}

/** What the router knows of the peers: passwords, sets of prefixes, who is drained. Pure. */
export function peerFacts(bgp: Bgp, seen: HostFacts): PeerFacts {
  const drained = drainedOf(
    bgp.peers.map(({ name }) => name),
    seen.files.get(DRAIN_FILE)?.text,
  )
  const sets = new Map(irrOf(bgp, seen, { accept: false }).map(({ peer, prefixes }) => [peer, prefixes]))
  return {
    registered: (peer) => (sets.get(peer) ?? []).map(({ prefix, least, most }) => ({ prefix, min: least, max: most })),
    password: (peer) => seen.secrets?.get(peer),
    isDrained: (peer) => drained.includes(peer),
  }
}

function linesOf({ families }: BirdModel, { policies, neighbors, rpki }: GobgpModel): readonly string[] {
  const prefixes = families.flatMap(({ family, announce, blackhole }) =>
    [...announce, ...blackhole].map((prefix) => `prefix ipv${family} ${prefix}`),
  )
  return [
    ...prefixes,
    ...neighbors.map(({ address, name }) => `neighbor ${address} ${name === 'fib' ? 'bird' : name}`),
    ...policies.flatMap(({ statements }) => statements.map(({ name }) => `statement ${name}`)),
    ...rpki.map(({ address }) => `rpki ${address}`),
  ]
}

function isStrict(seen: HostFacts): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said(seen, VERSION) ?? '') ?? []
  return (
    major !== undefined && (Number(major) > STRICT[0] || (Number(major) === STRICT[0] && Number(minor) >= STRICT[1]))
  )
}
