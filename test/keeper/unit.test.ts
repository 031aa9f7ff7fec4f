// The Keeper as a service of a real systemd: rising and broken sensors in its /sys, a kill, a watchdog that bites, a stop.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { CONFIG as FILE, keeperProgram, keeperUnit, PROGRAM, UNIT, UNIT_FILE } from '../../src/parts/keeper/program.ts'
import { within } from '../hosts/inside.ts'
import { startHost, type TestHost, withHosts } from '../hosts/nspawn.ts'
import { CONFIG, GUESTS, type Status } from './stage.ts'

const PROGRAMS = readFileSync(new URL('programs.sh', import.meta.url), 'utf8')
const SENSOR = '/run/test-class/hwmon/hwmon0/temp1_input'
const LIMIT_MS = 30_000

describe('orion-keeper.service', function () {
  this.timeout(120_000)
  let host: TestHost

  const put = async (path: string, text: string, mode = '644') => {
    await host.must(
      ['sh', '-c', `mkdir -p "\${1%/*}" && cat >"$1.new" && chmod ${mode} "$1.new" && mv "$1.new" "$1"`, 'put', path],
      {
        input: text,
      },
    )
  }
  const heat = (text: string) => host.must(['sh', '-c', 'printf "%s\\n" "$1" >"$2"', 'heat', text, SENSOR])
  const status = async (): Promise<Status> => JSON.parse(await host.must([PROGRAM, 'status']))
  const show = async (property: string) =>
    (await host.must(['systemctl', 'show', `--property=${property}`, '--value', UNIT])).trim()
  const acts = async () => (await host.exec(['cat', '/fake/log'])).stdout.split('\n').slice(0, -1)
  const until = (what: string, isSo: () => Promise<boolean>) => within(LIMIT_MS, what, isSo)

  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'keeper' })
    await put('/run/test-class/hwmon/hwmon0/name', 'k10temp\n')
    await put(SENSOR, '45000\n')
    await host.must(['mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=/run/test-class:/sys/class', '/sys/class'])
    for (const name of ['qm', 'pct', 'pvesh']) await put(`/usr/local/bin/${name}`, PROGRAMS, '755')
    for (const [name, text] of Object.entries(GUESTS)) await put(`/fake/guests/${name}`, `${text}\n`)
    await put(PROGRAM, keeperProgram(), '755')
    await put(UNIT_FILE, keeperUnit())
    // Short for the test; where the programs that stand in for Proxmox VE's have their files.
    await put(`${UNIT_FILE}.d/test.conf`, '[Service]\nWatchdogSec=4\nEnvironment=FAKE=/fake\n')
    const [first] = CONFIG.shed
    await put(
      FILE,
      JSON.stringify({ ...CONFIG, intervalSeconds: 1, balloonIdle: [], shed: [first], metrics: '/run/orion.prom' }),
    )
    await host.must(['systemctl', 'daemon-reload'])
  })
  after(() => host?.stop())

  it('is a sound unit, and is there once it has looked', async () => {
    const { stderr } = await host.exec(['systemd-analyze', 'verify', UNIT_FILE])
    assert.equal(stderr, '')
    await host.must(['systemctl', 'enable', '--now', UNIT])
    const { running, state, readings } = await status()
    assert.deepEqual([running, state, readings.length], [true, 'cool', 1])
  })

  it('says that a sensor is broken, and does nothing else', async () => {
    await heat('-273000')
    await until('the alarm', async () => (await status()).alarms.some(({ code }) => code === 'sensor'))
    await heat('130000')
    await until('a second reading', async () => (await status()).readings[0]?.reason === 'out of range')
    assert.deepEqual(await acts(), [])
    const log = await host.must(['journalctl', '-u', UNIT, '-o', 'cat'])
    assert.match(log, /^alarm code=sensor subject=k10temp\/\S+ text="out of range: sheds nothing"$/m)
    assert.match(await host.must(['journalctl', '-u', UNIT, '-p', 'warning', '-o', 'cat']), /^alarm /m)
    await heat('60000')
    await until('trust', async () => (await status()).alarms.length === 0)
  })

  it('sheds where it gets hot, and tells node-exporter', async () => {
    await heat('85000')
    await until('the shutdown', async () => (await status()).shed[0]?.phase === 'done')
    assert.deepEqual(await acts(), ['shutdown 110'])
    assert.match(await host.must(['cat', '/run/orion.prom']), /^orion_keeper_shed\{guest="district",vmid="110"\} 1$/m)
  })

  const isBack = async (before: string) => {
    const { running, shed } = await status()
    return (
      running && (await show('MainPID')) !== before && (await show('ActiveState')) === 'active' && shed.length === 1
    )
  }

  it('comes back after a kill and knows what it shed', async () => {
    const before = await show('MainPID')
    await host.must(['kill', '-9', before])
    await until('another Keeper', () => isBack(before))
    assert.deepEqual(await acts(), ['shutdown 110'])
  })

  it('is killed by its watchdog where it hangs, and comes back', async () => {
    const before = await show('MainPID')
    await host.must(['kill', '-STOP', before])
    await until('another Keeper', () => isBack(before))
    assert.match(await host.must(['journalctl', '-u', UNIT, '-o', 'cat']), /Watchdog timeout/)
    assert.deepEqual(await acts(), ['shutdown 110'])
  })

  it('gives back on request, and stops', async () => {
    await heat('50000')
    await until('good readings', async () => (await status()).readings[0]?.celsius === 50)
    await host.must([PROGRAM, 'release'])
    assert.deepEqual(await acts(), ['shutdown 110', 'start 110'])
    await host.must(['systemctl', 'stop', UNIT])
    assert.deepEqual([(await status()).running, await show('Result')], [false, 'success'])
  })
})
