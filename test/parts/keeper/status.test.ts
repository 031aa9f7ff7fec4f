// What is seen of a node's Keeper and watchdog, and what verify makes of it.
import assert from 'node:assert/strict'
import { keeperProbes } from '../../../src/parts/keeper/probes.ts'
import { lookOf, openStatus } from '../../../src/parts/keeper/status.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import type { Keeper } from '../../../src/site/services.ts'
import { code } from '../../resources/fake-file-set.ts'
import { type Answer, fakeHost } from '../../resources/fake-host.ts'
import { node, site } from '../../site/site-builder.ts'

const NOW = 1_763_762_400
const keeper: Keeper = {
  shed: [],
  balloonIdle: [],
  watchdog: { device: '/dev/watchdog', timeoutSeconds: 60 },
  serial: '/dev/ttyUSB0',
}
const CALM = {
  version: 1,
  node: 'n1',
  running: true,
  lastRun: NOW - 3,
  state: 'cool',
  limit: 80,
  resume: 70,
  readings: [{ sensor: 'k10temp/Tctl', celsius: 45.5, good: true, reason: null, over: false }],
  shed: [],
  disks: [
    {
      disk: '/dev/sda',
      model: 'M',
      serial: 'S',
      failing: false,
      reasons: [],
      celsius: 40,
      readable: true,
      checked: NOW,
    },
  ],
  heartbeat: { port: '/dev/ttyUSB0', ok: true, count: 12, answer: 'armed', leftSeconds: 170 },
  alarms: [],
}
const ALARM = { code: 'sensor', subject: 'x', text: 'x is gone', since: NOW - 60 }
const DOG = [
  'device|/dev/watchdog|watchdog0',
  'dog|watchdog0|iTCO_wdt|active|60|613|2|0',
  'held|watchdog0|1|systemd|init.scope',
  'mux|not-found|inactive||-',
  'manager|1min',
].join('\n')

const host = (status: unknown, dog = DOG) => {
  const say: Answer = status === undefined ? { code: 127 } : JSON.stringify(status)
  const programs = { 'keeper-status': say, clock: `${NOW}\n`, 'watchdog-look': dog, 'node-name': 'n1\n' }
  return fakeHost({ name: 'n1', programs })
}

async function probe(status: unknown, dog?: string): Promise<string[]> {
  const { outside } = host(status, dog)
  const probes = keeperProbes(keeper, 'n1')
  const results = await Promise.all(probes.map((one) => one.run(outside)))
  return results.map(({ state, seen }, at) => `${probes[at]?.id.split(':')[0]} ${state}: ${seen}`)
}

describe('parts/keeper/status', () => {
  it('is all of what the program and the devices say', async () => {
    const { outside } = host(CALM)
    const view = openStatus(site({ nodes: [node('n1'), node('n2')], keeper }), outside, ['n1'])
    await view.look('n1')
    const [row, ...others] = view.page().nodes
    assert.deepEqual([view.names, others], [['n1'], []])
    assert.deepEqual([row?.now, row?.status?.readings[0]?.celsius], [NOW, 45.5])
    assert.deepEqual(row?.watchdog, {
      device: '/dev/watchdog',
      identity: 'iTCO_wdt',
      timeoutSeconds: 60,
      owner: 'systemd',
      text: 'systemd feeds iTCO_wdt, 60 s',
      state: 'ok',
    })
  })

  it('is refused where the site has no Keeper', () => {
    assert.throws(() => openStatus(site(), host(CALM).outside), code('E_USAGE'))
  })

  it('forgets what it saw of a node that does not answer any more', async () => {
    const { outside } = host(CALM)
    const view = openStatus(site({ nodes: [node('n1')], keeper }), outside)
    await view.look('n1')
    Object.assign(outside, { host: () => Promise.reject(new Error('gone')) })
    await assert.rejects(view.look('n1'))
    assert.deepEqual(view.page().nodes, [{ node: 'n1' }])
  })

  it('verifies a node that is calm', async () => {
    assert.deepEqual(await probe(CALM), [
      'keeper ok: cool',
      'disk-health ok: /dev/sda',
      'watchdog ok: systemd feeds iTCO_wdt, 60 s',
      'heartbeat ok: /dev/ttyUSB0: armed',
    ])
  })

  const failing = [{ ...CALM.disks[0], failing: true, reasons: ['pending sectors: 3'] }]
  const shed = [{ name: 'a', vmid: 1, kind: 'vm', action: 'stop', phase: 'done', since: NOW, problem: null }]
  for (const [what, status, want] of [
    ['is not installed', undefined, 'keeper failed: not installed'],
    [
      'stands still',
      { ...CALM, running: false, lastRun: NOW - 500 },
      'keeper failed: does not run: its last look was 500 s ago',
    ],
    ['never looked', { ...CALM, running: false, lastRun: 0 }, 'keeper failed: does not run: it never looked'],
    [
      'never looked at the disks',
      { ...CALM, running: false, lastRun: 0 },
      'disk-health unknown: the Keeper has not looked at them',
    ],
    ['raises an alarm', { ...CALM, alarms: [ALARM] }, 'keeper failed: x is gone'],
    ['tells of a disk', { ...CALM, alarms: [{ ...ALARM, code: 'disk' }] }, 'keeper ok: cool'],
    ['has shed', { ...CALM, state: 'shedding', shed }, 'keeper warning: shedding: a gave way'],
    ['sees a disk that fails', { ...CALM, disks: failing }, 'disk-health warning: /dev/sda fails: pending sectors: 3'],
    ['has no heartbeat', { ...CALM, heartbeat: null }, 'heartbeat failed: no heartbeat'],
    [
      'cannot write',
      { ...CALM, heartbeat: { ...CALM.heartbeat, ok: false } },
      'heartbeat failed: /dev/ttyUSB0 takes none',
    ],
    [
      'is disarmed',
      { ...CALM, heartbeat: { ...CALM.heartbeat, answer: 'disarmed' } },
      'heartbeat warning: /dev/ttyUSB0: disarmed',
    ],
  ] as const)
    it(`verifies one that ${what}`, async () =>
      assert.ok((await probe(status)).includes(want), `${await probe(status)}`))

  for (const [what, dog, want] of [
    ['nobody has', DOG.replace(/^held.*\n/m, ''), 'watchdog failed: nobody feeds iTCO_wdt, and it counts'],
    [
      'nobody ever had',
      DOG.replace(/^held.*\n/m, '').replace('|active', '|inactive'),
      'watchdog failed: nobody has iTCO_wdt',
    ],
    [
      'is not there',
      'device|/dev/watchdog|-\nmux|not-found|inactive||-\nmanager|0',
      'watchdog failed: no watchdog there',
    ],
    [
      'is only software',
      DOG.replace('iTCO_wdt', 'Software Watchdog').replace(
        '1|systemd|init.scope',
        '8|watchdog-mux|watchdog-mux.service',
      ),
      'watchdog warning: watchdog-mux feeds softdog, 60 s',
    ],
    [
      'is for one that does not run',
      DOG.replace(/^held.*\n/m, '').replace(/^mux.*$/m, 'mux|loaded|inactive|static|-'),
      'watchdog failed: iTCO_wdt is for watchdog-mux, which does not run',
    ],
  ] as const)
    it(`verifies a watchdog that ${what}`, async () =>
      assert.ok((await probe(CALM, dog)).includes(want), `${await probe(CALM, dog)}`))

  it('takes the clock of the node, and without one the time of its last look', () => {
    const commands = new Map([['keeper-status', { code: 0, stdout: JSON.stringify(CALM), stderr: '' }]])
    assert.equal(lookOf(keeper, 'n1', { ...NOTHING, commands }).now, NOW - 3)
  })
})
