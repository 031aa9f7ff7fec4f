// What stands between the wizard's questions fits 80 columns, and is harmless.
import assert from 'node:assert/strict'
import { getWidth } from '../../src/console/text.ts'
import { renderAnswer, renderChange, renderFile, renderFound, renderHeading } from '../../src/console/wizard-view.ts'

const look = { width: 80, colour: false }
const evil = '\u001b[2J\u0007\u202ename'

describe('console/wizard-view', () => {
  it('a heading tells how far one is, once there is an answer', () => {
    assert.match(renderHeading('Networks', { done: 11, all: 31 }, look), /^\nNetworks ─+ 12 of 31$/)
    assert.match(renderHeading('Start', { done: 0, all: 1 }, look), /^\nStart ─+$/)
    assert.equal(getWidth(renderHeading('Networks', { done: 11, all: 31 }, look).trim()), 80)
  })

  it('an answer is one line, or two where it is long', () => {
    assert.equal(renderAnswer('Which port?', 'eno1', look), '✔ Which port?  eno1')
    assert.equal(renderAnswer('Which?', [], look), '✔ Which?  none')
    for (const line of renderAnswer('x'.repeat(70), 'y'.repeat(200), look).split('\n'))
      assert.ok(getWidth(line) <= 80, line)
  })

  it('nothing of a host is obeyed', () => {
    const found = {
      node: evil,
      version: evil,
      topology: { cores: 1, threads: 2 },
      memoryBytes: 2 ** 31,
      ports: [{ isUp: true }],
      storages: [],
      guests: [],
      devices: [],
      others: [{ name: evil }],
      gaps: [evil],
    }
    const pages = [
      renderFound(found, look),
      renderAnswer(evil, evil, look),
      renderHeading(evil, { done: 1, all: 2 }, look),
      renderFile(`site: ${evil}\n# ${evil}\n`, look),
      renderChange(evil, [`+${evil}`], look),
    ]
    for (const page of pages) assert.doesNotMatch(page, /[^\P{Control}\n]|\u202e/u)
    assert.match(pages[0] ?? '', /1 core \(2 threads\), 2 GiB[\s\S]*1 port, 1 with a link; 0 storages/)
  })
})
