// Proof that the certificates of a node's API are good for a while.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import { judgeEnd, leftText } from './ending.ts'

/** What renews each of them; by the file below /etc/pve. */
const REMEDIES: Readonly<Record<string, (node: string) => string>> = {
  'pve-ssl.pem': (node) =>
    `Proxmox VE renews it by itself in its last two weeks; at once, as root on ${node}: pvecm updatecerts --force`,
  'pveproxy-ssl.pem': (node) => `as root on ${node}: pvenode acme cert renew, or pvenode cert set with a new one`,
  'pve-root-ca.pem': (node) =>
    `it signs the certificates of all nodes; as root on ${node}: pvecm updatecerts --force after it was made anew`,
}

interface Certificate {
  readonly filename?: string
  /** Seconds since the epoch. */
  readonly notafter?: number
}

/** The one that ends first speaks. A warning 30 days before its end, red 3 days before. Anybody may ask that of the API. */
export function certificate(node: string): Probe {
  const expected = 'every certificate good for 30 days'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const cluster = outside.pve.cluster(node)
    const rows: readonly Certificate[] = await cluster.once(`certificates:${node}`, () =>
      cluster.api.nodes.$(node).certificates.info.$get(),
    )
    const [first, ...others] = rows.flatMap(endOf).sort((one, other) => one.endMs - other.endMs)
    if (first === undefined) return { state: 'unknown', expected, seen: 'the node tells of no certificate' }
    const { name, endMs } = first
    const state = judgeEnd(endMs, Date.now())
    const seen = `${name} ${leftText(endMs, Date.now())}${state === 'ok' && others.length > 0 ? ', the others later' : ''}`
    if (state === 'ok') return { state, expected, seen }
    const remedy = REMEDIES[name]
    const isOver = endMs <= Date.now() ? { since: new Date(endMs).toISOString() } : {}
    return { state, expected, seen, ...(remedy === undefined ? {} : { hint: remedy(node) }), ...isOver }
  }
  return { id: `certificate:${node}`, title: node, run }
}

function endOf({ filename = 'a certificate', notafter }: Certificate): { name: string; endMs: number }[] {
  return notafter === undefined ? [] : [{ name: filename, endMs: 1000 * Number(notafter) }]
}
