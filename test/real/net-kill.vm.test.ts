// orion killed, or the host without power, at any moment of a network change: every file ends as it was or as wanted, and the next run makes it whole.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { BIN, type Ran } from '../commands/orion.ts'
import { startHost, withHosts } from '../hosts/nspawn.ts'
import { interfaces, Stage, WINDOW_S } from './net-stage.ts'
import { numbers } from './random.ts'

const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 0xffffffff))
const KILLS = 10
const POWER_FAILURES = 3
/** Two changes of the host, one after the other. */
const WISH = { more: ['sysctl: { vm.swappiness: 11 }'] }
const FILES = ['/etc/network/interfaces', '/etc/sysctl.d/90-orion.conf']

describe(`a network change, interrupted (KILL_SEED=${SEED})`, function () {
  this.timeout(180_000)
  const random = numbers(SEED)
  let stage: Stage
  let wholeMs = 0
  /** Each file's text before anything, and as wanted. */
  const old: string[] = []
  const wanted: string[] = []

  const texts = (): Promise<string[]> =>
    Promise.all(FILES.map((file) => stage.host.must(['sh', '-c', 'cat "$0" 2>/dev/null || echo none', file])))

  /** As on the first day. */
  async function reset(): Promise<void> {
    const script = `rm -rf /var/lib/orion ${FILES[1]}; cat >${FILES[0]}; ifreload -a; sysctl -qw vm.swappiness=60`
    await stage.host.must(['sh', '-c', script], { input: interfaces(stage.host.address) })
  }

  /** Runs `disturb` when so much of a whole run is over; returns how orion ended. */
  async function disturbed(moment: number, disturb: (kill: () => void) => Promise<void> | void): Promise<Ran> {
    const { home } = stage.operator
    const args = ['net', 'apply', '--yes', '--confirm-within', `${WINDOW_S}s`, '--site', stage.site(WISH)]
    const env = { HOME: home, XDG_STATE_HOME: `${home}/state`, XDG_CONFIG_HOME: `${home}/config`, NO_COLOR: '1' }
    const child = execa(process.execPath, [BIN, ...args], { env, reject: false, stdin: 'ignore', cwd: home })
    const timer = sleep(moment * wholeMs).then(() => disturb(() => child.kill('SIGKILL')))
    const [{ exitCode, stdout, stderr }] = await Promise.all([child, timer])
    return { exit: exitCode ?? -1, out: String(stdout), err: String(stderr) }
  }

  /** Every change is over by itself, every file is one of the two, as its change says; then it converges. */
  async function assertWhole(): Promise<readonly string[]> {
    await stage.host.reachable()
    await stage.until(async () => !/ armed /.test((await stage.host.exec(['orion-guard', 'list'])).stdout))
    const now = await texts()
    const list = (await stage.host.exec(['orion-guard', 'list'])).stdout
    for (const [index, name] of ['interfaces', 'sysctl'].entries()) {
      const stands = new RegExp(` confirmed .* ${name} `).test(list)
      assert.equal(now[index], stands ? wanted[index] : old[index], `${FILES[index]}\n${list}`)
    }
    assert.equal(await stage.host.must(['sh', '-c', 'find /etc /usr/local/sbin -name ".orion*"']), '')
    const again = await stage.apply(WISH)
    assert.equal(again.exit, 0, `${again.out}\n${again.err}`)
    assert.deepEqual(await texts(), wanted)
    return now
  }

  before(async function () {
    await withHosts(this)
    stage = new Stage(await startHost({ name: 'any', interfaces }))
    old.push(...(await texts()))
    const began = performance.now()
    const whole = await stage.apply(WISH)
    assert.equal(whole.exit, 0, `${whole.out}\n${whole.err}`)
    wholeMs = performance.now() - began
    wanted.push(...(await texts()))
    assert.ok(wanted.every((text, index) => text !== old[index]))
  })
  beforeEach(reset)
  after(() => {
    stage?.operator.leave()
    stage?.host.stop()
  })

  for (let index = 0; index < KILLS; index += 1) {
    const moment = (index + random()) / KILLS
    it(`orion killed at ${(100 * moment).toFixed(1)} % of the way`, async () => {
      await disturbed(moment, (kill) => kill())
      await assertWhole()
    })
  }

  for (let index = 0; index < POWER_FAILURES; index += 1) {
    const moment = 0.3 + (0.6 * (index + random())) / POWER_FAILURES
    it(`the host without power at ${(100 * moment).toFixed(1)} % of the way`, async () => {
      const ran = await disturbed(moment, () => stage.host.powerFail())
      const now = await assertWhole()
      const done = now.every((text, at) => text === wanted[at])
      assert.ok(done ? ran.exit >= 0 : ran.exit === 1 || ran.exit === 4, `${ran.exit}\n${ran.out}\n${ran.err}`)
    })
  }
})
