// Whatever a site file holds: it loads, or it is a SiteError.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { loadSite } from '../../src/site/load.ts'
import { SiteError } from '../../src/site/site-error.ts'
import { KEY, parse } from './site-text.ts'

const LAB = { home: '/nowhere', standInKey: KEY }

/** Loads, or fails as a site file may: with places that exist, and without a word of JavaScript. */
async function survives(text: string): Promise<void> {
  try {
    await parse(text, LAB)
  } catch (error) {
    assert.ok(error instanceof SiteError, inspect(error))
    const lines = text.split('\n').length
    for (const { line, column, message } of error.findings) {
      assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines}`)
      assert.doesNotMatch(message, /undefined|\[object|NaN|Invalid input|TypeError/)
    }
  }
}

describe('load, whatever the file holds', function () {
  this.timeout(120_000) // hundreds of whole files, on machines that have other work
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-anything-'))
  })
  after(async () => await rm(folder, { recursive: true, force: true }))

  const original = readFileSync('templates/sites/orion.yaml', 'utf8')
  const pieces = [
    '\n',
    '  ',
    ':',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '<<: *a',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!',
    '%',
    '@',
    '\t',
    '~',
    '0',
    '-',
    '999999999999',
    '::',
    '/',
    '\u0000',
    '\u{1F600}',
    'null',
    '{ }',
    '[]',
    '__proto__: 1\n',
    '? ',
  ]
  const edit = fc.record({
    at: fc.nat(original.length),
    drop: fc.nat(30),
    put: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })),
  })
  it('survives any change of a good file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        await survives(
          edits.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), original),
        )
      }),
      { numRuns: 80 },
    )
  })
  it('survives any value in the place of any other', async () => {
    const values = [
      '1',
      'x',
      '[]',
      '[x]',
      '{}',
      '{ a: 1 }',
      '~',
      'true',
      '-1',
      '1.5',
      '.nan',
      '.inf',
      '""',
      '"\\0"',
      '[[x]]',
      '1e400',
      '0x10',
      '2001-01-01',
      '10.0.0.0/8',
      '10.0.0.1',
      'a-b',
      '100-200',
      'dhcp',
    ]
    const places = [...original.matchAll(/: ([^\s{#][^,}\n#]*)/g)].map((match) => ({
      at: match.index + 2,
      length: match[1]?.trimEnd().length ?? 0,
    }))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.constantFrom(...values), async ({ at, length }, value) => {
        await survives(original.slice(0, at) + value + original.slice(at + length))
      }),
      { numRuns: 100 },
    )
  })
  it('survives any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...pieces, 'a', 'site', 'nodes', 'guests'), maxLength: 60 }),
        survives,
      ),
      { numRuns: 100 },
    )
  })
  it('survives any bytes', async () => {
    const file = join(folder, 'bytes.yaml')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await writeFile(file, bytes)
        await assert.rejects(loadSite(file), SiteError)
      }),
      { numRuns: 60 },
    )
  })
})
