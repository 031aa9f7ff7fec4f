// The guarded changes of a host: golden text, 80 columns.
import assert from 'node:assert/strict'
import { type ChangeLine, renderChanges, renderChosen } from '../../src/console/guard-table.ts'
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
  it('ids stay whole, so that they can be typed; the rest is cut', () => {
    const changes = [
      change('20270115t080000-ab12', 5),
      change('20270115t075500-cd34', 300, { state: 'restored', reason: 'not confirmed' }),
      change('20270112t075500-ef56', 260_000, {
        name: 'sysctl',
        state: 'refused',
        reason: 'ifreload -a -s ended with 1',
      }),
    ]
    const golden = page(`
      ID                    WHEN   WHAT        STATE      WHO            WHY
      20270115t080000-ab12  5 s    interfaces  confirmed  root@desk (o…
      20270115t075500-cd34  5 min  interfaces  restored   root@desk (o…  not confirmed
      20270112t075500-ef56  3 d    sysctl      refused    root@desk (o…  ifreload -a …
    `)
    const text = renderChanges(changes, NOW, plain)
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
    assert.equal(text, golden)
  })

  it('none', () => assert.equal(renderChanges([], NOW, plain), 'No guarded changes.'))

  it('the chosen one in words, also where clocks differ', () => {
    assert.equal(
      renderChosen('r730', change('x', 7300), NOW, plain),
      'Puts back interfaces on r730, confirmed 2 h ago by root@desk (orion net apply)',
    )
    assert.match(renderChosen('r730', change('x', -50), NOW, plain), /confirmed 0 s ago/)
  })
})
