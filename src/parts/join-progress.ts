// How far a node has joined, in a file of its own: the next run goes on from there, whoever makes it.
import type { HostFacts } from '../resources/host-facts.ts'

export const PROGRESS_FILE = '/var/lib/orion/join/progress'

export interface Progress {
  /** The last step that was done, 1 to 5. */
  readonly step: number
  /** When the joining began, and when that step was done; ISO 8601. */
  readonly since: string
  readonly at: string
}

/** undefined where none was begun, or it was begun as another node. Pure. */
export function progressOf(seen: HostFacts, node: string): Progress | undefined {
  const lines = (seen.files.get(PROGRESS_FILE)?.text ?? '').split('\n').map((line) => line.split(' '))
  const { node: name, step, since, at } = Object.fromEntries(lines) as Partial<Record<string, string>>
  if (name !== node || step === undefined || !/^[1-5]$/.test(step) || since === undefined || at === undefined)
    return undefined
  return { step: Number(step), since, at }
}

export function progressText(node: string, { step, since, at }: Progress): string {
  return [`node ${node}`, `step ${step}`, `since ${since}`, `at ${at}`, ''].join('\n')
}
