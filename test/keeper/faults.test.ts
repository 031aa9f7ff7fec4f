// The Keeper's program where what it needs hangs, fails or is full: it goes on, says so, and loses no guest.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { CONFIG, makeStage, type Stage, type StageOptions } from './stage.ts'

const ONE = { balloonIdle: [], shed: [{ name: 'district', vmid: 110, kind: 'vm', downSeconds: 10 }] }
const STATE = 'var/lib/orion/keeper'

describe('orion-keeper in trouble', function () {
  this.timeout(60_000)
  let stage: Stage
  afterEach(() => stage?.close())

  const hot = async (options: StageOptions = {}) => {
    stage = makeStage(options)
    stage.heat(85)
    await stage.start()
    return stage
  }
  const alarms = () => stage.status().alarms.map(({ code, subject, text }) => `${code} ${subject}: ${text}`)

  it('ends a shutdown that hangs, and stops the guest after that', async () => {
    await hot({ config: ONE, patience: 2 })
    stage.put('fake/hang.shutdown.110', '')
    assert.deepEqual(await stage.turn(1), ['shutdown 110'])
    assert.deepEqual(await stage.turn(6), [])
    assert.deepEqual(stage.status().shed[0]?.phase, 'going')
    assert.deepEqual(await stage.turn(10), ['stop 110'])
    assert.match(stage.journal(), /failed action=shutdown .* reason="it took too long"/)
    assert.equal(stage.guest('110.qemu'), 'district stopped')
    assert.throws(() => process.kill(Number(stage.read('fake/hung')), 0), { code: 'ESRCH' })
  })

  it('goes on with a start that hangs, and tries again', async () => {
    await hot({ config: ONE, patience: 2 })
    await stage.turn(2)
    stage.heat(50)
    stage.put('fake/hang.start.110', '')
    assert.deepEqual(await stage.turn(14), ['start 110'])
    stage.put('fake/hang.start.110', undefined)
    assert.deepEqual(await stage.turn(190), ['start 110'])
    assert.equal(stage.guest('110.qemu'), 'district running')
    assert.deepEqual([stage.status().shed, alarms()], [[], []])
  })

  it('goes on with the next guest where a shutdown hangs for ever, says so, and remembers that guest', async () => {
    const shed = [...ONE.shed, { name: 'worker-1', vmid: 300, kind: 'ct', downSeconds: 10 }]
    await hot({ config: { ...ONE, shed }, patience: 1, unkillable: true })
    stage.put('fake/hang.shutdown.110', '')
    assert.deepEqual(await stage.turn(24), ['shutdown 110', 'shutdown 300'])
    const stuck = 'shutdown failed: it hangs, and cannot be killed'
    assert.deepEqual(
      alarms().filter((text) => text.startsWith('action')),
      [`action district: ${stuck}`],
    )
    stage.heat(50)
    assert.deepEqual(await stage.turn(20), ['start 300'])
    assert.deepEqual(
      stage.status().shed.map(({ vmid, problem }) => `${vmid} ${problem}`),
      ['110 it hangs, and cannot be killed'],
    )
    assert.deepEqual(alarms(), [`action district: ${stuck}`])
    // It goes after all, and what hung ends.
    stage.put('fake/guests/110.qemu', 'district stopped\n')
    process.kill(Number(stage.read('fake/hung')), 'SIGKILL')
    assert.deepEqual(await stage.turn(10), ['start 110'])
    assert.deepEqual([stage.status().shed, alarms()], [[], []])
  })

  it('asks the other disks where one hangs for ever, and that one not again', async () => {
    stage = makeStage({ config: { smartEverySeconds: 60 }, patience: 1, unkillable: true })
    for (const disk of ['sda', 'sdb']) stage.put(`sys/block/${disk}/device/model`, 'x')
    stage.put('fake/hang.smart.sda', '')
    stage.put('fake/smart.sdb', '{"smart_status":{"passed":true}}')
    await stage.start()
    await stage.turn(40)
    assert.equal(stage.read('fake/asked').match(/sda$/gm)?.length, 1)
    assert.deepEqual(
      stage.status().disks.map(({ disk, readable }) => `${disk} ${readable}`),
      ['/dev/sda false', '/dev/sdb true'],
    )
    assert.deepEqual(alarms(), ['disk /dev/sda: smartctl hangs on it'])
  })

  it('sheds nothing where the guests cannot be read in time', async () => {
    await hot({ patience: 2 })
    stage.put('fake/hang.list', '')
    assert.deepEqual(await stage.turn(10), [])
    assert.deepEqual(alarms(), ['guests genesis: cannot be read: it took too long; sheds nothing'])
    stage.put('fake/hang.list', undefined)
    assert.deepEqual(await stage.turn(8), ['balloon=8192 101'])
    assert.deepEqual(alarms(), [])
  })

  it('is not held up by a sensor that hangs, nor by one more program that does', async () => {
    await hot({ patience: 2 })
    stage.put('sys/class/hwmon/hwmon2/name', 'coretemp')
    stage.put('sys/class/hwmon/hwmon2/temp1_input', '50000')
    stage.put('fake/nvidia', '50\n')
    assert.deepEqual(await stage.turn(1), ['balloon=8192 101'])
    stage.put('sys/class/hwmon/hwmon2/temp1_input', undefined)
    execFileSync('mkfifo', [`${stage.root}/sys/class/hwmon/hwmon2/temp1_input`])
    stage.put('fake/hang.nvidia', '')
    assert.deepEqual(await stage.turn(8), ['shutdown 110'])
    assert.deepEqual(alarms(), [
      'sensor coretemp/hwmon2/temp1: too slow: sheds nothing',
      'sensor nvidia/0: too slow: sheds nothing',
    ])
  })

  it('remembers in memory what the disk does not take', async () => {
    await hot()
    stage.put(`${STATE}/state.json.new/full`, '')
    assert.deepEqual(await stage.turn(7), ['balloon=8192 101', 'shutdown 110'])
    assert.match(alarms().join(), /^state .*state.json.new: Is a directory/)
    await stage.kill()
    stage.heat(50)
    await stage.start()
    assert.deepEqual(
      stage.status().shed.map(({ vmid, phase }) => `${vmid} ${phase}`),
      ['101 done', '110 done'],
    )
    stage.put(`${STATE}/state.json.new`, undefined)
    assert.deepEqual(await stage.turn(30), ['start 110', 'balloon=32768 101'])
    assert.deepEqual(alarms(), [])
    assert.equal(JSON.parse(stage.read(`${STATE}/state.json`)).shed.length, 0)
    assert.equal(stage.read('run/orion-keeper/state.json'), '')
  })

  it('sheds nothing that it could not remember', async () => {
    stage = makeStage()
    stage.put(`${STATE}/state.json.new/full`, '')
    stage.put('run/orion-keeper/state.json.new/full', '')
    stage.heat(85)
    await stage.start()
    assert.deepEqual(await stage.turn(20), [])
    assert.match(stage.journal(), /failed action=balloon .*nothing can be remembered/)
    assert.deepEqual(stage.status().shed, [])
  })

  it('says that its metrics cannot be written, and leaves no half of them', async () => {
    stage = makeStage()
    execFileSync('ln', ['-s', '/dev/full', `${stage.root}/var/lib/metrics/orion-keeper.prom.new`])
    await stage.start()
    assert.match(stage.journal(), /^alarm code=metrics .*No space left on device"$/m)
    await stage.turn()
    assert.deepEqual(alarms(), [])
    assert.match(stage.read('var/lib/metrics/orion-keeper.prom'), /^orion_keeper_state\{state="cool"\} 1$/m)
  })

  it('starts anew with a state that is none', async () => {
    stage = makeStage()
    stage.put(`${STATE}/state.json`, '{"shed": [')
    await stage.start()
    assert.equal(stage.status().state, 'cool')
  })

  it('does not run twice', async () => {
    stage = makeStage()
    await stage.start()
    const { code, stderr } = await stage.verb('run')
    assert.deepEqual([code, stderr], [1, 'orion-keeper: it runs already\n'])
  })

  it('waits for a lock that is about to be free', async () => {
    stage = makeStage()
    await stage.start()
    await stage.kill()
    const holder = spawn('flock', [join(stage.root, 'run/orion-keeper/lock'), 'sh', '-c', 'echo held; sleep 1'])
    const gone = once(holder, 'exit')
    await once(holder.stdout, 'data')
    await stage.start()
    assert.equal(stage.status().running, true)
    await gone
  })

  it('takes no refusal of the monitor for memory that was taken: its exit code is 0', async () => {
    await hot()
    stage.put('fake/balloonless.101', '')
    assert.deepEqual(await stage.turn(1), [])
    assert.deepEqual(stage.status().shed, [])
    assert.deepEqual(alarms(), ['action council: balloon failed: Error: No balloon device has been activated'])
    assert.match(stage.read('var/lib/metrics/orion-keeper.prom'), /^orion_keeper_ballooned\{.*vmid="101"\} 0$/m)
    assert.deepEqual(await stage.turn(7), ['shutdown 110'])
  })

  it('has nothing to give back to a guest that lost its balloon meanwhile', async () => {
    await hot({ config: { shed: [] } })
    assert.deepEqual(await stage.turn(1), ['balloon=8192 101'])
    stage.heat(50)
    stage.put('fake/balloonless.101', '')
    assert.deepEqual(await stage.turn(20), [])
    assert.deepEqual([stage.status().shed, alarms()], [[], []])
  })

  it('gives back what was taken off the list meanwhile', async () => {
    await hot({ config: ONE })
    await stage.turn(2)
    await stage.kill('SIGKILL')
    stage.put('etc/orion/keeper.json', JSON.stringify({ ...CONFIG, shed: [], balloonIdle: [] }))
    stage.heat(50)
    await stage.start()
    assert.deepEqual(await stage.turn(20), ['start 110'])
  })
})
