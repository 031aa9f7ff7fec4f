// The key that Windows' disc waits for: UEFI starts it only where somebody presses one ("Press any key to boot from CD").
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Guest } from '../site/site.ts'
import { ANSWER_DRIVE } from './answer-place.ts'
import { readPending } from './guest-state.ts'
import type { Doing } from './guest-task.ts'

/** The firmware takes 2 to 12 s before it asks, and waits for five. A key more does nothing: Setup has all its answers. */
const KEYS = 20
const EVERY_MS = 1000

/** Right after a start: presses Return for some seconds where the guest still has the answers for Setup. Errors: E_INTERRUPTED. */
export async function pressSetupKeys(guest: Guest, node: string, { outside, note }: Doing): Promise<void> {
  outside.pve.forget()
  const cluster = outside.pve.cluster(guest.node)
  const entries = (await readPending(cluster, { kind: guest.kind, node, vmid: guest.vmid })) ?? []
  const drive = entries.find(({ key }) => key === ANSWER_DRIVE)?.value ?? ''
  if (!String(drive).includes(`/orion-answer-${guest.vmid}.iso`)) return
  note({ kind: 'info', text: `${guest.name}: Windows Setup is started, which asks for a key (${KEYS} s)` })
  const { sendkey } = cluster.api.nodes.$(node).qemu.$(guest.vmid)
  for (let sent = 0; sent < KEYS; sent += 1) {
    await pause(outside.signal)
    try {
      await sendkey.$put({ key: 'ret' })
    } catch (error) {
      if (error instanceof OrionError && error.code === 'E_INTERRUPTED') throw error
      const why = error instanceof Error ? error.message : String(error)
      note({ kind: 'warning', text: `${guest.name}: no key can be pressed (${why}); press one on its console` })
      return
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(EVERY_MS, undefined, { signal })
  } catch (error) {
    throw new OrionError('interrupted while Windows Setup is started', { code: 'E_INTERRUPTED', cause: error })
  }
}
