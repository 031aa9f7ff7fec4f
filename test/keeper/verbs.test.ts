// The verbs of the Keeper's program that people and orion call, and the configurations that it refuses.
import assert from 'node:assert/strict'
import { CONFIG, makeStage, type Stage } from './stage.ts'

const [district] = CONFIG.shed
const [council] = CONFIG.balloonIdle

/** Name of the case, what is in the file, and what is said of it. */
const wrong: readonly (readonly [string, unknown, string])[] = [
  ['no JSON', undefined, 'not a JSON object'],
  ['a list', [], 'not a JSON object'],
  ['an unknown key', { ...CONFIG, shedd: [] }, 'unknown key shedd'],
  ['a limit alone', { ...CONFIG, resume: undefined }, 'limit and resume belong together'],
  ['a limit that is text', { ...CONFIG, limit: 'hot' }, 'bad limit'],
  ['a limit beyond sense', { ...CONFIG, limit: 900 }, 'bad limit'],
  ['resume above the limit', { ...CONFIG, resume: 80 }, 'resume is not below limit'],
  ['a node that is a path', { ...CONFIG, node: '../x' }, 'bad node'],
  ['an interval beyond the watchdog', { ...CONFIG, intervalSeconds: 60 }, 'bad intervalSeconds'],
  ['a guest without a number', { ...CONFIG, shed: [{ ...district, vmid: undefined }] }, 'shed: bad vmid'],
  ['a guest whose number is a command', { ...CONFIG, shed: [{ ...district, vmid: '110;reboot' }] }, 'shed: bad vmid'],
  ['a guest of another kind', { ...CONFIG, shed: [{ ...district, kind: 'lxc' }] }, 'shed: bad kind'],
  ['no time to go down', { ...CONFIG, shed: [{ ...district, downSeconds: 0 }] }, 'shed: bad downSeconds'],
  ['memory of a container', { ...CONFIG, balloonIdle: [{ ...council, kind: 'ct' }] }, 'balloonIdle: bad kind'],
  ['no memory', { ...CONFIG, balloonIdle: [{ ...council, balloonMib: 0 }] }, 'balloonIdle: bad balloonMib'],
  ['a file that is no path', { ...CONFIG, metrics: 'x.prom' }, 'bad metrics'],
  ['a number that is kept and none', { ...CONFIG, keep: ['all'] }, 'bad keep'],
  ['no list', { ...CONFIG, shed: {} }, 'shed is not a list'],
]

describe("orion-keeper's verbs", function () {
  this.timeout(30_000)
  let stage: Stage
  beforeEach(() => {
    stage = makeStage()
  })
  afterEach(() => stage.close())

  for (const [name, value, message] of wrong)
    it(`refuses ${name}`, async () => {
      stage.put('etc/orion/keeper.json', value === undefined ? '{"node":' : JSON.stringify(value))
      const file = `${stage.root}/etc/orion/keeper.json`
      const { code, stderr } = await stage.verb('check', file)
      assert.deepEqual([code, stderr], [1, `orion-keeper: ${file}: ${message}\n`])
    })

  it('takes a sound configuration, and one of the least', async () => {
    assert.deepEqual(await stage.verb('check'), { code: 0, stdout: '', stderr: '' })
    stage.put('etc/orion/keeper.json', '{"node":"genesis"}')
    assert.equal((await stage.verb('check')).code, 0)
    await stage.start()
    assert.equal(stage.status().state, 'cool')
  })

  it('shows its usage for what it does not know', async () => {
    for (const words of [[], ['heat'], ['test', 'hot'], ['test'], ['release', '--all']]) {
      const { code, stderr } = await stage.verb(...words)
      assert.deepEqual([code, stderr.slice(0, 6)], [2, 'usage:'])
    }
  })

  it('says what it is where the service never ran, runs, and was stopped', async () => {
    const status = async () => JSON.parse((await stage.verb('status')).stdout)
    const never = await status()
    assert.deepEqual([never.running, never.lastRun, never.readings], [false, 0, []])
    await stage.start()
    const { running } = stage.status()
    assert.equal(running, true)
    const gone = stage.kill('SIGTERM')
    stage.let()
    await gone
    const stopped = await status()
    assert.deepEqual([stopped.running, stopped.node, stopped.readings.length], [false, 'genesis', 1])
  })

  it('writes a document of numbers, texts and truths', async () => {
    stage.heat(85.5)
    await stage.start()
    await stage.turn(7)
    const status = stage.status()
    assert.deepEqual(status.readings, [
      { sensor: 'k10temp/0000:00:18.3/Tctl', celsius: 85.5, good: true, reason: null, over: true },
    ])
    const since = (at: number) => 1_700_001_000 + at
    const entry = { kind: 'vm', phase: 'done', problem: null }
    assert.deepEqual(status.shed, [
      { ...entry, name: 'council', vmid: 101, action: 'balloon', since: since(5) },
      { ...entry, name: 'district', vmid: 110, action: 'shutdown', since: since(35) },
    ])
    const { heartbeat, alarms } = status
    assert.deepEqual([status.state, heartbeat, alarms], ['shedding', null, []])
  })

  it('tells what it would do, from the guests as they are, and does nothing', async () => {
    stage.put('fake/guests/110.qemu', 'district stopped\n')
    stage.put('fake/guests/300.lxc', undefined)
    const { code, stdout } = await stage.verb('test', '80.5')
    const { version, ...told } = JSON.parse(stdout)
    assert.deepEqual([code, version], [0, 1])
    const guest = { name: 'council', vmid: 101, kind: 'vm' }
    assert.deepEqual(told, {
      node: 'genesis',
      celsius: 80.5,
      limit: 80,
      resume: 70,
      sheds: true,
      actions: [
        { order: 1, action: 'balloon', ...guest, toMib: 8192 },
        { order: 2, action: 'shutdown', ...guest, seconds: 60 },
        { order: 3, action: 'stop', ...guest, onlyIfRunning: true },
      ],
      skipped: [
        { name: 'district', vmid: 110, kind: 'vm', reason: 'not running' },
        { name: 'worker-1', vmid: 300, kind: 'ct', reason: 'not on this node' },
      ],
    })
    const cool = JSON.parse((await stage.verb('test', '80')).stdout)
    assert.deepEqual([cool.sheds, cool.actions], [false, []])
    assert.deepEqual(stage.acts(), [])
    stage.put('fake/fail.list', '')
    assert.equal((await stage.verb('test', '85')).code, 1)
  })

  it('does what it told', async () => {
    const { actions } = JSON.parse((await stage.verb('test', '85')).stdout)
    stage.heat(85)
    await stage.start()
    const told = actions.filter((one: { onlyIfRunning?: boolean }) => !one.onlyIfRunning)
    const words = told.map((one: { action: string; vmid: number; toMib?: number }) =>
      one.toMib ? `${one.action}=${one.toMib} ${one.vmid}` : `${one.action} ${one.vmid}`,
    )
    assert.deepEqual(await stage.turn(40), words)
  })

  it('gives back on request: by the service, or without it, but not while it is hot', async () => {
    stage.heat(85)
    await stage.start()
    await stage.turn(7)
    const refused = await stage.verb('release')
    assert.deepEqual([refused.code, stage.acts()], [1, []])
    assert.match(refused.stderr, /over its limit/)
    stage.heat(75)
    // It has seen that it is cooler, and gives nothing back by itself.
    assert.deepEqual(await stage.turn(), [])
    const asked = stage.verb('release')
    const done: string[] = []
    for (let turn = 0; turn < 400 && done.length < 2; turn += 1) done.push(...(await stage.turn()))
    assert.deepEqual([(await asked).code, done], [0, ['start 110', 'balloon=32768 101']])

    stage.heat(85)
    await stage.turn(16)
    await stage.kill()
    assert.equal((await stage.verb('release')).code, 1)
    stage.acts()
    stage.put('fake/fail.start.110', '')
    const stuck = await stage.verb('release', '--force')
    assert.match(stuck.stderr, /district was not given back/)
    assert.equal(stuck.code, 1)
    stage.put('fake/fail.start.110', undefined)
    assert.equal((await stage.verb('release', '--force')).code, 0)
    assert.deepEqual(stage.acts(), ['start 110', 'balloon=32768 101', 'start 110'])
  })
})
