// Calendar events: which texts are one, and when it comes next, by the clock of UTC.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isCalendarEvent, nextEvent } from '../../src/site/calendar-event.ts'

const seconds = (iso: string) => Date.parse(`${iso}Z`) / 1000
/** A Saturday. */
const NOW = '2026-03-14T02:26:53'

const NEXT: readonly (readonly [string, string])[] = [
  ['minutely', '2026-03-14T02:27:00'],
  ['hourly', '2026-03-14T03:00:00'],
  ['daily', '2026-03-15T00:00:00'],
  ['weekly', '2026-03-16T00:00:00'],
  ['monthly', '2026-04-01T00:00:00'],
  ['quarterly', '2026-04-01T00:00:00'],
  ['semiannually', '2026-07-01T00:00:00'],
  ['yearly', '2027-01-01T00:00:00'],
  ['*/15', '2026-03-14T02:30:00'],
  ['7', '2026-03-14T03:07:00'],
  ['02:26:54', '2026-03-14T02:26:54'],
  ['02:26:53', '2026-03-15T02:26:53'],
  ['22:30', '2026-03-14T22:30:00'],
  ['mon..fri 22:30', '2026-03-16T22:30:00'],
  ['sat,sun 2/4:00', '2026-03-14T06:00:00'],
  ['Sat *-1..7 03:00', '2026-04-04T03:00:00'],
  ['8..17,22:0/20', '2026-03-14T08:00:00'],
  ['2-29', '2028-02-29T00:00:00'],
  ['2027-5-1 12:00', '2027-05-01T12:00:00'],
]

const WRONG = [
  ...['', ' ', 'evry day', 'day', 'mo 22:30', 'fri..mon 22:30', 'mon fri 22:30', '24:00', '12:60', '1:2:3:4', '60'],
  ...[
    '22:30 mon',
    '*/0',
    '5..2',
    '13-1',
    '1-32',
    '2-3-4-5',
    'daily 02:00',
    '-1',
    '1,,2',
    '02:30\n',
    '1..2..3',
    '*:*:*:*',
    'toString',
    '__proto__',
  ],
]

describe('site/calendar-event', () => {
  for (const [event, next] of NEXT)
    it(`${event} comes next at ${next}`, () => {
      assert.ok(isCalendarEvent(event))
      assert.equal(nextEvent(event, seconds(NOW)), seconds(next))
    })

  for (const event of WRONG)
    it(`${JSON.stringify(event)} is none`, () => {
      assert.equal(isCalendarEvent(event), false)
      assert.equal(nextEvent(event, 0), undefined)
    })

  it('what is over never comes again', () => {
    assert.equal(nextEvent('2020-1-1', seconds(NOW)), undefined)
  })

  it('is always later, and nothing lies between', () => {
    const events = fc.constantFrom(...NEXT.slice(0, 17).map(([event]) => event))
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 2 ** 31 }), fc.nat(3600), (event, at, gap) => {
        const next = nextEvent(event, at) ?? 0
        assert.ok(next > at)
        if (at + gap < next) assert.equal(nextEvent(event, at + gap), next)
      }),
      { numRuns: 200 },
    )
  })

  it('takes any text without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof isCalendarEvent(text) === 'boolean'))
  })
})
