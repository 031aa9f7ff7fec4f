// Some cores out of those that are free: near each other, of one kind, from the top.
import { groupBy } from '../../site/rules/lookup.ts'
import { type Core, firstCpu } from './topology.ts'

/** From the narrowest to the widest: what the cores of one choice have in common. */
const NEAR: readonly ((core: Core) => string)[] = [({ node, kind }) => `${node} ${kind}`, ({ node }) => `${node}`]
const FAR: readonly ((core: Core) => string)[] = [({ kind }) => kind, () => '']

/**
 * `count` of the free cores, or undefined where there are fewer. On one NUMA node where they fit, and there of one kind,
 * performance before efficiency; the core of CPU 0 only where it does not go without, as the kernel has work of its own there.
 * Of several places the one that it fills best, so that a larger guest finds room after it. Pure.
 */
export function pickCores(free: readonly Core[], count: number): readonly Core[] | undefined {
  const pick = (levels: typeof NEAR, isSpared: boolean) => pickAmong(free, count, { levels, isSpared })
  return pick(NEAR, true) ?? pick(NEAR, false) ?? pick(FAR, true) ?? pick(FAR, false)
}

interface Picking {
  readonly levels: typeof NEAR
  /** Without the core of CPU 0. */
  readonly isSpared: boolean
}

function pickAmong(free: readonly Core[], count: number, { levels, isSpared }: Picking): readonly Core[] | undefined {
  const usable = (pool: readonly Core[]) => pool.filter(({ cpus }) => !isSpared || !cpus.includes(0))
  for (const alike of levels) {
    const pools = [...groupBy(free, alike).values()].filter((pool) => usable(pool).length >= count)
    const [best] = pools.sort((a, b) => rank(a) - rank(b) || a.length - b.length || top(b) - top(a))
    if (best !== undefined) return usable(best).slice(-count)
  }
  return undefined
}

const rank = (pool: readonly Core[]): number => (pool.some(({ kind }) => kind === 'performance') ? 0 : 1)

const top = (pool: readonly Core[]): number => Math.max(...pool.map(firstCpu))
