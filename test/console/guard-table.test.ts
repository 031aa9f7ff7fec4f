// The guarded changes of a host: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type ChangeLine, renderChanges, renderChosen, renderOthers } from '../../src/console/guard-table.ts'
import { page, plain } from './plain.ts'

const NOW = 1_800_000_000
const change = (id: string, age: number, more: Partial<ChangeLine> = {}): ChangeLine => ({
  id,
  name: 'interfaces',
  state: 'confirmed',
  at: NOW - age,
  by: 'root@desk (orion net apply)',
  reason: '',
  ...more,
})

describe('console/guard-table', () => {
  it('ids stay whole, so that they can be typed; who and why are told in full', () => {
    const changes = [
      change('20270115t080000-ab12', 5),
      change('20270115t075500-cd34', 300, { state: 'restored', reason: 'not confirmed' }),
      change('20270112t075500-ef56', 260_000, {
        name: 'sysctl',
        state: 'refused',
        reason: `ifreload -a -s ended with 1: error: ${'x y '.repeat(15)}end\nthen more`,
      }),
    ]
    const golden = page(`
      ID                    WHEN   WHAT        STATE      WHO
      20270115t080000-ab12  5 s    interfaces  confirmed  root@desk (orion net apply)
      20270115t075500-cd34  5 min  interfaces  restored   root@desk (orion net apply)
          not confirmed
      20270112t075500-ef56  3 d    sysctl      refused    root@desk (orion net apply)
          ifreload -a -s ended with 1: error: x y x y x y x y x y x y x y x y x y x y
          x y x y x y x y x y end
          then more
    `)
    const text = renderChanges(changes, NOW, plain)
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
    assert.equal(text, golden)
  })

  it('who has a line of its own where the table would be too wide, and nothing is cut', () => {
    const by = 'administrator@management-machine (orion bgp undrain)'
    const changes = [change('20270115t080000-ab12', 5, { name: 'undrain-transit-a', by, reason: 'why' })]
    const golden = page(`
      ID                    WHEN  WHAT               STATE
      20270115t080000-ab12  5 s   undrain-transit-a  confirmed
          administrator@management-machine (orion bgp undrain)
          why
    `)
    assert.equal(renderChanges(changes, NOW, plain), golden)
  })

  it('of a long reason the beginning', () => {
    const text = renderChanges([change('a', 5, { reason: 'line\n'.repeat(9) })], NOW, plain)
    assert.deepEqual(text.split('\n').slice(2), [...Array(5).fill('    line'), '    …'])
  })

  it('others of the same apply', () => {
    assert.deepEqual(renderOthers([], plain), [])
    const others = [change('20270115t080000-ab12', 5, { name: 'sysctl' }), change('b-2', 5, { name: 'zram' })]
    assert.deepEqual(renderOthers(others, plain), [
      'Also of this apply: sysctl (20270115t080000-ab12), zram (b-2). They stand; undo',
      'them with --to ID.',
    ])
  })

  it('none', () => assert.equal(renderChanges([], NOW, plain), 'No guarded changes.'))

  it('the chosen one in words, also where clocks differ', () => {
    assert.equal(
      renderChosen('r730', change('x', 7300), NOW, plain),
      'Puts back interfaces on r730 (x), confirmed 2 h ago by root@desk\n(orion net apply)',
    )
    assert.match(renderChosen('r730', change('x', -50), NOW, plain), /confirmed 0 s ago/)
  })
})
