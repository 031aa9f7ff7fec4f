// orion keeper test: every node is asked what its Keeper would do at a temperature. Nothing is done.
import type { TestLine } from '../console/keeper-test-view.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import { refuseUnknownNodes } from './selection.ts'
import type { SiteFlags } from './session.ts'
import { show } from './talk.ts'

/** The nodes' side of it (parts/keeper/rehearsal.ts). */
interface Rehearsal {
  readonly names: readonly string[]
  ask(node: string, celsius: number): Promise<NonNullable<TestLine['test']>>
}

export interface TestWish extends SiteFlags {
  readonly node?: readonly string[] | undefined
  /** °C. */
  readonly temperature: number
  readonly open: (site: Site, outside: Outside, nodes?: readonly string[]) => Rehearsal
}

/** What a sensor may say at all; the Keeper takes anything beyond for a broken one. */
const LEAST = 1
const MOST = 125

/** `85C`, `85` in °C. Errors: E_USAGE. */
export async function toCelsius(text: string): Promise<number> {
  const celsius = Number(/^(\d{1,3}(?:\.\d)?)\s?°?C?$/i.exec(text)?.[1] ?? Number.NaN)
  if (celsius >= LEAST && celsius <= MOST) return celsius
  throw new OrionError(`--temperature wants one from ${LEAST}C to ${MOST}C, such as 85C, and not ${text}`, {
    code: 'E_USAGE',
  })
}

/** Exit 1 where a node could not be asked. Errors: E_USAGE for an unknown node. */
export async function testKeepers({ session, json }: Talk, wish: TestWish): Promise<Result> {
  refuseUnknownNodes(session.site, wish.node)
  const rehearsal = wish.open(session.site, session.outside, wish.node)
  const lines = await Promise.all(rehearsal.names.map((node) => ask(rehearsal, node, wish)))
  await show({ json }, async (look) => (await import('../console/keeper-test-view.ts')).renderTests(lines, look))
  const failed = lines.some(({ problem }) => problem !== undefined)
  return { exit: failed ? EXIT.failed : EXIT.ok, document: { site: session.site.name, nodes: lines } }
}

async function ask(rehearsal: Rehearsal, node: string, wish: TestWish): Promise<TestLine> {
  try {
    return { node, test: await rehearsal.ask(node, wish.temperature) }
  } catch (error) {
    if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
    const { message, suggestions } = error
    return { node, problem: { message, suggestions: suggestions.map((hint) => completeHint(hint, wish)) } }
  }
}
