// The page of an import: what was found, what stays, and what a plan says.
import assert from 'node:assert/strict'
import { renderImport } from '../../src/console/import-view.ts'

const LOOK = { width: 60, colour: false }
const VIEW = {
  nodes: [{ node: 'n1', version: '9.1.4' }],
  networks: 1,
  storages: 2,
  guests: 3,
  devices: 0,
  warnings: [],
  kept: 6,
  others: [],
}

describe('renderImport', () => {
  it('says in a few lines that nothing would change', () => {
    assert.deepEqual(renderImport(VIEW, LOOK).split('\n'), [
      'n1 (Proxmox VE 9.1.4)',
      '  1 network, 2 storages, 3 guests',
      '',
      'A plan of the file is all =: 6 things, none to change',
    ])
  })

  it('groups what it has to say by its place, within the width, and obeys nothing', () => {
    const warnings = ['guests.a: one', 'guests.b: two', `guests.a: ${'long '.repeat(30)}\u001b[2J`, 'of the whole']
    const lines = renderImport({ ...VIEW, warnings }, LOOK).split('\n')
    assert.deepEqual(
      lines.filter((line) => line.includes('guests.a')),
      ['  guests.a'],
    )
    assert.ok(
      lines.every((line) => line.length <= 60 && !line.includes('\u001b')),
      lines.join('\n'),
    )
  })

  it('says once what is the same of many', () => {
    const warnings = Array.from({ length: 200 }, (_, at) => `guests.g${at}: x`)
    const lines = renderImport({ ...VIEW, warnings }, LOOK).split('\n')
    assert.ok(lines.length < 14, lines.join('\n'))
    assert.equal(lines.filter((line) => line === '    x').length, 1)
  })

  it('ends a long list with where the rest is, and names what would change', () => {
    const warnings = Array.from({ length: 30 }, (_, at) => `guests.g${at}: ${at}`)
    const page = renderImport({ ...VIEW, warnings, others: ['vm:n1/100 update'] }, LOOK)
    assert.match(page, /and 10 more places, as comments in the file/)
    assert.match(page, /would still change\n {2}vm:n1\/100 update/)
  })
})
