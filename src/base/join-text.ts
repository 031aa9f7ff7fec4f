// What orion bootstrap join says of its steps, and what is next.
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'

/** In their order: step 1 is the first. */
export const STEPS = [
  'hardware: what the machine has, against its tier and the site file',
  'network: its own, and its links of the mesh, still without traffic',
  'services: storage, guests, and what runs on them',
  'first state: every check, before anybody depends on it',
  'traffic: by degrees, with a check between',
] as const

/** The same as words for --step. */
export const STEP_NAMES = ['hardware', 'network', 'services', 'state', 'traffic'] as const

/** `ended`: the last step before this run; `chosen`: of --step. */
export function headText(node: string, site: string, ended: number, chosen: readonly number[]): string {
  const how = ended === 0 ? `joins ${site}` : ended < STEPS.length ? 'goes on joining' : 'has joined; once more'
  return [`${node} ${how}:`, ...chosen.map((step) => `  ${step} ${STEPS[step - 1]}`)].join('\n')
}

/** `gateways`: of the mesh, on this node. */
export function doneText(
  { node, gateways }: { readonly node: string; readonly gateways: readonly string[] },
  done: number,
  flags: SiteFlags,
): readonly string[] {
  if (done < STEPS.length) return [completeHint(`Next, step ${done + 1}: orion bootstrap join ${node}`, flags)]
  const [gateway] = gateways
  const see = gateway === undefined ? `orion verify --node ${node}` : `orion mesh status ${gateway}`
  return [completeHint(`Done: ${node} carries its part. To see it: ${see}`, flags)]
}

/** What a check found is mended by the step that makes it. */
export function stoppedText(node: string, step: number, flags: SiteFlags): readonly string[] {
  const again = `orion bootstrap join ${node}`
  if (step < 4)
    return [completeHint(`Step ${step} is not done. It is tried again, and then gone on, by ${again}`, flags)]
  const mend = `Network and mesh once more: ${again} --step network; services: ${again} --step services`
  return [`Step ${step} is not done.`, completeHint(mend, flags), completeHint(`Then go on: ${again}`, flags)]
}

export function alreadyText(node: string, at: string): string {
  return `Nothing to do: ${node} has joined (${at.slice(0, 16).replace('T', ' ')} UTC). One step again: --step ${STEP_NAMES.join(', ')}.`
}
