// BIRD on the router: its files, checked by the BIRD that is there, made active under its own undo timer, proved by the sessions.
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, wishOf } from '../../resources/host-facts.ts'
import type { Bgp } from '../../site/services.ts'
import type { Site } from '../../site/site.ts'
import type { Router } from '../router/router.ts'
import { renderBirdConf } from './bird-conf.ts'
import { type BirdOptions, getBirdModel } from './bird-model.ts'
import { BIRD_FILES, protocolOf } from './bird-names.ts'
import { ADDRESS_FACTS, birdProblems } from './bird-problems.ts'
import { passwordsOf, renderSecrets } from './bird-secrets.ts'
import { VERSION_FACTS } from './bird-version.ts'
import { ACTIVATION_FACTS, activateBird, BOOT_FACTS, bootBird, bootState } from './birdc-activation.ts'
import { DRAIN_FILE, drainFile } from './drain.ts'
import { irrFacts, irrFiles, irrQuestions } from './irr.ts'
import { limitChanges, raisedOf } from './limit-change.ts'
import { sessionDifferences, sessionDisruption } from './session-impact.ts'
import { proveSessions, proveWriter } from './session-proof.ts'
import { sessionFacts } from './sessions.ts'
import { COUNTER_FACTS } from './tcp-counters.ts'

/** BIRD's group, as Debian's package makes it. */
const GROUP = 'bird'
const SECRET_MODE = 0o640

export interface BirdSetOptions {
  /** The operator has seen that the prefixes of an AS-SET changed a lot. */
  readonly acceptIrr: boolean
}

export function birdFacts(site: Site, router: Router): Facts {
  const { bgp } = site
  if (bgp?.router !== router.guest.name) return {}
  const files = [BIRD_FILES.conf, BIRD_FILES.secrets, DRAIN_FILE]
  return wishOf([
    { files },
    VERSION_FACTS,
    ADDRESS_FACTS,
    ACTIVATION_FACTS,
    BOOT_FACTS,
    irrFacts(bgp),
    sessionFacts(bgp),
    COUNTER_FACTS,
  ])
}

/**
 * The text of bird.conf for the BIRD that was seen; undefined where this router speaks no BGP. Pure.
 * `edge`: by default the daemon of the site file; BIRD beside GoBGP only writes the kernel's routes.
 */
export function getBirdConf(site: Site, router: Router, seen: HostFacts, options?: BirdOptions): string | undefined {
  const model = getBirdModel(site, router, seen, options)
  return model && renderBirdConf(model)
}

/** undefined where this router speaks no BGP. */
export function bird(
  site: Site,
  router: Router,
  wish: FileSet['wish'],
  { acceptIrr }: BirdSetOptions = { acceptIrr: false },
): FileSet | undefined {
  const { bgp } = site
  const host = router.guest.name
  if (bgp?.router !== host) return undefined
  const accept = { accept: acceptIrr }
  const isEdge = bgp.daemon === 'bird'
  const files = (seen: HostFacts) => [
    { path: BIRD_FILES.conf, text: getBirdConf(site, router, seen) ?? '' },
    {
      path: DRAIN_FILE,
      text: drainFile(
        bgp.peers.map(({ name }) => name),
        seen.files.get(DRAIN_FILE)?.text,
      ),
    },
    ...(isEdge ? [...secretFiles(bgp, seen), ...irrFiles(bgp, seen, accept)] : []),
  ]
  const questions = isEdge ? irrQuestions(bgp) : undefined
  const remarks = (seen: HostFacts) => {
    const model = isEdge ? getBirdModel(site, router, seen) : undefined
    return model && { raised: raisedOf(model, seen), limits: limitChanges(model, seen) }
  }
  return {
    host,
    name: 'bird',
    title: `BIRD of ${host}`,
    needs: [`packages:${host}/debian`],
    wish,
    secrets: isEdge ? passwordsOf(bgp) : {},
    ...(questions === undefined ? {} : { questions }),
    files,
    problems: (seen) => birdProblems(site, router, seen),
    disrupts: (seen) => sessionDisruption(bgp, seen, files(seen)),
    drift: (seen) => [...sessionDifferences(bgp, seen, files(seen), remarks(seen)), ...standing(seen)],
    check: [['bird', '-p', '-c', BIRD_FILES.conf]],
    activate: (before) => [
      ...bootBird(before),
      ...activateBird(before, (remarks(before)?.raised ?? []).map(protocolOf)),
    ],
    confirmWithinSeconds: 180,
    prove: (before, after) => (isEdge ? proveSessions(bgp, before, after) : proveWriter(before, after)),
  }
}

/** None where there is no password; one that was left behind goes. */
function secretFiles({ peers }: Bgp, seen: HostFacts): ReturnType<FileSet['files']> {
  const names = peers.filter(({ password }) => password !== undefined).map(({ name }) => name)
  const place = { path: BIRD_FILES.secrets, mode: SECRET_MODE, group: GROUP, secret: true } as const
  if (names.length > 0) return [{ ...place, text: renderSecrets(names, seen.secrets) }]
  return seen.files.has(BIRD_FILES.secrets) ? [{ ...place, text: undefined }] : []
}

/** BIRD was stopped by hand, or ended, or does not start with the router: activating mends it. Nothing is said where the unit is not there yet. */
function standing(seen: HostFacts): ReturnType<NonNullable<FileSet['drift']>> {
  const have = seen.commands.get('bird-active')?.stdout.trim()
  const isDown = have === 'inactive' || have === 'failed'
  const boot = bootState(seen)
  if (!seen.files.has(BIRD_FILES.conf)) return []
  return [
    ...(isDown ? [{ field: 'bird.service', have, want: 'active' }] : []),
    ...(boot === undefined || boot === 'enabled' ? [] : [{ field: 'bird.service', have: boot, want: 'enabled' }]),
  ]
}
