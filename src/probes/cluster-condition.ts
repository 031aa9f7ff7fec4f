// Proof that a cluster has its majority with a vote to spare, and that what it keeps highly available is well.
import type { Outside, Probe, ProbeResult } from '../resource.ts'

interface SeenCluster {
  /** Undefined where the node is no member of a cluster. */
  readonly votes?: {
    readonly expected: number
    readonly total: number
    readonly needed: number
    readonly isQuorate: boolean
  }
  readonly managed: readonly { readonly kind: 'lrm' | 'service'; readonly name: string; readonly text: string }[]
}

/** `look`: as the first of its nodes that answers sees it; undefined where it says nothing. */
export function clusterCondition(
  cluster: string,
  look: (outside: Outside) => Promise<SeenCluster | undefined>,
): readonly Probe[] {
  const make = (
    kind: string,
    expected: string,
    judge: (seen: SeenCluster) => Omit<ProbeResult, 'expected'>,
  ): Probe => ({
    id: `${kind}:${cluster}`,
    title: cluster,
    run: async (outside) => {
      const seen = await look(outside)
      return seen === undefined
        ? { state: 'unknown', expected, seen: 'none of its nodes says anything of it' }
        : { expected, ...judge(seen) }
    },
  })
  return [
    make('quorum', 'a majority, with one vote to spare', judgeVotes),
    make('high-availability', 'nothing in error', judgeManaged),
  ]
}

function judgeVotes({ votes }: SeenCluster): Omit<ProbeResult, 'expected'> {
  if (votes === undefined)
    return {
      state: 'failed',
      seen: 'no cluster there',
      hint: 'the nodes are one cluster in the site file: pvecm status on each',
    }
  const { expected, total, needed, isQuorate } = votes
  const seen = `${total} of ${expected} votes, ${needed} needed`
  const settles = { settles: true } as const
  if (!isQuorate)
    return {
      state: 'failed',
      seen: `no majority: ${seen}`,
      hint: 'pvecm status on each node says who is away',
      ...settles,
    }
  if (total > needed) return { state: 'ok', seen }
  if (total < expected)
    return {
      state: 'warning',
      seen: `${seen}: none to spare`,
      hint: 'bring back who is away: pvecm status',
      ...settles,
    }
  const hint = 'a third vote from outside of the cluster: pvecm qdevice setup ADDRESS'
  return { state: 'warning', seen: `${seen}: none to spare`, hint }
}

const WRONG = /\b(error|fence|recovery|dead|unknown)\b/

function judgeManaged({ managed }: SeenCluster): Omit<ProbeResult, 'expected'> {
  const bad = managed.filter(({ text }) => WRONG.test(text))
  const services = managed.filter(({ kind }) => kind === 'service').length
  if (bad.length === 0) return { state: 'ok', seen: services === 0 ? 'nothing is managed' : `${services} services` }
  const seen = bad.map(({ kind, name, text }) => `${kind} ${name}: ${text}`).join('; ')
  return { state: 'failed', seen, hint: 'ha-manager status on a node of the cluster', settles: true }
}
