// What goes wrong on a simulated host on demand: a connection that breaks, a program that is slow or fails, no host at all.

export interface HostFaultMatch {
  /** Name of the node; default all. */
  readonly host?: string
  /** Regular expression over `ifreload -a -s`, `orion-guard confirm …`, `orion-read …`: program and arguments; default all. */
  readonly command?: string
  /** The first match that it strikes, counted from 1; default 1. */
  readonly nth?: number
  /** How many matches it strikes; default 1, 0 = all. */
  readonly times?: number
}

/** `drop-before`: the connection breaks, and nothing was run; `drop-after`: it was. `unreachable`: until the faults are cleared. */
export type HostFaultAction =
  | 'drop-before'
  | 'drop-after'
  | 'unreachable'
  | { readonly delay: number }
  | { readonly code: number; readonly stderr?: string }

export interface HostFaultRule {
  readonly match: HostFaultMatch
  readonly action: HostFaultAction
}

export interface HostFaults {
  add(...rules: HostFaultRule[]): void
  clear(): void
  isUnreachable(host: string): boolean
  /** The way a command that came over SSH breaks its connection; each call counts as one match. */
  drop(host: string, command: string): 'drop-before' | 'drop-after' | undefined
  /** What happens to a program, however it was started. */
  spoil(host: string, command: string): Exclude<HostFaultAction, string> | undefined
}

/** No faults yet; one for all hosts of a lab. `changed` is called with every change. */
export function makeHostFaults(changed: () => void): HostFaults {
  let armed: { readonly rule: HostFaultRule; seen: number }[] = []
  const strike = (host: string, command: string, kinds: (action: HostFaultAction) => boolean) =>
    armed.find((entry) => {
      const { match, action } = entry.rule
      const fits = kinds(action) && (match.host ?? host) === host && new RegExp(match.command ?? '').test(command)
      if (!fits) return false
      entry.seen += 1
      const { nth = 1, times = 1 } = match
      return entry.seen >= nth && (times === 0 || entry.seen < nth + times)
    })?.rule.action
  return {
    add(...rules) {
      armed.push(...rules.map((rule) => ({ rule, seen: 0 })))
      changed()
    },
    clear() {
      armed = []
      changed()
    },
    isUnreachable: (host) =>
      armed.some(({ rule: { match, action } }) => action === 'unreachable' && (match.host ?? host) === host),
    drop(host, command) {
      const action = strike(host, command, (kind) => kind === 'drop-before' || kind === 'drop-after')
      return action === 'drop-before' || action === 'drop-after' ? action : undefined
    },
    spoil(host, command) {
      const action = strike(host, command, (kind) => typeof kind === 'object')
      return typeof action === 'object' ? action : undefined
    },
  }
}

/** A rule out of JSON, or undefined where it is none. */
export function toHostFaultRule(value: Readonly<Record<string, unknown>>): HostFaultRule | undefined {
  const { match, action } = value
  if (typeof match !== 'object' || match === null) return undefined
  const { command = '' } = match as HostFaultMatch
  const named = action === 'drop-before' || action === 'drop-after' || action === 'unreachable'
  const counted = typeof action === 'object' && action !== null && ('delay' in action || 'code' in action)
  if (typeof command !== 'string' || !(named || counted)) return undefined
  try {
    new RegExp(command)
  } catch {
    return undefined
  }
  return { match, action: action as HostFaultAction }
}
