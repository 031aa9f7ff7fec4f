// …/status/*: starting, stopping and watching VMs and containers.

import type { ConfigRules } from '../config-rules.ts'
import { containerRules } from '../container-options.ts'
import { getGuest, guestRow, kindName } from '../guest.ts'
import { checkConfigLock, withGuestLock } from '../guest-lock.ts'
import { bootGuest, haltGuest, POWER_MS } from '../guest-start.ts'
import { isRootTicket } from '../permissions.ts'
import { parseProperties } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import type { Call, Handler, Routes } from '../route.ts'
import { type Job, startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import type { GuestState } from '../world.ts'

interface Action {
  /** Refused at once, before any task, unless the guest runs. */
  readonly wantsRunning: 'qemu' | 'lxc' | 'both' | 'none'
  run(call: Call, guest: GuestState, rules: ConfigRules, job: Job): Promise<void>
}

const actions: Readonly<Record<string, Action>> = {
  start: {
    wantsRunning: 'none',
    run: (call, guest, rules, job) => bootGuest(call.world, guest, rules, job, call.params.skiplock === true),
  },
  stop: { wantsRunning: 'lxc', run: (call, guest, rules, job) => halt(call, guest, rules, job, POWER_MS.stop) },
  shutdown: { wantsRunning: 'lxc', run: (call, guest, rules, job) => halt(call, guest, rules, job, POWER_MS.shutdown) },
  reboot: {
    wantsRunning: 'both',
    async run(call, guest, rules, job) {
      await halt(call, guest, rules, job, POWER_MS.shutdown)
      await bootGuest(call.world, guest, rules, job)
    },
  },
  reset: {
    wantsRunning: 'both',
    async run(call, guest, _rules, job) {
      await job.take(POWER_MS.reset)
      guest.startedAt = call.world.now()
    },
  },
  suspend: { wantsRunning: 'both', run: (call, guest, _rules, job) => pause(call, guest, job, true) },
  resume: { wantsRunning: 'both', run: (call, guest, _rules, job) => pause(call, guest, job, false) },
}

async function halt(call: Call, guest: GuestState, rules: ConfigRules, job: Job, ms: number): Promise<void> {
  if (call.params.skiplock !== true) checkConfigLock(guest)
  if (guest.status === 'stopped') return
  await job.take(ms)
  haltGuest(call.world, guest, rules)
}

async function pause(call: Call, guest: GuestState, job: Job, paused: boolean): Promise<void> {
  await job.take(POWER_MS.reset)
  guest.paused = paused
  call.world.changed()
}

function power(name: string, rules: ConfigRules): Handler {
  const action = actions[name]
  return (call) => {
    const guest = getGuest(call, rules.kind)
    checkSkipLock(call)
    checkRunning(name, action?.wantsRunning ?? 'none', guest)
    const type = `${rules.kind === 'qemu' ? 'qm' : 'vz'}${name}`
    return startTask(call.world, { node: guest.node, type, id: String(guest.vmid), who: call.who }, (job) =>
      withGuestLock(call.world, guest, async () => {
        if (call.world.state.guests[String(guest.vmid)] !== guest) getGuest(call, rules.kind)
        await action?.run(call, guest, rules, job)
      }),
    )
  }
}

function checkSkipLock(call: Call): void {
  if (call.params.skiplock !== true || isRootTicket(call.who)) return
  throw invalid({ skiplock: 'Only root may use this option.' })
}

/** Containers are looked at before the task; a VM that runs already is only noticed inside it. */
function checkRunning(action: string, wanted: Action['wantsRunning'], { kind, vmid, status }: GuestState): void {
  const running = status === 'running'
  if (action === 'start' && kind === 'lxc' && running) throw failure(`CT ${vmid} already running`)
  if (!running && (wanted === 'both' || wanted === kind)) throw failure(`${kindName(kind)} ${vmid} not running`)
}

function current(call: Call, rules: ConfigRules): unknown {
  const guest = getGuest(call, rules.kind)
  const row = { ...guestRow(call.world, guest), ha: { managed: 0 } }
  if (rules.kind === 'lxc') return row
  const agent = parseProperties(String(guest.config.agent ?? '0'), 'enabled').enabled
  const qmpstatus = guest.paused ? 'paused' : guest.status
  return { ...row, qmpstatus, ...(agent === '1' ? { agent: 1 } : {}) }
}

function statusRoutes(folder: 'qemu' | 'lxc', rules: ConfigRules, names: readonly string[]): Routes {
  const base = `/nodes/{node}/${folder}/{vmid}/status`
  return {
    [`GET ${base}`]: () => ['current', ...names].map((subdir) => ({ subdir })),
    [`GET ${base}/current`]: (call) => current(call, rules),
    ...Object.fromEntries(names.map((name) => [`POST ${base}/${name}`, power(name, rules)])),
  }
}

const forBoth = ['start', 'stop', 'shutdown', 'reboot', 'suspend', 'resume']

export const powerRoutes: Routes = {
  ...statusRoutes('qemu', vmRules, [...forBoth, 'reset']),
  ...statusRoutes('lxc', containerRules, forBoth),
}
