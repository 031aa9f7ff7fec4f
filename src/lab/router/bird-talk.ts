// What the commands of birdc have in common: what they work on, and how they say when.
import type { Machine } from '../host/machine.ts'
import type { BirdState, HostState } from '../host/state.ts'
import type { BirdConfig } from './bird-config.ts'

/** What a command of birdc works on. */
export interface BirdTalk {
  readonly machine: Machine
  readonly host: HostState
  readonly state: BirdState
  readonly config: BirdConfig
}

/** As `timeformat … iso long` has it. */
export function birdTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
