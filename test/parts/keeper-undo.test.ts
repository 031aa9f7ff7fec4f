// Undoing a change of the Keeper: which are its own, what ends with it, and what cannot end.
import assert from 'node:assert/strict'
import { WATCHDOG_FILE } from '../../src/parts/keeper/watchdog.ts'
import { keeperWayBack } from '../../src/parts/keeper-undo.ts'
import { nodeWayBack } from '../../src/parts/net-undo.ts'
import type { Keeper } from '../../src/site/services.ts'
import { code } from '../resources/fake-file-set.ts'
import { file } from '../resources/fake-host.ts'
import { node, site } from '../site/site-builder.ts'

const NOW = 1_763_762_400
const keeper: Keeper = {
  shed: [],
  balloonIdle: [],
  watchdog: { device: '/dev/watchdog', timeoutSeconds: 60 },
  serial: '/dev/ttyUSB0',
}
const CALM = { version: 1, running: true, lastRun: NOW, state: 'cool', readings: [], shed: [], disks: [], alarms: [] }
const DOG = [
  'device|/dev/watchdog|watchdog0',
  'dog|watchdog0|iTCO_wdt|active|60|613|2|0',
  'held|watchdog0|1|systemd|init.scope',
  'mux|not-found|inactive||-',
  'manager|1min',
].join('\n')

describe('parts/keeper-undo', () => {
  const of = site({ nodes: [node('n1')], keeper })
  const UNIT = '/etc/systemd/system/orion-keeper.service'
  const gone = (path: string) => [{ path, text: undefined }]
  const seen = (dog: string, status: unknown = CALM) => ({
    files: new Map([[UNIT, file('x')]]),
    commands: new Map([
      ['watchdog-look', { code: 0, stdout: dog, stderr: '' }],
      ['keeper-status', { code: 0, stdout: JSON.stringify(status), stderr: '' }],
    ]),
  })

  it('has its own changes, and the network leaves them alone', () => {
    const [ours, net] = [keeperWayBack(of, 'n1'), nodeWayBack(of, 'n1')]
    for (const name of ['keeper', 'watchdog'])
      assert.deepEqual([ours.isOurs(name), net.isOurs(name)], [true, false], name)
    for (const name of ['interfaces', 'sysctl', 'zram'])
      assert.deepEqual([ours.isOurs(name), net.isOurs(name)], [false, true], name)
    for (const name of ['gpu', 'reboot', 'cores', 'profile', 'mesh', 'mesh-bird'])
      assert.deepEqual([ours.isOurs(name), net.isOurs(name)], [false, false], name)
    assert.throws(() => keeperWayBack(of, 'nobody'), code('E_USAGE'))
  })

  it('says what ends with the Keeper, and what would stay down', () => {
    const way = keeperWayBack(of, 'n1')
    assert.match(way.disruptsBack(gone(UNIT), seen(DOG)) ?? '', /^the Keeper for good \(nobody sheds when n1 is hot\)$/)
    const shed = [{ name: 'a', vmid: 1, kind: 'vm', action: 'stop', phase: 'done', since: NOW, problem: null }]
    assert.match(
      way.disruptsBack(gone(UNIT), seen(DOG, { ...CALM, shed })) ?? '',
      /stays down unless given back first by orion-keeper release: a\)$/,
    )
    assert.equal(way.disruptsBack([{ path: UNIT, text: 'older' }], seen(DOG)), undefined)
  })

  it('says what ends with the watchdog, and where it cannot end', () => {
    const way = keeperWayBack(of, 'n1')
    assert.match(way.disruptsBack(gone(WATCHDOG_FILE), seen(DOG)) ?? '', /^the watchdog for good \(n1 does not/)
    const stuck = DOG.replace('|613|2|0', '|613|2|1')
    assert.match(
      way.disruptsBack(gone(WATCHDOG_FILE), seen(stuck)) ?? '',
      /at the next restart, as iTCO_wdt cannot be stopped before: nowayout/,
    )
  })

  it('finds the set of the files, also in a site that has no Keeper any more', () => {
    assert.equal(keeperWayBack(site({ nodes: [node('n1')] }), 'n1').leastSeconds(gone(UNIT)), 0)
  })
})
