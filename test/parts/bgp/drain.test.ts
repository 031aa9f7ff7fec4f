// The drain file: who is drained stays so, and any text that is there is read as far as it goes.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { drainedOf, drainFile, isLastProvider, setDrain } from '../../../src/parts/bgp/drain.ts'

const defines = (text: string) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')

describe('parts/bgp/drain', () => {
  const rows: readonly [title: string, peers: string[], existing: string | undefined, want: string][] = [
    ['nobody at first', ['a', 'up-1'], undefined, 'define DRAIN_a = 0;\ndefine DRAIN_up_1 = 0;\n'],
    [
      'keeps who is drained',
      ['a', 'up-1'],
      'define DRAIN_up_1 = 1;\n',
      'define DRAIN_a = 0;\ndefine DRAIN_up_1 = 1;\n',
    ],
    ['drops who is gone', ['a'], 'define DRAIN_a = 0;\ndefine DRAIN_b = 1;', 'define DRAIN_a = 0;\n'],
    ['takes no comment for a line', ['a'], '# define DRAIN_a = 1;\n', 'define DRAIN_a = 0;\n'],
    ['no peers', [], 'define DRAIN_a = 1;', ''],
  ]
  for (const [title, peers, existing, want] of rows)
    it(title, () => assert.equal(defines(drainFile(peers, existing)), want))

  it('drains and undrains one, twice as once', () => {
    const peers = ['a', 'b-1', 'b']
    const on = setDrain(peers, undefined, 'b-1', true)
    assert.deepEqual(drainedOf(peers, on), ['b-1'])
    assert.equal(setDrain(peers, on, 'b-1', true), on)
    assert.equal(setDrain(peers, on, 'b-1', false), drainFile(peers, undefined))
  })

  it('is the same again whatever was there', () => {
    const text = fc
      .array(fc.oneof(fc.string(), fc.constantFrom('define DRAIN_a = 1;', 'define DRAIN_b = 0;')))
      .map((all) => all.join('\n'))
    fc.assert(
      fc.property(text, (existing) => {
        const once = drainFile(['a', 'b'], existing)
        assert.equal(drainFile(['a', 'b'], once), once)
        assert.match(defines(once), /^define DRAIN_a = [01];\ndefine DRAIN_b = [01];\n$/)
      }),
    )
  })
})

describe('parts/bgp/drain: the last provider', () => {
  const peers = [
    { name: 'a', relation: 'provider' },
    { name: 'b', relation: 'provider' },
    { name: 'ix', relation: 'peer' },
  ] as const
  const rows: readonly [
    what: string,
    peer: string,
    drained: readonly string[],
    up: boolean | undefined,
    last: boolean,
  ][] = [
    ['another one stands', 'a', [], true, false],
    ['another one is not known', 'a', [], undefined, false],
    ['the other one is drained, too', 'a', ['b'], true, true],
    ['the other one is down', 'a', [], false, true],
    ['no provider', 'ix', ['a', 'b'], true, false],
  ]
  for (const [what, peer, drained, up, last] of rows)
    it(what, () =>
      assert.equal(
        isLastProvider(peers, peer, drained, () => up),
        last,
      ),
    )
  it('the only one', () =>
    assert.equal(
      isLastProvider(peers.slice(1), 'b', [], () => true),
      true,
    ))
})
