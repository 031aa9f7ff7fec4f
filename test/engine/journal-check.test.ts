// What is found in journals that are not as they were written.
import assert from 'node:assert/strict'
import { checkNode, checkOwn, compare } from '../../src/engine/journal-check.ts'
import { begin, end, node, own } from './journal-entries.ts'

const TWO = [begin(1, 1), end(1, 2), begin(2, 3), end(2, 4)]
const without = (text: string, at: number) => text.split('\n').toSpliced(at, 1).join('\n')

describe('engine/journal-check', () => {
  const rows: readonly { name: string; text: string; found: readonly (readonly [string, RegExp])[] }[] = [
    { name: 'nothing', text: '', found: [] },
    { name: 'a whole one', text: own(TWO), found: [] },
    {
      name: 'a changed line',
      text: own(TWO).replace('"ms":12000', '"ms":12001'),
      found: [['failed', /broken at line 2/]],
    },
    {
      name: 'a line that was taken out',
      text: without(own(TWO), 1),
      found: [
        ['failed', /broken at line 2/],
        ['warning', /run 1 \(vm apply, 2026-11-22 02:30 UTC\) has no end$/],
      ],
    },
    {
      name: 'an entry that was left out of a chain made anew',
      text: own(TWO.slice(2)),
      found: [['failed', /missing before line 1: it is number 3, where 1 is next/]],
    },
    {
      name: 'a last run without an end',
      text: own(TWO.slice(0, 3)),
      found: [['warning', /run 2 .* has no end: it was killed, or is at work now$/]],
    },
    {
      name: 'a run without an end, and others after it',
      text: own([begin(1, 1), begin(2, 2), end(2, 3)]),
      found: [['warning', /run 1 .* has no end: it was killed$/]],
    },
    { name: 'half a line', text: `${own(TWO)}abc`, found: [['warning', /last line is half a line/]] },
    { name: 'another version', text: own([...TWO, '{"v":2}']), found: [['warning', /line 5 .* another version/]] },
  ]
  for (const { name, text, found } of rows)
    it(`own: ${name}`, () => {
      const { findings } = checkOwn(text)
      assert.deepEqual(
        findings.map(({ state }) => state),
        found.map(([state]) => state),
        JSON.stringify(findings),
      )
      for (const [at, [, pattern]] of found.entries()) assert.match(findings[at]?.text ?? '', pattern)
    })

  it("a node's: entries come out of both chains", () => {
    const { entries, findings } = checkNode(node(own(TWO)))
    assert.deepEqual([entries.size, findings], [4, []])
    assert.equal(checkNode(node(own(TWO)).replace('"ms":12000', '"ms":12001')).findings.length, 1)
  })

  const sides = (here: string, there: string, owed: readonly number[] = []) =>
    compare({
      node: 'n1',
      own: checkOwn(here),
      theirs: checkNode(there),
      owed,
      isMine: ({ journal }) => journal === 'j1',
    })

  it('both say the same', () => assert.deepEqual(sides(own(TWO), node(own(TWO))), { node: [], own: [] }))

  it('the node lacks a run that it was told of', () => {
    const found = sides(own(TWO), node(own(TWO.slice(0, 2))))
    assert.deepEqual(found.node, [{ state: 'failed', text: 'it was told of run 2, and does not have it' }])
  })

  it('the node was not told yet', () => {
    const found = sides(own(TWO), '', [1, 2])
    assert.deepEqual(found.node, [{ state: 'warning', text: 'not told of runs 1 and 2 yet' }])
  })

  it('the newest run was taken out here, and the node still has it', () => {
    const found = sides(own(TWO.slice(0, 2)), node(own(TWO)))
    assert.deepEqual(found.own, [{ state: 'failed', text: 'n1 has run 2, which is not here: changed, or taken out' }])
  })

  it('a chain of this machine that was made anew with another word in it is not that of the node', () => {
    const other = own([begin(1, 1, { command: 'vm destroy router' }), ...TWO.slice(1)])
    const found = sides(other, node(own(TWO)))
    assert.equal(found.own[0]?.state, 'failed')
    assert.equal(found.node[0]?.state, 'failed')
  })

  it('runs of other machines, and runs about other nodes, are nobody to miss', () => {
    const others = own([begin(1, 1, { journal: 'j2' }), end(1, 2, { journal: 'j2' })])
    assert.deepEqual(sides(own([begin(1, 1, { nodes: ['n2'] }), end(1, 2)]), node(others)), { node: [], own: [] })
  })
})
