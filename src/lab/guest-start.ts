// Starting and stopping guests: what a start checks on its node, and what comes into force with it.

import type { ConfigRules } from './config-rules.ts'
import { startedThreads } from './cores/threads.ts'
import { takeDevices } from './device/guest-devices.ts'
import { isCdrom, isDriveKey, parseDrive } from './drive.ts'
import { kindName } from './guest.ts'
import { applyPending } from './guest-config.ts'
import { checkConfigLock } from './guest-lock.ts'
import { hasBridge } from './network.ts'
import { parseProperties } from './property.ts'
import { failure } from './refusal.ts'
import type { Job } from './tasks.ts'
import { findVolume } from './volume.ts'
import type { GuestState, World } from './world.ts'

/** What each step lasts, in milliseconds at pace 1. */
export const POWER_MS = { start: 250, stop: 100, shutdown: 300, reset: 50 } as const

type Node = World['state']['hardware']['nodes'][number]

/** The work of a start, with the lock held. `skipLock` lets root pass a lock in the configuration by. */
export async function bootGuest(
  world: World,
  guest: GuestState,
  rules: ConfigRules,
  job: Job,
  skipLock = false,
): Promise<void> {
  const name = `${kindName(guest.kind)} ${guest.vmid}`
  if (!skipLock) checkConfigLock(guest)
  if (guest.status === 'running') throw failure(`${name} already running`)
  if (guest.config.template === 1) {
    const what = guest.kind === 'qemu' ? 'a vm if it' : 'a container if it'
    throw failure(`you can't start ${what}'s a template`)
  }
  applyPending(world, guest, rules)
  await job.take(POWER_MS.start)
  const node = world.state.hardware.nodes.find((candidate) => candidate.name === guest.node)
  if (node) checkHost(world, guest, node, job)
  guest.status = 'running'
  guest.startedAt = world.now()
  if (guest.kind === 'qemu') guest.threads = startedThreads(world, guest)
  delete guest.paused
  world.changed()
}

function checkHost(world: World, guest: GuestState, node: Node, job: Job): void {
  if (guest.kind === 'qemu') {
    checkProcessors(guest, node)
    checkDrives(world, guest)
  }
  const problem = missingBridge(world, guest) ?? missingMemory(guest, node)
  if (problem === undefined) {
    takeDevices(world, guest)
    return
  }
  job.log(problem)
  throw failure(
    guest.kind === 'qemu'
      ? `start failed: QEMU exited with code 1: ${problem}`
      : `startup for container '${guest.vmid}' failed: ${problem}`,
  )
}

function checkProcessors({ config }: GuestState, { threads }: Node): void {
  const wanted = Number(config.vcpus ?? Number(config.cores ?? 1) * Number(config.sockets ?? 1))
  if (wanted > threads) throw failure(`MAX ${threads} vcpus allowed per VM on this node`)
}

function checkDrives(world: World, guest: GuestState): void {
  for (const [key, value] of Object.entries(guest.config)) {
    if (!isDriveKey(key)) continue
    const drive = parseDrive(String(value))
    const named = drive.file.includes(':') || isCdrom(drive)
    if (!named || drive.file === 'none' || drive.file === 'cdrom') continue
    if (!findVolume(world, guest.node, drive.file)) throw failure(`volume '${drive.file}' does not exist`)
  }
}

function missingBridge(world: World, guest: GuestState): string | undefined {
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^net\d+$/.test(key)) continue
    const { bridge } = parseProperties(String(value), 'model')
    if (bridge !== undefined && !hasBridge(world, guest.node, bridge)) return `bridge '${bridge}' does not exist`
  }
  return undefined
}

function missingMemory({ config, kind }: GuestState, { memoryMib }: Node): string | undefined {
  const mib = Number(parseProperties(String(config.memory ?? 512), 'current').current)
  // A container's memory is a limit, not a reservation.
  if (kind === 'lxc' || mib <= memoryMib) return undefined
  return "cannot set up guest memory 'pc.ram': cannot allocate memory"
}

/** The end of a running guest; what waited for it comes into force. */
export function haltGuest(world: World, guest: GuestState, rules: ConfigRules): void {
  guest.status = 'stopped'
  delete guest.startedAt
  delete guest.threads
  delete guest.paused
  applyPending(world, guest, rules)
}
