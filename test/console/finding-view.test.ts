// A finding of the site file at 60 columns: nothing is broken by the terminal, and the caret stays under its place.
import assert from 'node:assert/strict'
import { renderFinding } from '../../src/console/finding-view.ts'

const LOOK = { width: 60 }
const FRAME = ['  11 | networks:', '> 12 |   lan: { bridge: vmbr1 }', '     |          ^^^^^^'].join('\n')

describe('console/finding-view', () => {
  it('wraps the message at words, and leaves a frame that fits', () => {
    const head = 'orion.yaml:12:10  networks.lan.bridge  the bridge is named by nobody, and no node has a port for it'
    assert.equal(
      renderFinding(head, FRAME, LOOK),
      `orion.yaml:12:10  networks.lan.bridge  the bridge is named
  by nobody, and no node has a port for it
${FRAME}`,
    )
  })

  it('without a frame', () => assert.equal(renderFinding('a.yaml:1:1  x', '', LOOK), 'a.yaml:1:1  x'))

  for (const at of [0, 10, 33, 60, 100, 118])
    it(`shows the place of a long line around its caret: ${at}`, () => {
      const text = `${'a'.repeat(at)}HERE${'b'.repeat(118 - at)}`
      const frame = ['  1 | short', `> 2 | ${text}`, `    | ${' '.repeat(at)}^^^^`].join('\n')
      const [, , line = '', carets = ''] = renderFinding('x', frame, LOOK).split('\n')
      assert.ok(line.length <= 60 && carets.length <= 60, line)
      assert.equal(line.slice(carets.indexOf('^'), carets.indexOf('^') + 4), 'HERE')
      assert.match(line, /^> 2 \| /)
      assert.ok(line.includes('…'))
    })
})
