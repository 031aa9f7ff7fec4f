// Faults on demand: lost connections, error answers, lock time-outs, slow or failing tasks.
import type { Endpoint } from './schema.ts'
import type { TaskFault } from './world.ts'

/** When a fault strikes. Everything left out matches. */
interface FaultMatch {
  readonly method?: string
  /** Regular expression over the template, e.g. `^/nodes/\\{node\\}/qemu$`. */
  readonly template?: string
  /** Regular expression over `type:id` of a task, e.g. `^qmcreate:200$`; makes it a rule for tasks only. */
  readonly task?: string
  /** The first match that it strikes, counted from 1; default 1. */
  readonly nth?: number
  /** How many matches it strikes; default 1, 0 = all. */
  readonly times?: number
}

/** What happens. `drop-before` loses the connection before anything took effect, `drop-after` when it has. */
export type FaultAction =
  | 'drop-before'
  | 'drop-after'
  | 'lock-timeout'
  | { readonly status: number; readonly message?: string }
  | { readonly delay: number }
  | { readonly slowTask: number }
  | { readonly failTask: string }
  | { readonly warnTask: string }

export interface FaultRule {
  readonly match: FaultMatch
  readonly action: FaultAction
}

export interface Faults {
  add(...rules: FaultRule[]): void
  clear(): void
  /** The action for this request, if a rule strikes; each call counts as one match. */
  strike(endpoint: Endpoint): FaultAction | undefined
  /** What is to happen to a task that starts now; fits World.taskFault. */
  taskFault(type: string, id: string): TaskFault | undefined
}

interface Armed {
  readonly rule: FaultRule
  seen: number
}

/** An empty set of faults, for one cluster. */
export function makeFaults(): Faults {
  let armed: Armed[] = []
  // Tasks of a request that a rule picked by its method and template.
  const ofRequests: TaskFault[] = []
  const find = (matches: (match: FaultMatch) => boolean) => armed.filter(({ rule }) => matches(rule.match)).find(isDue)
  return {
    add(...rules) {
      armed.push(...rules.map((rule) => ({ rule, seen: 0 })))
    },
    clear() {
      armed = []
      ofRequests.length = 0
    },
    strike({ method, template }) {
      const due = find(
        (match) =>
          match.task === undefined &&
          (match.method ?? method) === method &&
          new RegExp(match.template ?? '').test(template),
      )
      const fault = due && taskFaultOf(due.rule.action)
      if (fault) ofRequests.push(fault)
      return due && !fault ? due.rule.action : undefined
    },
    taskFault(type, id) {
      const due = find((match) => match.task !== undefined && new RegExp(match.task).test(`${type}:${id}`))
      return due ? taskFaultOf(due.rule.action) : ofRequests.shift()
    },
  }
}

/** A rule out of JSON, or undefined where it is none. */
export function toFaultRule(value: Readonly<Record<string, unknown>>): FaultRule | undefined {
  const { match, action } = value
  const named = action === 'drop-before' || action === 'drop-after' || action === 'lock-timeout'
  const numbers = ['status', 'delay', 'slowTask'].some((key) => typeof memberOf(action, key) === 'number')
  const texts = ['failTask', 'warnTask'].some((key) => typeof memberOf(action, key) === 'string')
  if (typeof match !== 'object' || match === null || !(named || numbers || texts)) return undefined
  if (![memberOf(match, 'template'), memberOf(match, 'task')].every(isPattern)) return undefined
  return { match, action: action as FaultAction }
}

function isPattern(value: unknown): boolean {
  try {
    return value === undefined || (typeof value === 'string' && new RegExp(value).source !== '')
  } catch {
    return false
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}

function isDue(armed: Armed): boolean {
  armed.seen += 1
  const { nth = 1, times = 1 } = armed.rule.match
  return armed.seen >= nth && (times === 0 || armed.seen < nth + times)
}

function taskFaultOf(action: FaultAction): TaskFault | undefined {
  if (typeof action !== 'object') return undefined
  if ('slowTask' in action) return { slowMs: action.slowTask }
  if ('failTask' in action) return { fail: action.failTask }
  return 'warnTask' in action ? { warn: action.warnTask } : undefined
}

/** What Proxmox VE says when the lock of a guest, or of a storage, could not be had. */
export function lockTimeoutText(ids: Readonly<Record<string, string>>, template: string): string {
  const { vmid, storage } = ids
  if (template.includes('/lxc'))
    return `can't lock file '/run/lock/lxc/pve-config-${vmid ?? '100'}.lock' - got timeout\n`
  if (template.includes('/qemu'))
    return `can't lock file '/var/lock/qemu-server/lock-${vmid ?? '100'}.conf' - got timeout\n`
  return `cfs-lock 'storage-${storage ?? 'local'}' error: got lock request timeout\n`
}
