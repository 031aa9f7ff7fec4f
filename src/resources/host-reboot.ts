// A restart of a host, for what its files say and what is in force only after one: armed by the host itself, which puts the files back
// that it does not come back with, and confirmed over a new connection.
import { OrionError } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { Difference, Note, Outside, Resource } from '../resource.ts'
import { readFacts, refuseFacts } from './host-facts.ts'
import {
  diffReboot,
  getOwnProblems,
  type HaveReboot,
  type HostRebootOptions,
  isUnderWay,
  refuseState,
  type Timing,
} from './host-reboot-plan.ts'
import { comeBack, type Return } from './host-reboot-return.ts'
import { parseReboot, REBOOT, stateOf } from './host-reboot-state.ts'
import { inTurn } from './host-turn.ts'

const TIMING: Timing = { confirmWithinSeconds: 600, limitMs: 900_000, everyMs: 1000 }

/**
 * Errors: E_HOST_FACTS where it must not restart now; E_ROLLED_BACK where it came back without its network, or nobody got to it in
 * time, and it put its files back; E_HOST_BUSY while it does so; E_HOST_LOST where it stays away; E_NOT_CONVERGED where it did not
 * help; E_INTERRUPTED, and the restart goes on.
 */
export function hostReboot(options: HostRebootOptions): Resource<HaveReboot> {
  const { host: name, topic } = options
  const title = `restart of ${name}`
  return {
    id: `reboot:${name}/${topic}`,
    title,
    needs: options.needs,
    observe: async (outside) => {
      const seen = await readFacts(await outside.host(name), options.wish)
      const have = { seen, reboot: stateOf(seen), pending: options.pending(seen) }
      refuseState(options, have)
      if (options.mode !== 'never' && have.pending.length > 0)
        refuseFacts(name, title, [...getOwnProblems(options), ...(options.problems?.(seen) ?? [])])
      return have
    },
    diff: (have) => (have === undefined ? [] : diffReboot(options, have)),
    create: () => Promise.resolve(), // A host is always there.
    update: async (outside, have, note) => {
      const host = await outside.host(name)
      try {
        await inTurn(host, () => bring(options, host, { outside, have, note }))
      } finally {
        host.forget()
      }
    },
    remove: () => Promise.resolve(), // What was restarted was restarted.
  }
}

interface Step {
  readonly outside: Outside
  readonly have: HaveReboot
  readonly note: Note
}

async function bring(options: HostRebootOptions, host: Host, { outside, have, note }: Step): Promise<void> {
  const { reboot, pending } = have
  const timing = { ...TIMING, ...options.timing }
  const goBack: Return = { ...timing, host, note, signal: outside.signal }
  if (!isUnderWay(reboot)) {
    if (pending.length === 0) return void (await host.run([REBOOT, 'cancel']))
    const armed = await arm(options, host, timing.confirmWithinSeconds)
    const back = 'comes back with its network or puts the old files back and restarts once more'
    note({ kind: 'info', text: `armed: ${host.name} ${back}` })
    if (options.mode === 'window') return
    await comeBack(goBack, armed.boot)
  } else {
    await comeBack(goBack, reboot.boot)
  }
  await untilItWorks(options, outside, { note, timing })
  // One that another run armed may have been for less.
  if (isUnderWay(reboot)) return
  host.forget()
  refuseRest(options, options.pending(await readFacts(host, options.wish)))
}

/** A second restart would not help. */
function refuseRest({ host, doctor }: HostRebootOptions, rest: readonly Difference[]): void {
  if (rest.length === 0) return
  const lines = rest.map(({ field, have = 'none', want = 'none' }) => `\n  ${field} is ${have}, not ${want}`)
  throw new OrionError(`${host} restarted and is confirmed, and this is still not in force:${lines.join('')}`, {
    code: 'E_NOT_CONVERGED',
    suggestions: [doctor],
  })
}

/** Where it was killed between the writing down and the restart, the same again does no harm. */
async function arm({ mode, window = '', changes }: HostRebootOptions, host: Host, seconds: number) {
  const when = mode === 'window' ? ['window', ...window.split('-')] : ['now', String(seconds)]
  const { stdout } = await host.run([REBOOT, 'arm', ...when, ...changes])
  return parseReboot(stdout)
}

/** What comes next wants Proxmox VE, which starts after sshd does. */
async function untilItWorks(
  { host, answers }: HostRebootOptions,
  outside: Outside,
  { note, timing: { limitMs, everyMs } }: { readonly note: Note; readonly timing: Timing },
): Promise<void> {
  if (answers === undefined) return
  const end = performance.now() + Math.min(limitMs, 300_000)
  for (;;) {
    try {
      return void (await answers(outside))
    } catch (error) {
      if (outside.signal.aborted) throw error
      if (performance.now() < end) await new Promise((go) => setTimeout(go, everyMs))
      else return note({ kind: 'warning', text: `${host} is back, and Proxmox VE there does not answer yet` })
    }
  }
}
