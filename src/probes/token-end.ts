// Proof that the API token that orion works with, and its user, do not end soon.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { SeenEnd } from '../resources/token-end.ts'
import { judgeEnd, leftText } from './ending.ts'

/** `look`: who we work as, and orion's own token with its user, as far as we may see them. The one that ends first speaks. */
export function tokenEnd(
  cluster: string,
  title: string,
  look: (outside: Outside) => Promise<readonly SeenEnd[]>,
): Probe {
  const expected = 'no end within 30 days'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const found = await look(outside)
    const ending = found.filter(({ expire }) => expire > 0).sort((one, other) => one.expire - other.expire)
    const [first] = ending
    if (found.length === 0) return { state: 'warning', expected, seen: 'who we work as may not see when it ends' }
    if (first === undefined)
      return { state: 'ok', expected, seen: `${found.map(({ name }) => name).join(', ')}: no end` }
    const { name, expire } = first
    const [endMs, nowMs] = [1000 * expire, Date.now()]
    const state = judgeEnd(endMs, nowMs)
    const seen = `${name} ${leftText(endMs, nowMs)}`
    if (state === 'ok') return { state, expected, seen }
    return {
      state,
      expected,
      seen,
      hint: hintOf(name),
      ...(endMs <= nowMs ? { since: new Date(endMs).toISOString() } : {}),
    }
  }
  return { id: `token-end:${cluster}/${title}`, title, run }
}

function hintOf(name: string): string {
  const [user = name, token] = name.split('!')
  const command =
    token === undefined ? `pveum user modify ${user} --expire 0` : `pveum user token modify ${user} ${token} --expire 0`
  return `give it more time, as root on a node of the cluster: ${command}`
}
