// What a host says of the restart that orion armed there (templates/gpu/orion-reboot.eta).
import { type Facts, type HostFacts, said } from './host-facts.ts'

/** The program on the host. */
export const REBOOT = '/usr/local/sbin/orion-reboot'
const FACT = 'reboot-state'
/** Another one after each start (random(4)). */
export const BOOT_ID = ['cat', '/proc/sys/kernel/random/boot_id'] as const

/** What a resource of a restart reads. */
export const rebootFacts: Facts = { commands: { [FACT]: [REBOOT, 'state'] } }

const STATES = ['none', 'armed', 'booted', 'confirmed', 'restoring', 'restarting', 'restored', 'failed'] as const

export interface RebootState {
  /**
   * `armed`: it waits for the start that comes. `booted`: that was, and nobody has confirmed it. `restoring`, `restarting`: it puts
   * files back, and restarts with them. `restored`: that was. `failed`: they could not be put back.
   */
  readonly state: (typeof STATES)[number]
  readonly mode: string
  /** `02:00-05:00`; '' = at once. */
  readonly window: string
  /** The start in which it was armed. */
  readonly boot: string
  /** Why it went back. */
  readonly reason: string
}

/** A host without the program never had one. Pure. */
export function stateOf(seen: HostFacts): RebootState {
  return parseReboot(said(seen, FACT) ?? '')
}

/** Lines of `key=value`. Pure. */
export function parseReboot(text: string): RebootState {
  const rows = [...text.matchAll(/^([a-z]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value] as const)
  const {
    state,
    mode = '',
    window = '',
    boot = '',
    reason = '',
  } = Object.fromEntries(rows) as Partial<Record<string, string>>
  return { state: STATES.find((one) => one === state) ?? 'none', mode, window, boot, reason }
}
