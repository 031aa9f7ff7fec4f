// The steps of a move of the edge. Each looks at the router first, does what is missing, and may be killed and repeated.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Note } from '../../resource.ts'
import { fileSet } from '../../resources/file-set.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import { packages } from '../../resources/packages.ts'
import { getRouterPackages } from '../router/package-list.ts'
import { getBirdModel } from './bird-model.ts'
import { BIRD_FILES } from './bird-names.ts'
import { DAEMONS, edgeOf } from './edge.ts'
import { gobgp, peerFacts } from './gobgp.ts'
import { getGobgpConf } from './gobgp-conf.ts'
import { getShadowModel } from './gobgp-edge.ts'
import { cleanUp, watch } from './migration-after.ts'
import { standing, whyNot } from './migration-check.ts'
import { handOver } from './migration-hand-over.ts'
import { type Move, must, refuse, targetSet, unapplied, withDaemon } from './migration-move.ts'
import { SHADOW_BIRD, SHADOW_FOLDER, shadowBird, shadowList, shadowProgram } from './migration-shadow.ts'
import { progressOf, type StepName } from './migration-watch.ts'

const SHADOW_MS = 300_000
/** So long sessions may take to be established again after a hand-over that did not stand. */
const BACK_MS = 30_000

const WORK: Readonly<Record<StepName, (move: Move) => Promise<readonly string[]>>> = {
  check,
  prepare,
  shadow,
  'hand-over': handOver,
  watch,
  'clean-up': cleanUp,
}

/** Returns what was seen, one line each. Errors: E_HOST_FACTS, those of the guard and of the host. */
export function doStep(move: Move, step: StepName): Promise<readonly string[]> {
  return WORK[step](move)
}

async function check(move: Move): Promise<readonly string[]> {
  const { bgp, to } = move
  const seen = await readBack(move)
  refuse(move, [...whyNot(bgp, to, seen), ...unapplied(move, seen), ...(targetSet(move).problems?.(seen) ?? [])])
  const up = standing(bgp, seen) ?? []
  return [`${DAEMONS[edgeOf(seen)]} is at the edge; graceful restart at both ends of ${up.join(', ')}`]
}

/** What is there; where a move was begun before, not before a session stands again, or patience ends. */
async function readBack(move: Move): Promise<HostFacts> {
  for (const end = performance.now() + BACK_MS; ; await sleep(1000)) {
    const seen = await move.read()
    const isBack = (standing(move.bgp, seen) ?? []).length > 0
    if (isBack || progressOf(seen)?.to !== move.to || performance.now() > end) return seen
  }
}

async function prepare(move: Move): Promise<readonly string[]> {
  if (move.to === 'bird') return [`nothing to prepare: BIRD is there, and its files are checked before they are used`]
  const { site, router, wish, host, outside, note } = move
  const news: Note = (one) => one.kind === 'info' && note(one.text)
  const wanted = getRouterPackages(withDaemon(site, 'gobgp'), router)
  const debian = packages({ host: host.name, packages: wanted, needs: [], wish })
  const made: string[] = []
  for (const one of [debian, fileSet(must(gobgp(withDaemon(site, 'gobgp'), router, wish)))]) {
    await move.read()
    const have = await one.observe(outside)
    const differences = one.diff(have)
    if (differences.length === 0) continue
    if (have === undefined) await one.create(outside, news)
    else await one.update(outside, have as never, news)
    made.push(...differences.map(({ field }) => field))
  }
  return made.length === 0 ? ['everything is in its place'] : made.map((one) => `new or changed: ${one}`)
}

async function shadow(move: Move): Promise<readonly string[]> {
  const { host, to, site, router } = move
  if (to === 'bird') return ['BIRD has every route of GoBGP already; its filters are checked by BIRD itself']
  const seen = await move.read()
  if (edgeOf(seen) === 'gobgp') return ['GoBGP is at the edge already']
  // A file that was edited, and perhaps never loaded, would be compared instead of what is in force.
  refuse(move, unapplied(move, seen))
  const model = must(getBirdModel(site, router, seen, { edge: 'bird' }))
  const conf = `${seen.files.get(BIRD_FILES.conf)?.text ?? ''}${shadowBird(model)}`
  await host.write([
    { path: SHADOW_BIRD, text: conf },
    { path: `${SHADOW_FOLDER}/gobgp.toml`, text: getGobgpConf(getShadowModel(model, peerFacts(model.bgp, seen))) },
    { path: `${SHADOW_FOLDER}/list`, text: shadowList(model) },
  ])
  const run = (command: string, accept: readonly number[] = [0]) =>
    host.run(['sh', '-c', shadowProgram(), 'orion-shadow', command], { timeoutMs: SHADOW_MS, accept })
  try {
    await run('start')
    const { stdout } = await run('compare')
    const lines = stdout.split('\n').filter((line) => line !== '')
    const isSummary = (line: string) => line.startsWith('summary ')
    refuse(
      move,
      lines.filter((line) => !isSummary(line)),
    )
    return lines.filter(isSummary).map((line) => line.slice('summary '.length))
  } finally {
    await run('end', [0, 1])
  }
}
