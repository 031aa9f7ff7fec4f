// A run may end at any moment, by SIGKILL, by Ctrl-C, or because another run holds the site. The next one makes it whole.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopLab } from '../../src/lab/lab.ts'
import { loadSite } from '../../src/site/load.ts'
import { longestWindowMs, networkLeftovers } from './network-state.ts'
import { type Ended, orion, type Running, startOrion } from './program.ts'
import { numbers } from './random.ts'
import { ORION_SITE, type Rehearsal, STAND_IN_KEY, startRehearsal } from './rehearsal.ts'
import { leftovers } from './site-state.ts'

const NODE = 'r730'
const ROUTER = '200'
const MOMENTS = 10
/** What a whole run may take on a busy machine. */
const RUN_MS = 120_000
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 0xffffffff))

const build = (dir: string) => ['bootstrap', '--site', ORION_SITE, '--lab-dir', dir, '--yes']

interface Document {
  readonly plan: { readonly steps: readonly { readonly id: string; readonly verb: string }[] }
}

async function wantedGuests(): Promise<string[]> {
  const { guests } = await loadSite(ORION_SITE, { standInKey: STAND_IN_KEY })
  return guests.map(({ vmid, name }) => `${vmid} ${name}`)
}

async function wantedBridges(): Promise<string[]> {
  const { networks } = await loadSite(ORION_SITE, { standInKey: STAND_IN_KEY })
  return networks.flatMap(({ bridge }) => bridge ?? [])
}

const told = ({ code, stdout, stderr }: Ended): string => `ended with ${code}\n${stdout}\n${stderr}`

/**
 * Runs it again, and once more: all as wanted, nothing twice, and the last run has nothing to do. A change that was armed when
 * orion was killed stands until its host takes it back, `windowMs` at most, and the next run waits for that.
 */
async function assertConverges(lab: Rehearsal, windowMs: number): Promise<void> {
  const again = await orion(build(lab.dir), { limitMs: windowMs + RUN_MS })
  assert.equal(again.code, 0, told(again))
  assert.deepEqual(await leftovers(lab, NODE, await wantedGuests()), [])
  assert.deepEqual(await networkLeftovers(lab, NODE, await wantedBridges()), [])
  const third = await orion([...build(lab.dir), '--json'])
  assert.equal(third.code, 0, told(third))
  const { plan } = JSON.parse(third.stdout) as Document
  assert.deepEqual([...new Set(plan.steps.map(({ verb }) => verb))], ['keep'])
}

/** Waits until the lab works on a task of this type for the router, or the run has ended. */
async function whenTask(lab: Rehearsal, type: string, run: Running): Promise<string> {
  let over = false
  void run.ended.then(() => {
    over = true
  })
  while (!over) {
    const tasks =
      await lab.get<{ upid: string; type: string; id: string; endtime?: number; status?: string }[]>('/cluster/tasks')
    const task = tasks.find(
      (one) => one.id === ROUTER && one.type === type && one.endtime === undefined && one.status === undefined,
    )
    if (task) return task.upid
    await sleep(20)
  }
  throw new Error(`the run ended before a task ${type}: ${told(await run.ended)}`)
}

describe('a run that is killed', function () {
  this.timeout(600_000) // Twice RUN_MS, the longest window, and what was killed; each run has its own limit.
  const random = numbers(SEED)
  let wholeMs = 0
  let windowMs = 0
  let killed = 0
  const labs = new Set<Rehearsal>()

  async function freshLab(pace: number): Promise<Rehearsal> {
    const lab = await startRehearsal({ site: ORION_SITE, pace, built: false }) // Its network is to be built, too.
    labs.add(lab)
    return lab
  }
  afterEach(async () => {
    await Promise.all(Array.from(labs, (lab) => lab.close()))
    labs.clear()
  })

  it(`builds everything undisturbed first (KILL_SEED=${SEED})`, async () => {
    const lab = await freshLab(0.3)
    const whole = await orion(build(lab.dir))
    assert.equal(whole.code, 0, told(whole))
    wholeMs = whole.ms
    assert.deepEqual(await leftovers(lab, NODE, await wantedGuests()), [])
    assert.deepEqual(await networkLeftovers(lab, NODE, await wantedBridges()), [])
    await lab.lab.close() // Then all that its hosts know is in its folder.
    windowMs = longestWindowMs(lab)
    assert.ok(windowMs > 0)
  })

  for (let index = 0; index < MOMENTS; index += 1) {
    // One moment in each tenth of a run: random, and no part of the run is left out.
    const moment = (index + random()) / MOMENTS
    it(`at ${(100 * moment).toFixed(1)} % of the way converges, with nothing twice`, async () => {
      const lab = await freshLab(0.3)
      const run = startOrion(build(lab.dir))
      const timer = setTimeout(() => run.kill('SIGKILL'), moment * wholeMs)
      const { signal } = await run.ended
      clearTimeout(timer)
      if (signal === 'SIGKILL') killed += 1
      await assertConverges(lab, windowMs)
    })
  }

  it('again and again on one site converges, too', async () => {
    const lab = await freshLab(0.3)
    for (let index = 0; index < MOMENTS; index += 1) {
      const run = startOrion(build(lab.dir))
      const timer = setTimeout(() => run.kill('SIGKILL'), (0.1 + 0.3 * random()) * wholeMs)
      await run.ended
      clearTimeout(timer)
    }
    await assertConverges(lab, windowMs)
  })

  it('really was killed most of the times', () => assert.ok(killed >= MOMENTS / 2, `${killed} of ${MOMENTS}`))

  /** A lab where making the router takes long enough to be met in the middle of it. */
  async function slowLab(): Promise<Rehearsal> {
    const lab = await freshLab(0.2)
    lab.lab.faults.orion?.add({ match: { task: '^qmcreate:200$' }, action: { slowTask: 4000 } })
    return lab
  }

  it('by Ctrl-C names the running tasks, ends with 130, and converges', async () => {
    const lab = await slowLab()
    const run = startOrion(build(lab.dir))
    const upid = await whenTask(lab, 'qmcreate', run)
    run.kill('SIGINT')
    const ended = await run.ended
    assert.equal(ended.code, 130, told(ended))
    assert.ok((ended.stdout + ended.stderr).includes(upid), told(ended))
    await assertConverges(lab, windowMs)
  })

  it('while its network is guarded converges, too', async () => {
    let run: Running | undefined
    const lab = await startRehearsal({
      site: ORION_SITE,
      pace: 0.2,
      built: false,
      recordHost: ({ line }) => {
        if (line?.includes("orion-guard' 'start'")) run?.kill('SIGKILL')
      },
    })
    labs.add(lab)
    const [, ...flags] = build(lab.dir)
    run = startOrion(['net', 'apply', ...flags, '--confirm-within', '10s'])
    const { signal } = await run.ended
    assert.equal(signal, 'SIGKILL')
    run = undefined
    await assertConverges(lab, windowMs)
  })

  it('keeps a second run away, which names the first', async () => {
    const lab = await slowLab()
    const first = startOrion(build(lab.dir))
    await whenTask(lab, 'qmcreate', first)
    const second = await orion([...build(lab.dir), '--json'])
    assert.equal(second.code, 1, told(second))
    const { error } = JSON.parse(second.stdout) as { error: { code: string; message: string } }
    assert.equal(error.code, 'E_LOCKED')
    assert.match(error.message, new RegExp(`\\b${first.pid}\\b`))
    const done = await first.ended
    assert.equal(done.code, 0, told(done))
  })
})

describe('a run that is killed while it starts its own lab', function () {
  this.timeout(120_000)
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-own-lab-'))
  })
  afterEach(async () => {
    await stopLab(join(dir, 'lab'))
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  it('finds or starts one lab, and converges', async () => {
    const lab = join(dir, 'lab')
    for (const ms of [150, 300, 450, 600]) {
      const run = startOrion(build(lab))
      const timer = setTimeout(() => run.kill('SIGKILL'), ms)
      await run.ended
      clearTimeout(timer)
    }
    const again = await orion(build(lab))
    assert.equal(again.code, 0, told(again))
  })
})
