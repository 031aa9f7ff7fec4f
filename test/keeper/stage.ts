// A node for the Keeper's program: a tree of its own, fake programs, and a clock that the test moves.
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { keeperProgram } from '../../src/parts/keeper/program.ts'
import type { Ran } from '../hosts/inside.ts'

const PROGRAMS = fileURLToPath(new URL('programs.sh', import.meta.url))
const NAMES = ['qm', 'pct', 'pvesh', 'smartctl', 'nvidia-smi', 'systemctl']

/** What the Keeper knows of the node by default: the guests of hive.yaml. */
export const CONFIG = {
  node: 'genesis',
  limit: 80,
  resume: 70,
  sensors: [] as string[],
  intervalSeconds: 5,
  shed: [
    { name: 'district', vmid: 110, kind: 'vm', downSeconds: 60 },
    { name: 'worker-1', vmid: 300, kind: 'ct', downSeconds: 30 },
    { name: 'council', vmid: 101, kind: 'vm', downSeconds: 60 },
  ],
  balloonIdle: [{ name: 'council', vmid: 101, kind: 'vm', balloonMib: 8192, memoryMib: 32768 }],
  keep: [100, 200],
  pinned: [200],
  metrics: '/var/lib/metrics/orion-keeper.prom',
  smartEverySeconds: 3600,
}

/** Keys of that kind; undefined = without it. */
export type Changes = { readonly [Key in keyof typeof CONFIG]?: (typeof CONFIG)[Key] | undefined }

export const GUESTS: Readonly<Record<string, string>> = {
  '100.qemu': 'brain running',
  '101.qemu': 'council running',
  '110.qemu': 'district running',
  '200.qemu': 'trading-floor running',
  '300.lxc': 'worker-1 running',
  '999.qemu': 'not-ours running',
}

export interface Alarm {
  readonly code: string
  readonly subject: string
  readonly text: string
}

export interface Status {
  readonly running: boolean
  readonly state: string
  readonly readings: readonly {
    sensor: string
    celsius: number | null
    good: boolean
    reason: string | null
    over: boolean
  }[]
  readonly shed: readonly { name: string; vmid: number; action: string; phase: string; problem: string | null }[]
  readonly disks: readonly { disk: string; failing: boolean; reasons: readonly string[]; readable: boolean }[]
  readonly heartbeat: { ok: boolean; count: number; answer: string | null; leftSeconds: number | null } | null
  readonly alarms: readonly Alarm[]
}

export interface Stage {
  readonly root: string
  /** Writes a file of the tree; undefined = takes it away. */
  put(path: string, text: string | undefined): void
  read(path: string): string
  /** The sensor k10temp shows this, as hwmon says it; undefined = it is gone. */
  heat(text: string | number | undefined): void
  guest(file: string): string
  /** Starts the service; it has had its first turn. */
  start(): Promise<void>
  /** Turns of five seconds; returns what was done in them. */
  turn(count?: number): Promise<string[]>
  /** What was done since the last call. */
  acts(): string[]
  /** As SIGKILL at whatever it is doing. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Lets go the next turn without waiting for its end. */
  let(): void
  status(): Status
  verb(...words: readonly string[]): Promise<Ran>
  /** Its journal. */
  journal(): string
  close(): Promise<void>
}

export interface StageOptions {
  readonly config?: Changes | undefined
  readonly guests?: Readonly<Record<string, string>>
  /** Real seconds after which a turn does not wait for a program any more: short where one of them hangs. */
  readonly patience?: number
  /** As where everything hangs in the kernel: no signal ends a program. */
  readonly unkillable?: boolean
  /** What `systemctl is-system-running` says. */
  readonly system?: string
}

function makeTree(
  root: string,
  { config, guests = GUESTS }: StageOptions,
): (path: string, text: string | undefined) => void {
  const put = (path: string, text: string | undefined) => {
    const file = join(root, path)
    if (text === undefined) return rmSync(file, { recursive: true, force: true })
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  put('etc/orion/keeper.json', JSON.stringify({ ...CONFIG, ...config }))
  put('var/lib/metrics/.keep', '')
  put('sys/devices/pci0000:00/0000:00:18.3/.keep', '')
  put('sys/class/hwmon/hwmon1/name', 'k10temp\n')
  put('sys/class/hwmon/hwmon1/temp1_label', 'Tctl\n')
  put('sys/class/hwmon/hwmon1/temp1_input', '45000\n')
  symlinkSync('../../../devices/pci0000:00/0000:00:18.3', join(root, 'sys/class/hwmon/hwmon1/device'))
  put('orion-keeper', keeperProgram())
  put('Unkillable.pm', 'package Unkillable; *CORE::GLOBAL::kill = sub { 1 }; 1;\n')
  for (const [name, text] of Object.entries(guests)) put(`fake/guests/${name}`, `${text}\n`)
  mkdirSync(join(root, 'bin'))
  for (const name of NAMES) {
    copyFileSync(PROGRAMS, join(root, 'bin', name))
    chmodSync(join(root, 'bin', name), 0o755)
  }
  return put
}

/** A node of its own under the temporary folder. Close it. */
export function makeStage(options: StageOptions = {}): Stage {
  const root = mkdtempSync(join(tmpdir(), 'orion-test-keeper-'))
  const put = makeTree(root, options)
  const env = {
    PATH: `${join(root, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
    FAKE: join(root, 'fake'),
    ORION_KEEPER_ROOT: root,
    SYSTEM: options.system ?? 'running',
    ...(options.unkillable && { PERL5OPT: `-I${root} -MUnkillable` }),
  }
  const spawned = (words: readonly string[], step?: number) =>
    spawn('perl', [join(root, 'orion-keeper'), ...words], {
      env: step ? { ...env, ORION_KEEPER_STEP: String(step) } : env,
    })
  let child: ChildProcess | undefined
  let [said, seen] = ['', 0]
  let turned: (() => void) | undefined
  let ended: Promise<void> | undefined
  const turnEnds = () =>
    new Promise<void>((resolve, reject) => {
      turned = resolve
      void ended?.then(() => reject(new Error(`the Keeper ended: ${said}`)))
    })
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '')
  const acts = () => {
    const lines = read('fake/log').split('\n').slice(0, -1)
    const fresh = lines.slice(seen)
    seen = lines.length
    return fresh
  }
  const left = new Set<number>()
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    for (const pid of childrenOf(child?.pid)) left.add(pid)
    child?.kill(signal)
    await ended
    child = undefined
  }
  return {
    root,
    put,
    read,
    heat: (text) => put('sys/class/hwmon/hwmon1/temp1_input', typeof text === 'number' ? `${text * 1000}\n` : text),
    guest: (file) => read(`fake/guests/${file}`).trim(),
    start: async () => {
      child = spawned(['run'], options.patience ?? 20)
      const { stdin, stdout, stderr } = child
      stdin?.on('error', () => {})
      stderr?.on('data', (data) => {
        said += String(data)
      })
      if (stdout) createInterface(stdout).on('line', () => turned?.())
      ended = new Promise((resolve) => child?.once('exit', () => resolve()))
      await turnEnds()
    },
    turn: async (count = 1) => {
      for (let at = 0; at < count; at += 1) {
        const end = turnEnds()
        child?.stdin?.write('5\n')
        await end
      }
      return acts()
    },
    let: () => {
      turned = undefined
      child?.stdin?.write('5\n')
    },
    acts,
    kill,
    status: () => JSON.parse(read('run/orion-keeper/status.json')),
    verb: (...words) => output(spawned(words)),
    journal: () => said,
    close: async () => {
      await kill()
      for (const pid of left) endGroup(pid, root)
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** What a killed Keeper began lives on, in a group of its own: ended, where it is still one of this stage. */
function endGroup(pid: number, root: string): void {
  try {
    if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`ORION_KEEPER_ROOT=${root}`))
      process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

function output(child: ChildProcess): Promise<Ran> {
  const ran = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (data) => {
      ran[name] += String(data)
    })
  child.stdin?.end()
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 128, ...ran })))
}
