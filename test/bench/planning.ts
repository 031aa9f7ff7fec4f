// What it takes to plan guests that all exist, which is the most work that a plan can be: every one of them must be read.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labFiles } from '../../src/lab/lab-files.ts'
import type { GuestState, VolumeState, WorldState } from '../../src/lab/world.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Guest } from '../../src/site/site.ts'
import { type Ended, orion } from '../real/program.ts'
import { type Rehearsal, startRehearsal } from '../real/rehearsal.ts'
import { largeSite, NODES, SITE } from './large-site.ts'
import { type Figure, median } from './measure.ts'

const MODEL = 100
const MIDDLE = 1000
const LARGE = 5000
const SIZES = [MODEL, MIDDLE, LARGE]
const ROUNDS = 3
const MOST_MB = 300
/** Per further guest, later against earlier: 1 is linear. */
const MOST_GROWTH = 1.5

interface Planned {
  /** By the clock. */
  readonly ms: number
  /** Processor time of the planning process; what else the machine does hardly changes it. */
  readonly cpuMs: number
  readonly peakMb: number
  readonly requests: number
}

// Collected every 50 ms, so that only what is alive counts: peaks of the whole process jump with the collector's mood.
const TELL_LIVE = `const v8 = process.getBuiltinModule('v8'), vm = process.getBuiltinModule('vm')
v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc')
let most = 0
const look = () => { collect(); most = Math.max(most, process.memoryUsage().heapUsed) }
setInterval(look, 50).unref()
process.on('exit', () => process.stderr.write('\\ntold ' + JSON.stringify({ liveMb: most / 1024 / 1024 }) + '\\n'))`

/** The most that was alive at once while planning, in a run of its own: collecting takes time. */
async function planLive({ lab, file }: Ready): Promise<number> {
  const args = ['bootstrap', 'plan', '--site', file, '--lab-dir', lab.dir]
  const ended = await orion(args, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL_LIVE)}` },
  })
  assertEnded(ended)
  const told = JSON.parse(/^told (.+)$/m.exec(ended.stderr)?.[1] ?? '{}') as { liveMb?: number }
  return told.liveMb ?? Number.NaN
}

// Linux keeps the peak of a process for itself; getrusage would include the process that started it.
const TELL = `process.on('exit', () => {
  const [, peak] = /VmHWM:\\s*(\\d+)/.exec(process.getBuiltinModule('fs').readFileSync('/proc/self/status', 'utf8'))
  const { user, system } = process.cpuUsage()
  process.stderr.write('\\ntold ' + JSON.stringify({ peakMb: peak / 1024, cpuMs: (user + system) / 1000 }) + '\\n')
})`

/** Plans once in a process of its own. Errors: anything but "nothing to do". */
async function plan({ lab, file }: Ready): Promise<Planned> {
  const before = lab.records.length
  const args = ['bootstrap', 'plan', '--site', file, '--lab-dir', lab.dir]
  const ended = await orion(args, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL)}` },
  })
  assertEnded(ended)
  const told = JSON.parse(/^told (.+)$/m.exec(ended.stderr)?.[1] ?? '{}') as { peakMb: number; cpuMs: number }
  return { ...told, ms: ended.ms, requests: lab.records.length - before }
}

function assertEnded({ code, stdout, stderr }: Ended): void {
  if (code === 0) return
  const tail = `${stdout.slice(-2000)}\n${stderr.slice(-2000)}`
  throw new Error(`orion ended with ${code}, so there is nothing to measure:\n${tail}`)
}

/** What a lab has after orion built the model: its state, and the token that orion made for itself. */
interface Model {
  readonly state: WorldState
  readonly guests: readonly Guest[]
  readonly credentials: string
}

async function buildModel(dir: string): Promise<Model> {
  const file = await writeSite(dir, MODEL)
  const lab = await startRehearsal({ site: file, pace: 0 })
  try {
    assertEnded(await orion(['bootstrap', '--site', file, '--lab-dir', lab.dir, '--yes', '--concurrency', '16']))
    await lab.lab.close()
    const credentials = join(dir, 'credentials.json')
    copyFileSync(join(lab.dir, 'credentials.json'), credentials)
    const state = JSON.parse(readFileSync(labFiles(lab.dir).world(SITE), 'utf8')) as WorldState
    return { state, guests: (await loadSite(file)).guests, credentials }
  } finally {
    await lab.close()
  }
}

async function writeSite(dir: string, guests: number): Promise<string> {
  const file = join(dir, `large-${guests}.yaml`)
  writeFileSync(file, largeSite(guests))
  return file
}

/** What tells one guest of the large site from another, wherever it stands in a configuration. */
const marks = (guest: Guest): string[] => [
  `-${guest.vmid}-`,
  guest.uuid,
  ...guest.nics.flatMap(({ mac, ipv4 }) => [mac, typeof ipv4 === 'object' ? ipv4.cidr : '']),
]

/** The model's state of one guest, as if orion had built another one of the same kind on the same node. */
function likeness<T extends { vmid?: number }>(of: T, from: Guest, to: Guest): T {
  const want = marks(to)
  const text = marks(from).reduce(
    (now, mark, index) => (mark ? now.replaceAll(mark, want[index] ?? '') : now),
    JSON.stringify(of),
  )
  const named = text.replaceAll(new RegExp(`\\b${from.name}\\b`, 'g'), to.name)
  return { ...(JSON.parse(named) as T), vmid: to.vmid }
}

/** A world with all of these guests, made from the model's: building thousands one by one would take minutes. */
function worldOf({ state, guests: models }: Model, guests: readonly Guest[]): WorldState {
  const states: Record<string, GuestState> = {}
  const volumes: VolumeState[] = state.volumes.filter(({ vmid }) => vmid === undefined)
  for (const [index, guest] of guests.entries()) {
    const model = models[index % MODEL]
    const known = model && state.guests[model.vmid]
    if (!known) throw new Error(`the model has no guest ${index % MODEL}`)
    states[guest.vmid] = likeness(known, model, guest)
    volumes.push(
      ...state.volumes.filter(({ vmid }) => vmid === model.vmid).map((volume) => likeness(volume, model, guest)),
    )
  }
  return { ...state, guests: states, volumes, tasks: {} }
}

/** A lab in which every guest of its site exists. */
interface Ready {
  readonly size: number
  readonly file: string
  readonly lab: Rehearsal
}

async function ready(dir: string, size: number, model: Model): Promise<Ready> {
  const file = await writeSite(dir, size)
  const { guests } = await loadSite(file)
  const prepare = async (folder: string) => {
    writeFileSync(labFiles(folder).world(SITE), JSON.stringify(worldOf(model, guests)))
    copyFileSync(model.credentials, join(folder, 'credentials.json'))
  }
  return { size, file, lab: await startRehearsal({ site: file, pace: 0, prepare }) }
}

/** Every size in turn, round after round. Errors: where a plan finds something to do, the figures would mean nothing. */
export async function planning(): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'orion-bench-'))
  const sites: Ready[] = []
  try {
    const model = await buildModel(dir)
    for (const size of SIZES) sites.push(await ready(dir, size, model))
    const plans = sites.map((): Planned[] => [])
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, site] of sites.entries()) plans[index]?.push(await plan(site))
    }
    const live: number[] = []
    for (const site of sites) live.push(await planLive(site))
    return figures(plans.map((each, index) => typical(each, live[index] ?? Number.NaN)))
  } finally {
    await Promise.all(sites.map(({ lab }) => lab.close()))
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Typical extends Planned {
  /** The most that was alive at once. */
  readonly liveMb: number
}

/** Medians; of memory and requests the most. */
function typical(plans: readonly Planned[], liveMb: number): Typical {
  const of = (pick: (plan: Planned) => number) => plans.map(pick)
  return {
    ms: median(of(({ ms }) => ms)),
    cpuMs: median(of(({ cpuMs }) => cpuMs)),
    peakMb: Math.max(...of(({ peakMb }) => peakMb)),
    liveMb,
    requests: Math.max(...of(({ requests }) => requests)),
  }
}

/** What each further guest costs from the second size to the third, against from the first to the second. */
function growth(plans: readonly Typical[], pick: (plan: Typical) => number): number {
  const [small = Number.NaN, middle = Number.NaN, large = Number.NaN] = plans.map(pick)
  return (large - middle) / (LARGE - MIDDLE) / ((middle - small) / (MIDDLE - MODEL))
}

function figures(plans: readonly Typical[]): Figure[] {
  const each = plans.flatMap(({ ms, cpuMs, peakMb, requests }, index): Figure[] => {
    const size = SIZES[index] ?? 0
    return [
      { name: `${size} guests: time`, value: ms / 1000, unit: 's' },
      { name: `${size} guests: processor time per guest`, value: cpuMs / size, unit: 'ms' },
      { name: `${size} guests: peak memory`, value: peakMb, unit: 'MB', ...(size === MIDDLE ? { most: MOST_MB } : {}) },
      { name: `${size} guests: requests`, value: requests, unit: '', most: size + 10 * NODES },
    ]
  })
  const time = growth(plans, ({ cpuMs }) => cpuMs)
  const memory = growth(plans, ({ liveMb }) => liveMb)
  return [
    ...each,
    { name: 'processor time per further guest (1 = linear)', value: time, unit: '×', most: MOST_GROWTH },
    {
      name: 'live memory per further guest (1 = linear)',
      value: memory,
      unit: '×',
      most: MOST_GROWTH,
    },
  ]
}
