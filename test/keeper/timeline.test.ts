// The Keeper's program against temperatures over time: what it takes and gives back, in which order and when.
import { CONFIG } from './stage.ts'
import { assertRow, type Row, tells, WARM } from './timeline.ts'

const ALL = ['20 balloon=8192 101', '50 shutdown 110', '80 shutdown 300', '110 shutdown 101']
const breaks = (file: string) => tells(file, '')
const heals = (file: string) => tells(file, undefined)
const becomes = (file: string, name: string, status: string) => tells(`guests/${file}`, `${name} ${status}\n`)

const rows: readonly Row[] = [
  { name: 'leaves a cool node alone', timeline: [[50, 30]], acts: [], state: 'cool' },
  { name: 'does nothing at the limit', timeline: [WARM, [80, 40]], acts: [], state: 'cool' },
  {
    name: 'takes no single reading for heat',
    timeline: [WARM, [95, 1], [70, 2], [95, 1], [70, 10]],
    acts: [],
    state: 'cool',
  },
  {
    name: 'takes one thing after the other while it is hot',
    timeline: [WARM, [90, 40]],
    acts: ALL,
    state: 'shedding',
    alarms: ['hot genesis'],
  },
  {
    name: 'stops taking as soon as it is not hot any more',
    timeline: [WARM, [90, 9], [75, 30]],
    acts: ALL.slice(0, 2),
    state: 'recovering',
  },
  {
    name: 'gives back in reverse order, and not at once',
    timeline: [WARM, [90, 30], [60, 50]],
    acts: [...ALL, '225 start 101', '255 start 300', '285 start 110'],
    state: 'cool',
  },
  {
    name: 'gives back nothing while it is between resume and limit',
    timeline: [WARM, [90, 9], [72, 20], [60, 10], [72, 2], [60, 30]],
    acts: [...ALL.slice(0, 2), '280 start 110', '310 balloon=32768 101'],
    state: 'cool',
  },
  {
    name: 'takes again what it just gave back, where the heat comes back',
    timeline: [WARM, [90, 9], [60, 14], [90, 9]],
    acts: [...ALL.slice(0, 2), '120 start 110', '150 shutdown 110'],
    state: 'shedding',
  },
  {
    name: 'takes nothing that does not run, is kept, or is another guest with that number',
    config: { keep: [101] },
    timeline: [becomes('110.qemu', 'district', 'stopped'), becomes('300.lxc', 'somebody', 'running'), WARM, [90, 20]],
    acts: [],
    state: 'hot',
    alarms: ['hot genesis'],
  },
  {
    name: 'never takes what has cores for itself, listed or not',
    config: { keep: [], pinned: [101] },
    timeline: [WARM, [90, 40]],
    acts: ['20 shutdown 110', '50 shutdown 300'],
    state: 'shedding',
    alarms: ['hot genesis'],
  },
  {
    name: 'sheds nothing without a limit',
    config: { limit: undefined, resume: undefined },
    timeline: [WARM, [90, 40]],
    acts: [],
    state: 'cool',
  },
  {
    name: 'stops those whose shutdown did not end, after all were asked',
    config: { balloonIdle: [] },
    timeline: [breaks('fail.shutdown.110'), WARM, [90, 40]],
    acts: ['20 shutdown 110', '50 shutdown 300', '80 shutdown 101', '110 stop 110'],
    state: 'shedding',
    alarms: ['hot genesis'],
  },
  {
    name: 'gives a shutdown that was only asked for its time (high availability)',
    config: { balloonIdle: [], shed: CONFIG.shed.slice(0, 1) },
    timeline: [breaks('idle.shutdown.110'), WARM, [90, 40]],
    acts: ['20 shutdown 110', '140 stop 110'],
    state: 'shedding',
    alarms: ['hot genesis'],
  },
  {
    name: 'goes on where memory cannot be taken, and has no memory to give back then',
    timeline: [breaks('fail.balloon=8192.101'), WARM, [90, 12], [60, 30]],
    acts: ['20 balloon=8192 101', '50 shutdown 110', '135 start 110'],
    state: 'cool',
  },
  {
    name: 'tries a stop again, but not all the time',
    config: { balloonIdle: [], shed: CONFIG.shed.slice(0, 1) },
    timeline: [breaks('fail.shutdown.110'), breaks('fail.stop.110'), WARM, [90, 80]],
    acts: ['20 shutdown 110', '50 stop 110', '350 stop 110'],
    state: 'hot',
    alarms: ['action district', 'hot genesis'],
  },
  {
    name: 'starts no guest that somebody stopped himself',
    timeline: [
      WARM,
      [90, 9],
      becomes('101.qemu', 'council', 'stopped'),
      becomes('300.lxc', 'worker-1', 'stopped'),
      [60, 40],
    ],
    acts: [...ALL.slice(0, 2), '120 start 110'],
    state: 'cool',
  },
  {
    name: 'leaves a guest to whom started it and then stopped it, once it is cool',
    timeline: [
      WARM,
      [90, 9],
      becomes('110.qemu', 'district', 'running'),
      [75, 10],
      becomes('110.qemu', 'district', 'stopped'),
      [60, 40],
    ],
    acts: [...ALL.slice(0, 2), '170 balloon=32768 101'],
    state: 'cool',
  },
  {
    name: 'fights a guest that is started while it is hot once per settle time, no more',
    config: { balloonIdle: [], shed: CONFIG.shed.slice(0, 1) },
    timeline: [
      WARM,
      ...Array.from({ length: 30 }, () => [becomes('110.qemu', 'district', 'running'), [90, 1]] as const).flat(),
    ],
    acts: ['20 shutdown 110', '50 shutdown 110', '80 shutdown 110', '110 shutdown 110', '140 shutdown 110'],
    state: 'shedding',
  },
  {
    name: 'holds up nobody for a guest that does not start, and tries again',
    config: { balloonIdle: [] },
    timeline: [breaks('fail.start.300'), WARM, [90, 16], [60, 24], heals('fail.start.300'), [60, 70]],
    acts: [
      '20 shutdown 110',
      '50 shutdown 300',
      '80 shutdown 101',
      '155 start 101',
      '185 start 300',
      '215 start 110',
      '485 start 300',
    ],
    state: 'cool',
  },
  {
    name: 'sheds nothing while it cannot read the guests, and goes on when it can',
    timeline: [breaks('fail.list'), WARM, [90, 20], heals('fail.list'), [90, 6]],
    acts: ['140 balloon=8192 101'],
    state: 'shedding',
  },
]

describe('orion-keeper over time', function () {
  this.timeout(60_000)
  for (const row of rows) it(row.name, () => assertRow(row))
})
