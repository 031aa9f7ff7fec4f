// Proof that a node which stands still starts anew: systemd feeds the watchdog as orion's file says, and the hardware resets it.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Operator } from '../commands/orion.ts'
import { startGuest, type TestGuest, withGuests } from '../hosts/qemu.ts'
import { newOperatorOf } from './guest-operator.ts'

const TIMEOUT_S = 20
const DROP_IN = '/etc/systemd/system.conf.d/90-orion-watchdog.conf'

const siteText = ({ address }: TestGuest, timeout: string) => `
site: proof
nodes:
  guest: { address: ${address}, gateway: 10.0.2.2, ports: { mgmt: eno1 } }
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.0.2.0/24 }
keeper:
  watchdog: { device: /dev/watchdog0, timeout: ${timeout} }
`

describe('the watchdog of a real machine', function () {
  this.timeout(300_000)
  this.bail(true)
  let guest: TestGuest
  let operator: Operator

  const orion = (timeout: string, ...words: string[]) => {
    const file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText(guest, timeout))
    return operator.run([...words, '--site', file], { timeout: 280_000 })
  }
  const apply = (timeout = `${TIMEOUT_S}s`) =>
    orion(timeout, 'keeper', 'apply', '--yes', '--confirm-within', '180s', '--json')
  /** What the kernel says of the hardware. */
  const watchdog = (key: string) => guest.must(['cat', `/sys/class/watchdog/watchdog0/${key}`])

  before(async function () {
    await withGuests(this, 'gpu')
    guest = await startGuest('gpu')
    operator = newOperatorOf(guest)
  })
  after(() => {
    operator?.leave()
    guest?.stop()
  })

  it('nobody feeds it before; a timeout that it cannot count to is refused', async () => {
    assert.match(await watchdog('identity'), /i6300ESB/)
    assert.equal((await watchdog('state')).trim(), 'inactive')
    const ran = await apply('2h')
    assert.equal(ran.exit, 4, ran.out + ran.err)
    assert.match(ran.out, /counts to \d+ s at most/)
    assert.equal((await watchdog('state')).trim(), 'inactive')
  })

  it('systemd feeds it, with the timeout of the site file', async () => {
    const ran = await apply()
    assert.equal(ran.exit, 0, ran.out + ran.err)
    assert.deepEqual([(await watchdog('state')).trim(), (await watchdog('timeout')).trim()], ['active', `${TIMEOUT_S}`])
    assert.match(await guest.must(['sh', '-c', 'ls -l /proc/1/fd']), /\/dev\/watchdog0/)
    assert.match(await guest.must(['systemctl', 'is-active', 'orion-keeper.service']), /^active/)
  })

  it('a second run changes nothing', async () => {
    const ran = await apply()
    assert.equal(ran.exit, 0, ran.out + ran.err)
    const { steps } = JSON.parse(ran.out).plan as { steps: readonly { verb: string }[] }
    assert.deepEqual([...new Set(steps.map(({ verb }) => verb))], ['keep'], ran.out)
  })

  it('a kernel that has stopped is reset, and the watchdog is fed again after that', async () => {
    const before = await guest.bootId()
    // A panic that waits for ever: nothing runs any more, so nothing can restart it either.
    const stop = 'sync; echo 0 > /proc/sys/kernel/panic; (sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &'
    await guest.must(['sh', '-c', stop])
    await guest.restarted(before)
    assert.equal((await watchdog('state')).trim(), 'active')
    // i6300esb remembers who reset the machine (WDIOF_CARDRESET).
    assert.equal((await watchdog('bootstatus')).trim(), '32')
    assert.match(await guest.must(['cat', DROP_IN]), /RuntimeWatchdogSec=20/)
  })

  it('undo: nobody feeds it, and it does not count any more', async () => {
    const changes = (await guest.must(['orion-guard', 'states'])).split('\n').map((line) => line.split(' '))
    const id = changes.find(([, state, name]) => state === 'confirmed' && name === 'watchdog')?.[0] ?? ''
    const ran = await orion(`${TIMEOUT_S}s`, 'keeper', 'undo', 'guest', '--to', id, '--yes', '--confirm-within', '180s')
    assert.equal(ran.exit, 0, ran.out + ran.err)
    assert.notEqual((await guest.exec(['ls', DROP_IN])).code, 0)
    assert.equal((await watchdog('state')).trim(), 'inactive', ran.out)
  })
})
