// What test guests start from: a disk with a kernel, made once by qemu-guest.sh, and a guest that is up, saved once per QEMU version.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PREFIX } from './network.ts'
import { type Command, withMonitor } from './qemu-monitor.ts'
import { type Boot, GPU_MACHINE, MACHINE, type Machine, startMachine } from './qemu-process.ts'
import { waitForSsh } from './qemu-ssh.ts'
import { type Rootfs, rootfs } from './rootfs.ts'

const exec = promisify(execFile)
const RECIPE = fileURLToPath(new URL('qemu-guest.sh', import.meta.url))
const GPU_RECIPE = fileURLToPath(new URL('qemu-gpu-guest.sh', import.meta.url))
const BUILD_LIMIT_MS = 9 * 60_000
/** 35 s on an idle machine with two cores. */
const BOOT_LIMIT_MS = 5 * 60_000

export interface GuestImage {
  readonly rootfs: Rootfs
  /** Boots from the beginning. */
  readonly fresh: Boot
  /** Goes on where a booted guest was saved. */
  readonly saved: Boot
}

const hashOf = (...texts: (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex').slice(0, 12)
}

/** Both ways to start a plain guest, made first where they are not there yet (about 30 s and 60 s). */
export async function guestImage(): Promise<GuestImage> {
  const base = await rootfs()
  const folder = await build(RECIPE, base.root, base)
  const started = ['-kernel', join(folder, 'vmlinuz'), '-initrd', join(folder, 'initrd')]
  return { rootfs: base, ...(await bootsOf({ folder, base, machine: MACHINE, started, warmUp: WARM_UP })) }
}

/** The same for a guest with graphics cards that starts by GRUB (about 20 s and 100 s, and the plain one). */
export async function gpuImage(): Promise<GuestImage> {
  const base = await rootfs()
  const folder = await build(GPU_RECIPE, await build(RECIPE, base.root, base), base)
  // Its first menu was made by hand.
  const warmUp = `update-grub; ${WARM_UP}`
  return { rootfs: base, ...(await bootsOf({ folder, base, machine: GPU_MACHINE, started: [], warmUp })) }
}

/** Runs a recipe, once per version of it and of what it stands on; gives the folder. */
async function build(recipe: string, from: string, base: Rootfs): Promise<string> {
  const cache = dirname(dirname(base.root))
  const folder = join(cache, `guest-${hashOf(from, readFileSync(recipe))}`)
  const argv = ['--wait', '540', join(cache, 'lock'), 'unshare', '-m', '--propagation', 'private']
  await exec('flock', [...argv, 'sh', recipe, folder, from], { timeout: BUILD_LIMIT_MS })
  return folder
}

interface Kind {
  readonly folder: string
  readonly base: Rootfs
  readonly machine: readonly string[]
  /** QEMU's words for what it starts, beside the disk. */
  readonly started: readonly string[]
  /** Run once before it is saved. */
  readonly warmUp: string
}

// Once before, so that its programs are in memory and compiled.
const WARM_UP = 'systemctl is-system-running --wait; ifreload -a; ip -j -d link; sync'

async function bootsOf(kind: Kind): Promise<Pick<GuestImage, 'fresh' | 'saved'>> {
  const { folder, started } = kind
  const machine = [...kind.machine, ...started]
  const { stdout } = await exec('qemu-system-x86_64', ['--version'])
  const saved = join(folder, `saved-${hashOf(stdout, kind.machine.join(' '))}`)
  const fresh: Boot = { machine, disk: { file: join(folder, 'disk.raw'), format: 'raw' } }
  if (!existsSync(saved)) await save(fresh, saved, kind)
  const disk = { file: join(saved, 'disk.qcow2'), format: 'qcow2' } as const
  return { fresh, saved: { machine, disk, state: join(saved, 'state') } }
}

/** Boots a guest, and keeps its disk and its state. */
async function save(fresh: Boot, saved: string, { base, warmUp }: Kind): Promise<void> {
  const made = mkdtempSync(`${saved}.`)
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-guest-`))
  const machine = await startMachine(folder, fresh, join(made, 'disk.qcow2'))
  try {
    const ssh = await waitForSsh(machine, folder, base.identityFile, BOOT_LIMIT_MS)
    await ssh(['sh', '-c', warmUp])
    await withMonitor(machine.monitor, (command) => writeState(command, join(made, 'state')))
    await ended(machine)
    // Of two that did it at once, one wins.
    if (!existsSync(saved)) renameSync(made, saved)
  } finally {
    machine.child.kill('SIGKILL')
    for (const one of [made, folder]) rmSync(one, { recursive: true, force: true })
  }
}

async function writeState(command: Command, file: string): Promise<void> {
  // Not stopped before: a guest that was saved while stopped would stay so.
  await command('migrate-set-parameters', { 'max-bandwidth': 0 })
  await command('migrate', { uri: `exec:cat > '${file}'` })
  for (let status = ''; status !== 'completed'; ) {
    status = ((await command('query-migrate')) as { status?: string }).status ?? ''
    if (status === 'failed' || status === 'cancelled')
      throw new Error(`the guest's state could not be saved: ${status}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await command('quit')
}

const ended = ({ child }: Machine): Promise<unknown> =>
  child.exitCode === null ? new Promise((resolve) => child.once('close', resolve)) : Promise.resolve()
