// The pages of orion keeper: status, test, predict, log and what --watch tells of changes. 80 columns.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { changesOf } from '../../src/console/keeper-live.ts'
import { renderLog } from '../../src/console/keeper-log-view.ts'
import { renderForecasts } from '../../src/console/keeper-predict-view.ts'
import type { StatusLines } from '../../src/console/keeper-readings.ts'
import { isWell, type KeeperLine, type KeeperPage, renderKeeper } from '../../src/console/keeper-table.ts'
import { renderTests } from '../../src/console/keeper-test-view.ts'
import { getWidth } from '../../src/console/text.ts'
import { page, plain } from './plain.ts'

const NOW = 1_763_762_400
const calm: StatusLines = {
  ...{ running: true, lastRun: NOW - 3, state: 'cool', limit: 80, resume: 70 },
  readings: [{ sensor: 'coretemp/0/Package id 0', celsius: 44.6, good: true, over: false }],
  ...{ shed: [], disks: [], alarms: [] },
}
const hot: StatusLines = {
  ...calm,
  state: 'shedding',
  readings: [
    { sensor: 'coretemp/0/Package id 0', celsius: 83.5, good: true, over: true },
    { sensor: 'k10temp/0000:00:18.3/Tctl', good: false, reason: 'gone', over: false },
  ],
  shed: [
    { name: 'council', vmid: 101, action: 'balloon', phase: 'done', since: NOW - 260 },
    { name: 'district', vmid: 110, action: 'shutdown', phase: 'going', since: NOW - 12 },
  ],
  disks: [
    { disk: '/dev/nvme0n1', model: 'Samsung SSD 980 PRO', failing: false, reasons: [], celsius: 41, readable: true },
    { disk: '/dev/sda', model: 'WDC WD40EFRX', failing: true, reasons: ['3 pending sectors'], readable: true },
  ],
  heartbeat: { port: '/dev/ttyUSB0', ok: true, count: 1204, answer: 'armed', leftSeconds: 171 },
  alarms: [{ text: 'k10temp/0000:00:18.3/Tctl is gone', since: NOW - 90_000 }],
}
const one = (line: Omit<KeeperLine, 'node'>): KeeperPage => ({
  site: 'hive',
  nodes: [{ node: 'genesis', now: NOW, ...line }],
})

describe('console/keeper-table', () => {
  it('is short where all is calm', () => {
    const watchdog = { state: 'ok', text: 'systemd feeds iTCO_wdt, 60 s' } as const
    assert.equal(
      renderKeeper(one({ status: calm, watchdog }), plain),
      page(`
      hive  1 node, calm

      genesis  cool, 45 °C, limit 80 °C, looked 3 s ago
        SENSOR                     NOW                    LIMIT
        coretemp/0/Package id 0  45 °C  █████████░░░░░░░  80 °C

        watchdog   systemd feeds iTCO_wdt, 60 s
      `),
    )
  })

  it('tells of a hot node what it is, what gave way since when, and what is wrong', () => {
    const watchdog = { state: 'warning', text: 'watchdog-mux feeds softdog, 10 s', hint: 'a real one' } as const
    assert.equal(
      renderKeeper(one({ status: hot, watchdog }), plain),
      page(`
      hive  1 node, alarm

      genesis  shedding, 84 °C, limit 80 °C, looked 3 s ago
        SENSOR                       NOW                    LIMIT
        coretemp/0/Package id 0    84 °C  ████████████████  80 °C
        k10temp/0000:00:18.3/Tctl      -                    80 °C  gone

        GAVE WAY        BY        NOW                          SINCE
        council (101)   balloon   waits until it is cool  4 min 20 s
        district (110)  shutdown  under way                     12 s

        DISK          MODEL                  NOW  HEALTH
        /dev/nvme0n1  Samsung SSD 980 PRO  41 °C  ok
        /dev/sda      WDC WD40EFRX             -  fails: 3 pending sectors

        watchdog   watchdog-mux feeds softdog, 10 s
                   Try: a real one
        heartbeat  /dev/ttyUSB0: 1204 sent, armed, 171 s left

      ✖ genesis: k10temp/0000:00:18.3/Tctl is gone (25 h 0 min)
      `),
    )
  })

  it('tells of nodes without a Keeper, with one that stands still, and of silent ones', () => {
    const nodes: KeeperLine[] = [
      { node: 'n1', now: NOW, watchdog: { state: 'failed', text: 'nobody has iTCO_wdt' } },
      { node: 'n2', now: NOW, status: { ...calm, running: false, lastRun: NOW - 500, readings: [] } },
      { node: 'n3', problem: { message: 'n3 does not answer', suggestions: ['is it on?'] } },
      { node: 'n4', now: NOW, status: { ...calm, limit: undefined, resume: undefined } as never },
    ]
    assert.equal(
      renderKeeper({ site: 'hive', nodes }, plain),
      page(`
      hive  4 nodes, 3 with an alarm

      n1  no Keeper: orion keeper apply --node n1
        watchdog   nobody has iTCO_wdt

      n2  does not run, looked 8 min 20 s ago

      n3  ?
      ✖ n3 does not answer
        Try: is it on?

      n4  cool, 45 °C, looked 3 s ago
        SENSOR                     NOW
        coretemp/0/Package id 0  45 °C
      `),
    )
    assert.deepEqual(nodes.map(isWell), [false, false, false, true])
  })

  it('fits 80 columns whatever names there are, and obeys no terminal codes', () => {
    const word = fc.string({ maxLength: 60 })
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        const status: StatusLines = {
          ...hot,
          readings: [{ sensor: a, celsius: 400, good: true, reason: c, over: true }],
          shed: [{ name: b, vmid: 1, action: c, phase: a, since: 0, problem: b }],
          disks: [{ disk: '/dev/sda', model: a, failing: true, reasons: [b, c], readable: true }],
          alarms: [{ text: `${a}\u001b[2J${b}`, since: 0 }],
        }
        const text = renderKeeper(one({ status, watchdog: { state: 'failed', text: a, hint: b } }), plain)
        assert.ok(!text.includes('\u001b'))
        for (const line of text.split('\n')) assert.ok(getWidth(line) <= 80, line)
      }),
    )
  })

  it('--watch tells a node once, and then what changed', () => {
    const states = new Map<string, string>()
    assert.deepEqual(changesOf(one({ status: calm }), states), ['genesis cool'])
    assert.deepEqual(changesOf(one({ status: calm }), states), [])
    assert.deepEqual(changesOf(one({ status: hot }), states), [
      'genesis cool -> shedding, council balloon, district shutdown, alarm',
    ])
    assert.deepEqual(changesOf(one({}), states).join().endsWith('-> no Keeper, alarm'), true)
  })
})

describe('console/keeper-test-view', () => {
  it('is the order in which guests would give way', () => {
    const actions = [
      { action: 'balloon', name: 'council', vmid: 101, kind: 'vm', toMib: 8192 },
      { action: 'shutdown', name: 'district', vmid: 110, kind: 'vm', seconds: 60 },
      { action: 'stop', name: 'district', vmid: 110, kind: 'vm', onlyIfRunning: true as const },
    ]
    const skipped = [{ name: 'worker-1', vmid: 300, reason: 'not running' }]
    const problem = { message: 'it is not installed', suggestions: ['orion keeper apply --node n2'] }
    const bare = { celsius: 85, sheds: false, actions: [], skipped: [] }
    const nodes = [
      { node: 'genesis', test: { celsius: 85, limit: 80, sheds: true, actions, skipped } },
      { node: 'n2', problem },
      { node: 'n3', test: bare },
      { node: 'n4', test: { ...bare, limit: 90 } },
      { node: 'n5', test: { ...bare, limit: 80, sheds: true } },
    ]
    assert.equal(
      renderTests(nodes, plain),
      page(`
      genesis  at 85 °C (limit 80 °C) it would, one after the other while it stays
               hot:
        #  IT WOULD          GUEST           HOW
        1  take idle memory  council (101)   down to 8192 MiB
        2  shut down         district (110)  60 s to end itself
        3  stop              district (110)  only if it runs on
        passed over: worker-1 (300): not running

      ✖ n2: it is not installed
        Try: orion keeper apply --node n2

      n3  it has no limit, and sheds nothing at 85 °C

      n4  85 °C is not over the limit of 90 °C: it would do nothing

      n5  at 85 °C (limit 80 °C) it has nothing to shed
      `),
    )
  })
})

describe('console/keeper-predict-view', () => {
  it('is what fails, who would go where, who stays and why', () => {
    const move = { guest: 'db', vmid: 100, from: 'n1', to: 'n2', how: 'live', memoryMib: 4096, remarks: [] } as const
    const remarks = [{ text: 'what stays is lost with the disk; back it up now', hint: 'vzdump 200, on n1' }]
    const empty = { disks: 2, failing: [], moves: [], stays: [], underWay: [], remarks: [] }
    const failing = [{ disk: '/dev/sda', model: 'WDC WD40EFRX', serial: 'WD-1', reasons: ['3 pending sectors'] }]
    const restart = { ...move, guest: 'ct', vmid: 101, how: 'restart', remarks: ['it ends and starts again'] } as const
    const stays = [{ guest: 'floor', vmid: 200, why: ['its cores are pinned'] }]
    const nodes = [
      {
        node: 'n1',
        forecast: { ...empty, node: 'n1', failing, moves: [move, restart], stays, underWay: ['web'], remarks },
      },
      { node: 'n2', forecast: { ...empty, node: 'n2' } },
      { node: 'n3', forecast: { ...empty, node: 'n3' } },
      { node: 'n4', problem: { message: 'silent', suggestions: [] } },
    ]
    assert.equal(
      renderForecasts(nodes, plain),
      page(`
      n1
      ✖ /dev/sda (WDC WD40EFRX WD-1) fails: 3 pending sectors
        Would go, in this order:
        GUEST     TO  HOW      MEMORY  REMARKS
        db (100)  n2  live         4G  -
        ct (101)  n2  restart      4G  it ends and starts again
        under way: web
        Cannot go:
        floor (200)  its cores are pinned
      ! what stays is lost with the disk; back it up now
        Try: vzdump 200, on n1

      ✖ n4: silent

      ✔ n2, n3: 4 disks, none of them fails
      `),
    )
  })
})

describe('console/keeper-log-view', () => {
  it('is a line per entry, which goes on under itself; nodes only where there are several', () => {
    const entry = { node: 'n1', at: NOW * 1000, priority: 4, text: `shed action=shutdown ${'x'.repeat(50)} guest=a` }
    const [first = '', second = ''] = renderLog([entry], ['n1', 'genesis'], plain)
    assert.match(first, /^11-2\d \d\d:\d\d:00 {2}n1 {7}shed action=shutdown/)
    assert.match(second, /^ {25}\S/)
    assert.match(renderLog([{ ...entry, text: 'start' }], ['n1'], plain).join(), /:00 {2}start$/)
  })
})
