// What orion bootstrap join says of its steps, and what is next.
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'

/** In their order: step 1 is the first. */
export const STEPS = [
  'hardware: what the machine has, against the tier of its cluster and the site file',
  'network: its own, and its links of the mesh, which carry nobody’s traffic yet',
  'services: storage, guests, and what runs on them',
  'first state: every check, before anybody depends on it',
  'traffic: by degrees, with a check between',
] as const

export function doneText(node: string, done: number, flags: SiteFlags): readonly string[] {
  const next =
    done < STEPS.length
      ? `Next, step ${done + 1}: orion bootstrap join ${node}`
      : `Done: ${node} carries its part. To see it: orion mesh status ${node}`
  return [completeHint(next, flags)]
}

/** What a check found is mended by the step that makes it. */
export function stoppedText(node: string, step: number, flags: SiteFlags): readonly string[] {
  const again = `orion bootstrap join ${node}`
  if (step < 4)
    return [completeHint(`Step ${step} is not done. It is tried again, and then gone on, by ${again}`, flags)]
  const mend = `Network and mesh once more: ${again} --step 2; services: ${again} --step 3`
  return [`Step ${step} is not done.`, completeHint(mend, flags), completeHint(`Then go on: ${again}`, flags)]
}

export function alreadyText(node: string, at: string): string {
  return `Nothing to do: ${node} has joined (${at.slice(0, 16).replace('T', ' ')} UTC). One step again: --step 1 to 5.`
}
