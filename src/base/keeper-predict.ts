// orion keeper predict: disks that fail, the moves that would save the guests, and with --migrate those moves.
import type { MoveLine, NodeLine } from '../console/keeper-predict-view.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { say, show } from './talk.ts'

type Forecast = NonNullable<NodeLine['forecast']>
type Tell = (text: string) => void

/** The site's side of it (parts/keeper/predict.ts). */
interface Prediction {
  readonly names: readonly string[]
  look(node: string): Promise<Forecast>
  move(move: MoveLine, note: Tell): Promise<void>
  follow(node: string, guest: string, note: Tell): Promise<void>
}

export interface PredictWish extends SiteFlags {
  readonly node?: readonly string[] | undefined
  readonly migrate: boolean
  readonly yes: boolean
  readonly open: (site: Site, outside: Outside, nodes?: readonly string[]) => Prediction
}

/**
 * Exit 0 where no disk fails, or every guest that can go went; 3 where one does; 1 where a node could not be looked at, or a move
 * failed. Errors: E_USAGE for an unknown node, E_CONFIRM, E_LOCKED, E_INTERRUPTED (a move that began goes on).
 */
export async function predict(talk: Talk, wish: PredictWish): Promise<Result> {
  const { session } = talk
  refuseUnknownNodes(session.site, wish.node)
  const prediction = wish.open(session.site, session.outside, wish.node)
  const nodes = await lookAll(prediction, wish)
  await showNodes(talk, nodes)
  const todo = nodes.flatMap(({ forecast }) => (forecast ? [...forecast.moves, ...forecast.underWay] : []))
  if (!wish.migrate || todo.length === 0) {
    const isNext = !wish.migrate && todo.length > 0
    if (isNext) await say(talk, `Do it: ${completeHint(commandOf(wish), wish)}`)
    return { exit: exitOf(nodes), document: { site: session.site.name, nodes } }
  }
  await agree({
    ...talk,
    question: `Move ${todo.length === 1 ? 'it' : 'them'}${session.lab ? ' in the lab' : ''}?`,
    yes: wish.yes,
  })
  const { lockSite } = await import('../engine/lock.ts')
  const lock = await lockSite(session.dir, { site: session.site.name, command: 'keeper predict --migrate' })
  try {
    const { record } = await import('./journal.ts')
    const steps = nodes.flatMap(({ node, forecast }) =>
      [...(forecast?.moves ?? []).map(({ guest }) => guest), ...(forecast?.underWay ?? [])].map((guest) => ({
        id: `guest:${node}/${guest}`,
        verb: 'update',
        fields: ['node'],
      })),
    )
    const work = { command: 'keeper predict --migrate', flags: wish, steps }
    return await record(
      talk,
      work,
      () => moveAll(talk, wish, prediction),
      ({ exit }) => ({ exit, steps: [] }),
    )
  } finally {
    await lock.release()
  }
}

const commandOf = ({ node = [] }: PredictWish): string =>
  ['orion keeper predict --migrate', ...node.map((name) => `--node ${name}`)].join(' ')

function lookAll(prediction: Prediction, wish: PredictWish): Promise<readonly NodeLine[]> {
  return Promise.all(prediction.names.map((node) => lookAt(prediction, node, wish)))
}

async function lookAt(prediction: Prediction, node: string, wish: PredictWish): Promise<NodeLine> {
  try {
    const forecast = await prediction.look(node)
    const remarks = forecast.remarks.map(({ text, hint }) => ({
      text,
      ...(hint === undefined ? {} : { hint: completeHint(hint, wish) }),
    }))
    return { node, forecast: { ...forecast, remarks } }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    const { message, suggestions } = error
    return { node, problem: { message, suggestions: suggestions.map((hint) => completeHint(hint, wish)) } }
  }
}

async function showNodes(talk: Talk, nodes: readonly NodeLine[]): Promise<void> {
  await show(talk, async (look) => (await import('../console/keeper-predict-view.ts')).renderForecasts(nodes, look))
}

function exitOf(nodes: readonly NodeLine[]): number {
  if (nodes.some(({ forecast }) => forecast === undefined)) return EXIT.failed
  return nodes.some(({ forecast }) => (forecast?.failing.length ?? 0) > 0) ? EXIT.differences : EXIT.ok
}

interface Moved {
  readonly guest: string
  readonly from: string
  readonly to?: string
  /** Why it did not go. */
  readonly error?: { readonly code: string; readonly message: string }
}

/** Node by node, each looked at anew once the site is ours. One guest after the other: each takes what the network between the nodes has. */
async function moveAll(talk: Talk, wish: PredictWish, prediction: Prediction): Promise<Result> {
  const nodes: NodeLine[] = []
  const moved: Moved[] = []
  for (const name of prediction.names) {
    const line = await settledLook(talk, wish, prediction, name)
    nodes.push(line)
    for (const move of line.forecast?.moves ?? []) {
      const { guest, from, to } = move
      await say(talk, `${guest}: ${from} -> ${to} (${move.how}) …`)
      moved.push(await moveOne(prediction, move, (text) => void say(talk, `  ${text}`)))
      await say(talk, `  ${moved.at(-1)?.error?.message ?? `${guest} is on ${to}`}`)
    }
  }
  const stays = nodes.flatMap(({ forecast }) => forecast?.stays ?? [])
  const failed = moved.some(({ error }) => error) || nodes.some(({ forecast }) => forecast === undefined)
  await tellEnd(talk, wish, moved, stays.length)
  const exit = failed ? EXIT.failed : stays.length > 0 ? EXIT.differences : EXIT.ok
  return { exit, document: { site: talk.session.site.name, nodes, moved } }
}

/** Once nothing is on its way any more: what a killed run began takes its room as well. */
async function settledLook(talk: Talk, wish: PredictWish, prediction: Prediction, name: string): Promise<NodeLine> {
  const line = await lookAt(prediction, name, wish)
  const underWay = line.forecast?.underWay ?? []
  for (const guest of underWay) await prediction.follow(name, guest, (text) => void say(talk, text))
  return underWay.length === 0 ? line : lookAt(prediction, name, wish)
}

async function moveOne(prediction: Prediction, move: MoveLine, tell: Tell): Promise<Moved> {
  const { guest, from, to } = move
  try {
    await prediction.move(move, tell)
    return { guest, from, to }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    return { guest, from, error: { code: error.code, message: error.message } }
  }
}

async function tellEnd(talk: Talk, wish: PredictWish, moved: readonly Moved[], stays: number): Promise<void> {
  const gone = moved.filter(({ error }) => error === undefined).length
  const rest = stays > 0 ? `; ${stays} cannot go` : ''
  await say(talk, `Moved: ${gone} of ${moved.length}${rest}. Where they are: ${completeHint('orion vm list', wish)}`)
  if (gone < moved.length) await say(talk, `What failed may be tried again: ${completeHint(commandOf(wish), wish)}`)
}
