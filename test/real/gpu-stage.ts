// A node with graphics cards for the tests of `orion gpu` on a real machine: its hardware, files and restarts are real, Proxmox VE's API is the lab's.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findLab } from '../../src/lab/lab.ts'
import { BIN, type Operator, type Ran } from '../commands/orion.ts'
import { openLabFor } from '../commands/rehearsal.ts'
import { startGuest, type TestGuest } from '../hosts/qemu.ts'
import { newOperatorOf } from './guest-operator.ts'

/** Where the lab's API is; ssh leads from there to the guest. */
const ADDRESS = '127.0.0.1'

/** The second card of the guest. The sound of the first one is the same model: only the address tells them apart. */
const CARD = '0000:02:00'
export const FUNCTIONS = [`${CARD}.0`, `${CARD}.1`] as const
/** What must be left alone: the sound of the other card. */
export const OTHER = '0000:01:00.1'

const DEVICES = `
devices:
  card: { node: guest, ids: ["1234:1111", "8086:2668"], address: "${CARD}", guest: brain, primaryGpu: true }
`

const siteText = (api: string, devices: string) => `
site: proof
nodes:
  guest: { address: ${ADDRESS}, ports: { mgmt: eno1 }, iommu: { passthrough: true }, api: ${api} }
networks:
  mgmt: { bridge: vmbr0, ipv4: 127.0.0.0/24 }
storage:
  local: { type: dir, path: /var/lib/vz, content: [iso, vztmpl, snippets, import] }
  local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] }
images:
  one: { url: https://images.example/one.qcow2 }
guests:
  brain: { id: 100, image: one, storage: local-zfs, cores: 1, memory: 1G, disk: 4G, machine: q35, firmware: uefi, onboot: false }
${devices}`

export interface GpuStage {
  readonly guest: TestGuest
  /** Runs `orion WORDS…` against the guest and the lab's API; killed without a word when the signal says so. */
  orion(words: readonly string[], signal?: AbortSignal): Promise<Ran>
  /** By function: the name of its driver, or `-`. */
  drivers(): Promise<Readonly<Record<string, string>>>
  /** Files below /etc with their sums and modes, without what the guard, and what watches over restarts, leave on every node. */
  files(): Promise<string>
  leave(): void
}

/** A guest VM is there, stopped, without the card. */
export async function makeGpuStage(limitMs: number): Promise<GpuStage> {
  const guest = await startGuest('gpu')
  const operator = newOperatorOf(guest, ADDRESS)
  const leave = () => {
    operator.leave()
    guest.stop()
  }
  try {
    const { file, env } = await makeSite(operator)
    const orion: GpuStage['orion'] = (words, signal) => {
      const killed = signal === undefined ? {} : { cancelSignal: signal, killSignal: 'SIGKILL' as const }
      return operator.run([...words, '--site', file], { timeout: limitMs, env, ...killed })
    }
    return { guest, orion, drivers: () => driversOf(guest), files: () => filesOf(guest), leave }
  } catch (error) {
    leave()
    throw error
  }
}

/** The lab has made the guest VM; from then on it is reached as a node's API is. */
async function makeSite(operator: Operator) {
  const file = join(operator.home, 'orion.yaml')
  const dir = join(operator.home, 'lab')
  writeFileSync(file, siteText('{}', ''))
  // Nobody asks it anything while the guest makes early images and restarts.
  await openLabFor(file, dir, [process.execPath, BIN, 'lab', '--serve'], { idleSeconds: 7200 })
  const built = await operator.run(['bootstrap', '--lab', '--yes', '--site', file, '--lab-dir', dir])
  assert.equal(built.exit, 0, built.out + built.err)
  const reach = (await findLab(dir))?.clusters.proof
  assert.ok(reach)
  const api = `{ port: ${reach.port}, fingerprint: "${reach.fingerprint}" }`
  writeFileSync(file, siteText(api, DEVICES))
  return { file, env: { ORION_TOKEN_ID: reach.token.id, ORION_TOKEN_SECRET: reach.token.secret } }
}

async function driversOf(guest: TestGuest): Promise<Readonly<Record<string, string>>> {
  const look = `for at in "$@"; do echo "$at $(basename "$(readlink "/sys/bus/pci/devices/$at/driver" || echo -)")"; done`
  const text = await guest.must(['sh', '-c', look, 'sh', ...FUNCTIONS, OTHER])
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  )
}

// Without what ifupdown2 keeps for itself, and only while it needs it. One sha256sum for all of them: an emulated machine starts few programs in a second.
const FILES = `find /etc ! -name '*orion-guard*' ! -name '*orion-reboot*' ! -name ifupdown2_vrf_map.conf \\( -type f -printf '%m %p\\n' -o -type l -printf '%l %p\\n' \\) | sort
find /etc ! -name '*orion-guard*' ! -name '*orion-reboot*' ! -name ifupdown2_vrf_map.conf -type f -print0 | sort -z | xargs -0 sha256sum`

const filesOf = (guest: TestGuest): Promise<string> => guest.must(['sh', '-c', FILES])
