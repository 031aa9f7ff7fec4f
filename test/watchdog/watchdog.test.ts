// The watchdog's sketch, compiled for this machine with a stand-in for Arduino's core: when it pulls the reset line, and when not.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { run } from '../hosts/inside.ts'
import { needs } from '../setup.ts'

const SKETCH = fileURLToPath(new URL('../../templates/watchdog/orion-watchdog', import.meta.url))
const HERE = fileURLToPath(new URL('.', import.meta.url))
const FLAGS = ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-I', join(HERE, 'core'), '-I', SKETCH]
/** Of millis() at power-up: an overflow comes after 100 s. */
const BEFORE_OVERFLOW = 2 ** 32 - 100_000

interface Row {
  readonly name: string
  readonly told: readonly string[]
  readonly prints: readonly string[]
}

const beats = (from: number, to: number, every = 5): string[] =>
  Array.from({ length: Math.floor((to - from) / every) }, (_, index) => from + index * every).flatMap((second) => [
    `until ${second * 1000}`,
    'say orion-heartbeat 1',
  ])
const press = (second: number) => [
  `until ${second * 1000}`,
  'button 1',
  `until ${second * 1000 + 200}`,
  'button 0',
  `until ${second * 1000 + 400}`,
]
const pulls = (second: number) => [`${second * 1000} pull`, `${second * 1000 + 500} release`]

const rows: readonly Row[] = [
  { name: 'does nothing in the first ten minutes', told: ['until 599990'], prints: [] },
  {
    name: 'resets a node that never comes up, three times, and then gives up',
    told: ['until 9000000'],
    prints: ['600000 pull', '600500 release', '1200500 pull', '1201000 release', '1801000 pull', '1801500 release'],
  },
  { name: 'resets after three minutes of silence', told: [...beats(590, 1000), 'until 1174990'], prints: [] },
  { name: 'and not a moment before', told: [...beats(590, 1000), 'until 1176000'], prints: pulls(1175) },
  {
    name: 'keeps quiet in its first minutes, though a heartbeat came',
    told: ['until 10000', 'say orion-heartbeat 7', 'until 601000'],
    prints: pulls(600),
  },
  {
    name: 'has three resets again once a heartbeat came',
    told: ['until 1900000', 'say orion-heartbeat 1', 'until 2500000'],
    prints: [
      ...pulls(600),
      '1200500 pull',
      '1201000 release',
      '1801000 pull',
      '1801500 release',
      '2401500 pull',
      '2402000 release',
    ],
  },
  {
    name: 'takes nothing else for a heartbeat',
    told: [
      'until 595000',
      ...[
        'orion-heartbeat',
        'orion-heartbeat x',
        'xorion-heartbeat 1',
        'orion-heartbeat 1 2',
        'orion-heartbeat -1',
        `orion-heartbeat 1${' '.repeat(60)}`,
        'orion-heartbeat 1234567890',
        'orion-rest 0',
        'orion-rest 3601',
        'orion-rest x',
      ].map((text) => `say ${text}`),
      'until 601000',
    ],
    prints: pulls(600),
  },
  {
    name: 'finds a heartbeat after noise',
    told: ['until 590000', `raw ${'ff'.repeat(300)}000a`, 'say orion-heartbeat 5', 'until 769990'],
    prints: [],
  },
  { name: 'does nothing while it is disarmed', told: [...press(5), 'until 9000000'], prints: [] },
  {
    name: 'is disarmed in the middle of a pulse',
    told: ['until 600000', 'until 600100', 'button 1', 'until 600200', 'until 700000'],
    prints: ['600000 pull', '600150 release'],
  },
  { name: 'stays disarmed when it starts anew', told: [...press(5), 'restart', 'until 9000000'], prints: [] },
  {
    name: 'counts from anew when it is armed',
    told: [...press(5), ...press(1000), 'until 1181000'],
    prints: ['1180050 pull', '1180550 release'],
  },
  {
    name: 'takes no bouncing for a press',
    told: [
      ...Array.from({ length: 20 }, (_, index) => [`until ${index * 20}`, `button ${index % 2}`]).flat(),
      'button 0',
      'until 601000',
    ],
    prints: pulls(600),
  },
  { name: 'takes a long press for one', told: ['button 1', 'until 20000', 'button 0', 'until 700000'], prints: [] },
  {
    name: 'rests until the next heartbeat',
    told: [...beats(590, 700), 'say orion-rest', 'until 9000000', 'say orion-heartbeat 1', 'until 9181000'],
    prints: pulls(9180),
  },
  {
    name: 'rests as long as it was told while the node restarts',
    told: [...beats(590, 700), 'say orion-rest 600', 'until 1296000'],
    prints: pulls(1295),
  },
]

describe('orion-watchdog', function () {
  this.timeout(60_000)
  let folder: string
  before(async function () {
    await needs(this, ['compiler'])
    folder = mkdtempSync(join(tmpdir(), 'orion-test-watchdog-'))
    const { code, stderr } = await run(['g++', ...FLAGS, '-O1', join(HERE, 'bench.cpp'), '-o', join(folder, 'bench')])
    assert.deepEqual([code, stderr], [0, ''])
  })
  after(() => folder && rmSync(folder, { recursive: true, force: true }))

  const bench = async (told: readonly string[], start = 0) => {
    const { code, stdout } = await run([join(folder, 'bench'), String(start)], `${told.join('\n')}\n`)
    assert.equal(code, 0)
    return stdout.split('\n').slice(0, -1)
  }
  const line = (prints: readonly string[]) => prints.filter((text) => / (?:pull|release)$/.test(text))

  it('is a sketch that the compiler takes as it is', async () => {
    const sketch = readFileSync(join(SKETCH, 'orion-watchdog.ino'))
    const argv = ['g++', ...FLAGS, '-include', 'Arduino.h', '-x', 'c++', '-fsyntax-only', '-']
    assert.deepEqual(await run(argv, sketch), { code: 0, stdout: '', stderr: '' })
  })

  for (const { name, told, prints } of rows)
    for (const [when, start] of [
      ['', 0],
      [', over the overflow of its clock', BEFORE_OVERFLOW],
    ] as const)
      it(`${name}${when}`, async () => assert.deepEqual(line(await bench(told, start)), prints))

  it('answers a heartbeat, and the button', async () => {
    const told = ['until 1000', 'say orion-heartbeat 1', ...beats(700, 705), ...press(706)]
    assert.deepEqual(
      (await bench(told)).slice(0, 4).filter((text) => text.includes('>')),
      ['1000 > orion-watchdog armed 599', '700000 > orion-watchdog armed 501'],
    )
    assert.deepEqual((await bench([...beats(590, 700), ...press(700)])).slice(-2), [
      '695000 > orion-watchdog armed 180',
      '700050 > orion-watchdog disarmed 180',
    ])
  })

  it('shows by its light what it is', async () => {
    const shown = async (told: readonly string[]) =>
      (await bench(['lights', ...told])).filter((text) => text.includes('light'))
    assert.equal((await shown(['until 10000'])).length, 11)
    assert.deepEqual(
      await shown([...beats(590, 620, 10), 'until 640000']).then((all) =>
        all.filter((text) => Number(text.split(' ')[0]) > 600_000),
      ),
      [],
    )
    assert.deepEqual((await shown([...press(2), 'until 60000'])).at(-1), '2050 light 0')
    assert.ok((await shown(['until 1810000'])).length > 1800)
  })

  it('never pulls where it must not, whatever is heard', async () => {
    const event = fc.tuple(
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom('say orion-heartbeat 1', 'say noise', 'button'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), fc.nat(2 ** 32 - 1), async (events, start) => {
        const told: string[] = []
        const heard: number[] = []
        const armed: (readonly [number, boolean])[] = [[0, true]]
        let now = 0
        for (const [seconds, what] of events) {
          now += seconds
          if (what !== 'button') told.push(`until ${now * 1000}`, what)
          else {
            told.push(...press(now))
            armed.push([now, !armed.at(-1)?.[1]])
          }
          if (what.endsWith('heartbeat 1')) heard.push(now)
        }
        const pulled = line(await bench([...told, `until ${(now + 5000) * 1000}`], start)).filter((text) =>
          text.endsWith('pull'),
        )
        const at = pulled.map((text) => Number(text.split(' ')[0]) / 1000)
        for (const [index, second] of at.entries()) {
          assert.ok(second >= 600 && second - (at[index - 1] ?? -600) >= 600, `${second} in its first minutes`)
          assert.ok(!heard.some((beat) => beat < second && second - beat < 180), `${second} after a heartbeat`)
          assert.equal(armed.filter(([since]) => since < second).at(-1)?.[1], true, `${second} while disarmed`)
        }
      }),
      { numRuns: 40 },
    )
  })
})
