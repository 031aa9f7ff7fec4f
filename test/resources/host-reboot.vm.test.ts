// An armed restart of a real host under systemd: it comes back and is confirmed, or puts its files back by itself, once.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { applyPlan } from '../../src/engine/apply.ts'
import { makePlan } from '../../src/engine/plan.ts'
import { firstProcess, within } from '../hosts/inside.ts'
import { PREFIX } from '../hosts/network.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { IMAGE, interfaces, outsideOf, placeOf, prepare, resourcesOf, SETTING, type Wish } from './reboot-stage.ts'

const PROCESS = fileURLToPath(new URL('reboot-process.ts', import.meta.url))
const GOOD: Wish = { text: 'good\n', mode: 'now' }
/** The start with this image gives the port another name. */
const BAD: Wish = { text: 'rename\n', mode: 'now' }
const ANY_TIME = '00:00-23:59'

describe('an armed restart of a real host', function () {
  this.timeout(240_000)
  let host: TestHost

  async function apply(wish: Wish) {
    const { outside, host: line } = outsideOf(placeOf(host))
    try {
      const resources = resourcesOf(host.name, wish)
      const plan = await makePlan(resources, outside, { site: 's', concurrency: 4 })
      const problems = plan.steps.flatMap(({ problem }) => problem ?? [])
      const steps = problems.length > 0 ? [] : (await applyPlan(plan, resources, outside, { concurrency: 4 })).steps
      return { problems, steps, outcomes: steps.map(({ outcome }) => outcome), restart: steps.at(-1) }
    } finally {
      await line.close()
    }
  }
  /** Ends itself with SIGKILL when this is noted. */
  const killedAt = async (wish: Wish, note: string) => {
    const args = ['--import=tsx', PROCESS, JSON.stringify(placeOf(host)), JSON.stringify(wish), JSON.stringify(note)]
    const { signal } = await execa(process.execPath, args, { reject: false })
    assert.equal(signal, 'SIGKILL', `it was not killed at: ${note}`)
  }
  const read = async (path: string) => (await host.must(['sh', '-c', `cat ${path} 2>/dev/null || echo absent`])).trim()
  /** Past the host's processes: a program that enters it while it goes down may hang there. */
  const state = async () => {
    try {
      const folder = `/proc/${firstProcess(`${PREFIX}${process.pid}-any`)}/root/var/lib/orion/reboot`
      return /is-(\w+)/.exec(readdirSync(folder).join(' '))?.[1] ?? 'none'
    } catch {
      return 'none'
    }
  }
  const until = async (wanted: string) => {
    await within(90_000, `the state ${wanted}`, async () => (await state()) === wanted)
    await host.reachable()
  }
  const starts = async () => (await read('/var/log/starts')).split('\n').filter(Boolean).length
  const hasPort = async () => (await host.exec(['test', '-e', '/sys/class/net/vmbr0/brif/eno1'])).code === 0
  async function assertGood(times: number): Promise<void> {
    assert.deepEqual(await Promise.all([read(SETTING), read('/run/in-force'), starts(), hasPort()]), [
      'good',
      'good',
      times,
      true,
    ])
    assert.equal(await state(), 'confirmed')
    assert.deepEqual((await apply({ ...GOOD, mode: 'never' })).outcomes, ['kept', 'kept', 'kept'])
  }
  async function assertBack(times: number): Promise<void> {
    assert.deepEqual(await Promise.all([read(SETTING), read(IMAGE), starts(), hasPort()]), ['absent', '', times, true])
    assert.equal(await state(), 'restored')
  }

  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'any', interfaces })
  })
  beforeEach(() => prepare(host))
  after(() => host?.stop())

  it('comes back with what the files say, and is confirmed over a new connection', async () => {
    const { outcomes } = await apply(GOOD)
    assert.deepEqual(outcomes, ['done', 'done', 'done'])
    await assertGood(1)
  })

  it('comes back without its port: the old files are put back, it restarts once more and no third time', async () => {
    const { outcomes, restart } = await apply(BAD)
    assert.deepEqual(outcomes, ['done', 'done', 'failed'])
    assert.equal(restart?.error?.code, 'E_ROLLED_BACK')
    assert.match(restart?.error?.message ?? '', /the bridge vmbr0 has no port eno1/)
    await assertBack(2)
    // The same files lie there for no restart that nobody watches.
    for (const mode of ['never', 'window'] as const) {
      const again = await apply({ ...BAD, mode, window: ANY_TIME })
      assert.deepEqual(
        again.problems.map(({ code }) => code),
        ['E_ROLLED_BACK'],
      )
    }
    await host.reboot()
    assert.deepEqual([await state(), await starts()], ['restored', 3])
    assert.deepEqual((await apply(GOOD)).outcomes, ['kept', 'done', 'done'])
    await assertGood(4)
  })

  it('orion gets there, and a bridge of guests has lost its port: that is not confirmed either', async () => {
    const { restart } = await apply({ text: 'second\n', mode: 'now' })
    assert.equal(restart?.error?.code, 'E_ROLLED_BACK')
    assert.match(restart?.error?.message ?? '', /the bridge vmbr1 has no port eno2/)
    await assertBack(2)
  })

  it('nobody comes to confirm it: it goes back by itself', async () => {
    await killedAt({ ...GOOD, confirmWithinSeconds: 6 }, `reboot:any/gpu armed`)
    await until('restored')
    assert.match(await read('/var/lib/orion/reboot/reason'), /did not come back over a new connection/)
    await assertBack(2)
  })

  it('never restarts unless it is asked for, and says how', async () => {
    const { outcomes, restart } = await apply({ ...GOOD, mode: 'never' })
    assert.deepEqual(outcomes, ['done', 'done', 'kept'])
    assert.deepEqual(restart?.waits, [
      { field: 'in force', have: '', want: 'good\n', waits: 'operator', hint: 'again, with now' },
    ])
    assert.deepEqual([await starts(), await state()], [0, 'none'])
  })

  it('an image that cannot be made puts the files back at once, and nothing restarts', async () => {
    await host.must(['touch', '/run/image-fails'])
    const { outcomes, steps } = await apply(GOOD)
    assert.deepEqual(outcomes, ['done', 'failed', 'blocked'])
    assert.match(steps[1]?.error?.message ?? '', /no space left on device/)
    assert.deepEqual([await read(SETTING), await starts(), await state()], ['absent', 0, 'none'])
    await host.must(['rm', '/run/image-fails'])
    assert.deepEqual((await apply(GOOD)).outcomes, ['kept', 'done', 'done'])
    await assertGood(1)
  })

  describe('in its window', () => {
    it('waits for it by a timer of the host, and is called off when there is nothing left to restart for', async () => {
      const hour = Number(await host.must(['date', '+%-H']))
      const [from, to] = [hour + 11, hour + 12].map((one) => `${String(one % 24).padStart(2, '0')}:00`)
      const wish: Wish = { ...GOOD, mode: 'window', window: `${from}-${to}` }
      const { restart } = await apply(wish)
      assert.deepEqual(
        restart?.waits.map(({ hint }) => hint),
        [`by itself in the window ${from}-${to}; at once: again, with now`],
      )
      assert.match(
        await host.must(['systemctl', 'list-timers', '--all', '--no-pager']),
        new RegExp(`${from}:00 .*orion-reboot-window.timer`),
      )
      await host.must(['orion-reboot', 'go'])
      assert.deepEqual([await state(), await starts()], ['armed', 0])
      assert.deepEqual((await apply(wish)).outcomes, ['kept', 'kept', 'kept'])
      assert.deepEqual((await apply({ text: undefined, mode: 'never' })).outcomes, ['kept', 'done', 'done'])
      assert.equal(await state(), 'none')
      assert.doesNotMatch(await host.must(['systemctl', 'list-timers', '--all', '--no-pager']), /orion-reboot/)
    })

    it('restarts without orion, and its bridges are enough', async () => {
      assert.deepEqual((await apply({ ...GOOD, mode: 'window', window: ANY_TIME })).outcomes, ['done', 'done', 'done'])
      await until('confirmed')
      await assertGood(1)
    })

    it('and goes back without them; the next plan says so', async () => {
      await apply({ ...BAD, mode: 'window', window: ANY_TIME })
      await until('restored')
      await assertBack(2)
      const { problems } = await apply({ ...BAD, mode: 'never' })
      assert.match(problems[0]?.message ?? '', /the restart of any does not stand.*no port eno1/s)
      assert.equal((await apply({ text: undefined, mode: 'never' })).problems.length, 0)
    })
  })

  describe('orion killed between two steps: the second run goes on', () => {
    const NOTES = [
      'file-set:any/gpu armed',
      'file-set:any/gpu confirmed',
      'reboot:any/gpu armed',
      'reboot:any/gpu it goes down',
    ]
    for (const note of NOTES)
      it(note, async () => {
        await killedAt(GOOD, note)
        // While it is down there is nothing to look at; and it may go down between a look and a step.
        const isAway = ({ code }: { readonly code: string }) => /^E_HOST_(UNREACHABLE|LOST)$/.test(code)
        const errorsOf = ({ steps }: Awaited<ReturnType<typeof apply>>) => steps.flatMap(({ error }) => error ?? [])
        let again = await apply(GOOD)
        while ([...again.problems, ...errorsOf(again)].some(isAway)) again = await apply(GOOD)
        const errors = errorsOf(again).map(({ code, message }) => `${code} ${message}`)
        assert.deepEqual([again.problems, errors, again.outcomes.filter((one) => one === 'failed')], [[], [], []])
        await assertGood(1)
      })
  })

  describe('the power fails', () => {
    it('before it is confirmed: it goes back', async () => {
      await killedAt(GOOD, 'reboot:any/gpu armed')
      await until('booted')
      await host.powerFail()
      await until('restored')
      assert.match(await read('/var/lib/orion/reboot/reason'), /once more before anybody confirmed/)
      await assertBack(3)
    })

    it('while it puts the files back: it goes on with that', async () => {
      await killedAt(BAD, 'reboot:any/gpu armed')
      await until('restoring')
      await host.powerFail()
      await until('restored')
      await assertBack(3)
    })
  })

  it('an image that was left half made is made anew', async () => {
    await apply({ ...GOOD, mode: 'never' })
    await host.must(['sh', '-c', `: >${IMAGE}; mkdir -p /var/lib/orion/gpu; : >/var/lib/orion/gpu/rebuild`])
    assert.deepEqual((await apply({ ...GOOD, mode: 'never' })).outcomes, ['kept', 'done', 'kept'])
    assert.equal(await read(IMAGE), 'good')
  })
})
