// A test guest: a whole machine under QEMU with a kernel of its own, for what containers cannot have (VLAN-aware bridges, VLANs, bonds). Linux, root.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Context } from 'mocha'
import { missing, skip } from '../setup.ts'
import type { Ran } from './inside.ts'
import { sweep } from './leftovers.ts'
import { PREFIX } from './network.ts'
import { missingForHosts } from './nspawn.ts'
import { type GuestImage, gpuImage, guestImage } from './qemu-image.ts'
import { type Boot, startMachine } from './qemu-process.ts'
import { type Ssh, waitForSsh } from './qemu-ssh.ts'

const RELAY = fileURLToPath(new URL('relay.js', import.meta.url))
/** From the saved state 2 s, from the beginning 35 s, on an idle machine with two cores. */
const SAVED_LIMIT_MS = 60_000
const FRESH_LIMIT_MS = 5 * 60_000
const PREPARE_LIMIT_MS = 15 * 60_000

/** Network ports eno1 to eno4; vmbr0 stands on eno1. Its name is `guest`. */
export interface TestGuest {
  /** IPv4 as the guest sees it, /24; its gateway and the operator are 10.0.2.2. Only proxyCommand leads there. */
  readonly address: string
  readonly proxyCommand: string
  readonly identityFile: string
  readonly knownHosts: string
  /** Runs a program inside, over an SSH connection of the test's own. */
  exec(argv: readonly string[], options?: { readonly input?: string }): Promise<Ran>
  /** As exec, and an error where the program ends with another code than 0. */
  must(argv: readonly string[], options?: { readonly input?: string }): Promise<string>
  /** The id of the boot that it runs in. */
  bootId(): Promise<string>
  /** Waits until it lets us in again after another start than that one. Gives the id of the new one. */
  restarted(bootId: string): Promise<string>
  /** What QEMU and the guest's console said, the last of it. */
  said(): string
  stop(): void
}

/** What it is made of: without anything special, or with graphics cards, an IOMMU, a watchdog and GRUB. */
type GuestKind = 'plain' | 'gpu'

const IMAGES: Readonly<Record<GuestKind, () => Promise<GuestImage>>> = { plain: guestImage, gpu: gpuImage }

/** Why no test guest can be had here; undefined where one can. */
export async function missingForGuests(): Promise<string | undefined> {
  return (await missingForHosts()) ?? (await missing(['guests']))
}

/** For a `before` hook: skips the suite, with the reason, where no test guest can be had; makes its disk where needed. */
export async function withGuests(context: Context, kind: GuestKind = 'plain'): Promise<void> {
  context.timeout(PREPARE_LIMIT_MS)
  const reason = (await missingForGuests()) ?? (await IMAGES[kind]().then(() => undefined, String))
  if (reason) skip(context, reason)
}

/** Starts a guest and waits until it lets us in. Ended by stop, and with this process. */
export async function startGuest(kind: GuestKind = 'plain'): Promise<TestGuest> {
  const image = await IMAGES[kind]()
  sweep()
  try {
    return await start(image, image.saved, SAVED_LIMIT_MS)
  } catch (error) {
    // A state of another machine's, say: slower, and the same guest.
    process.stderr.write(`  the saved guest does not start, booting one: ${String(error).split('\n')[0]}\n`)
    return await start(image, image.fresh, FRESH_LIMIT_MS)
  }
}

const ADDRESS = '10.0.2.15'

async function start({ rootfs }: GuestImage, boot: Boot, limitMs: number): Promise<TestGuest> {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-guest-`))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const { identityFile, hostKeys } = rootfs
  const machine = await startMachine(folder, boot)
  const stop = () => {
    machine.child.kill('SIGKILL')
    remove()
    process.off('exit', remove)
  }
  try {
    const ssh = await waitForSsh(machine, folder, identityFile, limitMs)
    await setClock(ssh)
    const knownHosts = join(folder, 'known_hosts')
    writeFileSync(knownHosts, hostKeys.map((key) => `${ADDRESS} ${key}\n`).join(''))
    const proxyCommand = `${process.execPath} ${RELAY} 127.0.0.1 ${machine.port}`
    const { said } = machine
    return { address: ADDRESS, proxyCommand, identityFile, knownHosts, ...programs(ssh, said), said, stop }
  } catch (error) {
    stop()
    throw error
  }
}

/** A saved guest believes that it is still then. */
const setClock = (ssh: Ssh): Promise<Ran> => ssh(['date', '-s', `@${Math.round(Date.now() / 1000)}`])

type Programs = Pick<TestGuest, 'exec' | 'must' | 'bootId' | 'restarted'>

function programs(ssh: Ssh, said: () => string): Programs {
  const exec: TestGuest['exec'] = (argv, { input } = {}) => ssh(argv, input)
  const must: TestGuest['must'] = async (argv, options) => {
    const { code, stdout, stderr } = await exec(argv, options)
    if (code !== 0) throw new Error(`guest: ${argv.join(' ')} ended with ${code}: ${stderr || stdout}`)
    return stdout
  }
  const bootId = async () => (await must(['cat', BOOT_ID])).trim()
  const restarted: TestGuest['restarted'] = async (before) => {
    const end = performance.now() + FRESH_LIMIT_MS
    for (;;) {
      const { code, stdout } = await exec(['cat', BOOT_ID])
      if (code === 0 && stdout.trim() !== before) return stdout.trim()
      if (performance.now() > end) throw new Error(`the guest did not restart: ${said()}`)
      await sleep(500)
    }
  }
  return { exec, must, bootId, restarted }
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
