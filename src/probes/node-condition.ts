// Proof that a node is in step with the time, has nothing that waits for its restart, and that its pools are whole.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

interface Waiting {
  readonly since?: string
}

/** What is seen of it. */
export interface SeenNode {
  readonly isInStep?: boolean
  readonly kernel?: Waiting & { readonly running: string; readonly next: string }
  readonly restart?: Waiting & { readonly packages: readonly string[] }
  readonly staged?: Waiting
  readonly pools: readonly { readonly name: string; readonly health: string }[]
}

/** `look`: undefined where the node says nothing of itself. */
type LookAt = (outside: Outside) => Promise<SeenNode | undefined>

type Judge = (node: string, seen: SeenNode) => Omit<ProbeResult, 'expected'>

/** Three checks of one look. */
export function nodeCondition(node: string, look: LookAt): readonly Probe[] {
  const make = (kind: string, expected: string, judge: Judge): Probe => ({
    id: `${kind}:${node}`,
    title: node,
    run: async (outside) => {
      const seen = await look(outside)
      return seen === undefined
        ? { state: 'unknown', expected, seen: 'the node says nothing of itself' }
        : { expected, ...judge(node, seen) }
    },
  })
  return [
    make('clock', 'in step with a time source', judgeClock),
    make('pending-restart', 'nothing that is stored and not in force', judgeRestart),
    make('pool-health', 'every pool ONLINE', judgePools),
  ]
}

/** Certificates, sessions and logs go by it. */
const judgeClock: Judge = (node, { isInStep }) => {
  if (isInStep) return { state: 'ok', seen: 'in step' }
  const hint = `as root on ${node}: chronyc sources, or timedatectl timesync-status`
  // A node that has just started needs a minute.
  const seen = isInStep === undefined ? 'nobody there knows' : 'not in step'
  return { state: 'warning', seen, hint, settles: true }
}

const judgeRestart: Judge = (node, { kernel, restart, staged }) => {
  const isOld = kernel !== undefined && kernel.running !== kernel.next
  const texts = [
    ...(isOld ? [`kernel ${kernel.next}, and ${kernel.running} runs`] : []),
    ...(restart ? [`a restart for ${restart.packages.join(', ') || 'updates'}`] : []),
    ...(staged ? ['changes of the network that nobody applied (/etc/network/interfaces.new)'] : []),
  ]
  if (texts.length === 0) return { state: 'ok', seen: 'nothing' }
  const hints = [
    ...(isOld || restart ? [`restart ${node} when its guests can do without it`] : []),
    ...(staged ? [`apply them or drop them on the page Network of ${node}`] : []),
  ]
  const dates = [isOld ? kernel.since : undefined, restart?.since, staged?.since].filter((one) => one !== undefined)
  const [since] = dates.toSorted()
  return { state: 'warning', seen: texts.join('; '), hint: hints.join('; '), ...(since === undefined ? {} : { since }) }
}

/** A pool that is DEGRADED works, and the next disk takes it along: that is red. */
const judgePools: Judge = (node, { pools }) => {
  const bad = pools.filter(({ health }) => health !== 'ONLINE')
  if (bad.length === 0) return { state: 'ok', seen: pools.map(({ name }) => name).join(', ') || 'no pools' }
  const seen = bad.map(({ name, health }) => `${name} is ${health}`).join(', ')
  return { state: 'failed', seen, hint: `which disk it is, as root on ${node}: zpool status ${bad[0]?.name}` }
}
