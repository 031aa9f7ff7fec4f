// What a drill would cut, whose ways go over it, and what the observers' samples come to.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { OrionError } from '../../../src/errors.ts'
import { type DrillPair, observersOf, planDrill } from '../../../src/parts/mesh/drill.ts'
import { judgePair, type PairResult, parseSample } from '../../../src/parts/mesh/drill-sample.ts'
import { gatewayOf, getMesh } from '../../../src/parts/mesh/model.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'
import { fourGateways } from './seen.ts'

const pairText = ({ from, to, before, after }: DrillPair): string =>
  `${from.name} ${to.name}: ${before} -> ${after ?? 'none'}`

describe('mesh/drill', () => {
  const four = fourGateways()

  it('the hub: all of its ports, on it alone, and everybody else finds the bypass', () => {
    const plan = planDrill(four, 'hub')
    assert.deepEqual(
      [plan.name, plan.what, plan.at.name, plan.ports],
      ['hub', 'the hub hub', 'hub', [51822, 51823, 51824]],
    )
    assert.deepEqual(plan.pairs.map(pairText), [
      'byp spa: hub -> spa',
      'byp spb: hub -> spb',
      'spa byp: hub -> byp',
      'spa spb: hub -> byp',
      'spb byp: hub -> byp',
      'spb spa: hub -> byp',
    ])
  })
  it('the bypass: nothing goes over it while the hub stands', () =>
    assert.deepEqual(planDrill(four, 'bypass').pairs.map(pairText), []))
  it('a link, by either order of its names: one port, at the end that is no hub', () => {
    for (const id of ['hub~spa', 'spa~hub']) {
      const plan = planDrill(four, id)
      assert.deepEqual([plan.name, plan.at.name, plan.ports], ['hub~spa', 'spa', [51821]])
      assert.deepEqual(plan.pairs.map(pairText), [
        'hub spa: spa -> byp',
        'byp spa: hub -> spa',
        'spa hub: hub -> byp',
        'spa byp: hub -> byp',
        'spa spb: hub -> byp',
        'spb spa: hub -> hub',
      ])
    }
  })
  it('without a second way, and with routes that are written down, nothing moves', () => {
    const names = ['a', 'b', 'c']
    const of = (parts: object) =>
      site({
        nodes: names.map((name) => node(name)),
        mesh: mesh(
          names.map((name, at) => gateway(name, `10.99.0.${at + 1}`)),
          { topology: 'hub', hub: 'a', ...parts },
        ),
      })
    for (const one of [of({}), of({ routing: 'static', bypass: { hub: 'b' } })]) {
      const plan = planDrill(one, 'a~c')
      assert.ok(plan.pairs.length > 0)
      for (const { after } of plan.pairs) assert.equal(after, undefined)
    }
    assert.throws(() => planDrill(of({}), 'bypass'), { code: 'E_USAGE', message: 'the mesh of test has no bypass' })
  })
  for (const target of ['spa~spb', 'spa', '~', 'hub~hub', 'nobody~hub', '__proto__'])
    it(`${target} is no link`, () => assert.throws(() => planDrill(four, target), { code: 'E_USAGE' }))

  it('a hub by its own name, or a word with a slip, is told what to type', () => {
    const hint = (target: string) => {
      try {
        planDrill(four, target)
      } catch (error) {
        const { message, suggestions } = error as OrionError
        return `${message} | ${suggestions.join()}`
      }
      return assert.fail(target)
    }
    assert.equal(
      hint('hub2'),
      'test has no link named hub2 (did you mean "hub"?) | links are named byp~hub, byp~spa, byp~spb, hub~spa, hub~spb, or hub, or bypass',
    )
    assert.equal(hint('byp'), 'byp is no link: it is the bypass | orion mesh drill bypass')
  })

  it('of a large mesh some pairs are watched', () => {
    const names = Array.from({ length: 60 }, (_, at) => `g${at + 1}`)
    const large = site({
      nodes: names.map((name) => node(name)),
      mesh: mesh(
        names.map((name, at) => gateway(name, `10.99.0.${at + 1}`)),
        { topology: 'hub', hub: 'g1', bypass: { hub: 'g2' } },
      ),
    })
    const observers = observersOf(planDrill(large, 'hub'))
    assert.equal(observers.size, 32)
    for (const pairs of observers.values()) assert.ok(pairs.length <= 8)
  })
})

describe('mesh/drill-sample', () => {
  const four = fourGateways()
  const [from, to] = [gatewayOf(four, 'spa'), gatewayOf(four, 'spb')]
  assert.ok(from && to)
  const judge = (
    lines: readonly string[],
    after: string | undefined = 'byp',
  ): Omit<PairResult, 'from' | 'to' | 'before'> => {
    const sample = parseSample(['start 1795286223546', ...lines, 'end 1795286240555', ''].join('\n'))
    const pair = { from, to, before: 'hub', ...(after === undefined ? {} : { after }) }
    const { from: _, to: __, before: ___, ...rest } = judgePair(pair, sample, 5)
    return rest
  }
  const address = '10.99.0.4'
  const moved = [`way 5 ${address} wg-hub`, `way 2868 ${address} wg-byp`, `way 7570 ${address} wg-hub`]

  // Of a real drill of 5 s (look-real.test.ts).
  const rows: readonly [title: string, lines: readonly string[], wanted: object][] = [
    [
      'moved, and back',
      [...moved, `gap ${address} 2128 3080`, `ping ${address} 296`],
      { wanted: 'byp', after: 'byp', state: 'moved', silentMs: 952, movedMs: 740, isBack: true },
    ],
    [
      'moved, and not back',
      [...moved.slice(0, 2), `gap ${address} 2128 3080`, `ping ${address} 296`],
      { wanted: 'byp', after: 'byp', state: 'moved', silentMs: 952, movedMs: 740, isBack: false },
    ],
    [
      'only the other end moved',
      [`way 5 ${address} wg-hub`, `gap ${address} 2128 3080`, `ping ${address} 296`],
      { wanted: 'byp', after: 'hub', state: 'moved', silentMs: 952, isBack: true },
    ],
    [
      'lost until the end of the cut',
      [
        `way 5 ${address} wg-hub`,
        `way 3052 ${address} -`,
        `way 7570 ${address} wg-hub`,
        `gap ${address} 2144 7528`,
        `ping ${address} 217`,
      ],
      { wanted: 'byp', state: 'lost', silentMs: 5384, isBack: true },
    ],
    [
      'lost for good',
      [`way 5 ${address} wg-hub`, `way 3052 ${address} -`, `gap ${address} 2144 -`, `ping ${address} 40`],
      { wanted: 'byp', state: 'lost', isBack: false },
    ],
    [
      'the default route of the host is no way',
      [`way 5 ${address} wg-hub`, `way 3052 ${address} vmbr0`, `gap ${address} 2144 -`, `ping ${address} 40`],
      { wanted: 'byp', state: 'lost', isBack: false },
    ],
    ['unhurt', [`way 5 ${address} wg-hub`, `ping ${address} 330`], { wanted: 'byp', state: 'unhurt', isBack: true }],
    [
      'no answer before either',
      [`gap ${address} 0 -`, `ping ${address} 0`],
      { wanted: 'byp', state: 'unknown', isBack: false },
    ],
    [
      'lines of somebody else',
      ['gap 10.99.0.9 0 -', 'ping 10.99.0.9 9'],
      { wanted: 'byp', state: 'unknown', isBack: false },
    ],
    [
      'lines that are garbled',
      [`gap ${address} x y`, `way y ${address} wg-byp`, `way 5 ${address} wg-hub`, 'way', 'gap', `ping ${address} 9`],
      { wanted: 'byp', state: 'unhurt', isBack: true },
    ],
  ]
  for (const [title, lines, wanted] of rows) it(title, () => assert.deepEqual(judge(lines), wanted))

  it('an observer that was lost told nothing', () =>
    assert.deepEqual(judgePair({ from, to, before: 'hub' }, parseSample('start 1\ngap 10.99.0.4 0 5\n'), 5), {
      from: 'spa',
      to: 'spb',
      before: 'hub',
      state: 'unknown',
      isBack: false,
    }))
  it('never throws', () => {
    const word = fc.constantFrom('way', 'gap', 'ping', 'end', 'start', address, '-', '5', '9000', 'wg-hub', 'x')
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 5 })), (lines) => {
        judge(lines.map((words) => words.join(' ')))
      }),
    )
    assert.ok(getMesh(four).links.length === 5)
  })
})
