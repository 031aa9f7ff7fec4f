// orion bootstrap show, through the built bin: pages on stdout, files that are never put over something else, no lab is started.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator } from './orion.ts'
import { siteFile } from './rehearsal.ts'

describe('orion bootstrap show', function () {
  this.timeout(120_000)
  let operator: Operator
  const show = (...args: string[]) => operator.run(['bootstrap', 'show', '--lab', '--site', siteFile('orion'), ...args])
  before(() => {
    operator = newOperator()
  })
  after(() => operator?.leave())

  it('draws on the terminal, in 80 columns, and says what else there is', async () => {
    const { exit, out, err } = await show()
    assert.equal(exit, 0, err)
    assert.match(out, /^◉─◉───●─●─●─●─ router +VM 200 /m)
    assert.match(out, /As a page to search: \S+ bootstrap show --out site\.html --site \S+ --lab$/)
    for (const line of out.split('\n').slice(0, -1)) assert.ok(line.length <= 80, line)
    assert.equal(readdirSync(operator.home).includes('state'), false, 'nothing is kept, and no lab was started')
  })

  it('needs none of the public keys that the site file names', async () => {
    const { exit, out, err } = await operator.run(['bootstrap', 'show', '--site', siteFile('orion')])
    assert.equal(exit, 0, err)
    assert.match(out, /router +VM 200 /)
  })

  it('writes what the name of the file says, and over a picture of its own only', async () => {
    const file = (name: string) => join(operator.home, name)
    for (const [name, beginning] of [
      ['a.svg', /^<\?xml version="1\.0"/],
      ['a.html', /^<!doctype html>/],
      ['a.mmd', /^%% Made by orion bootstrap show\nflowchart LR\n/],
      ['a.txt', /^Made by orion bootstrap show\n\norion\n/],
    ] as const) {
      const { exit, out, err } = await show('--out', file(name))
      assert.deepEqual([exit, out], [0, ''], err)
      assert.match(err, /^Done: the picture of orion is in /)
      assert.match(readFileSync(file(name), 'utf8'), beginning)
      assert.equal(statSync(file(name)).mode & 0o133, 0)
    }
    const other = await show('--out', file('a.png'))
    assert.equal(other.exit, 2, other.err)
    assert.match(other.err, /no picture of the kind \.png[\s\S]*\.svg/)
    assert.equal((await show('--out', file('a.html'))).exit, 0, 'a newer picture takes its place')
    writeFileSync(file('notes.txt'), 'mine\n')
    const { exit, err } = await show('--out', file('notes.txt'), '--format', 'svg')
    assert.equal(exit, 2)
    assert.match(err, /notes\.txt exists and is no picture of orion/)
    assert.equal(readFileSync(file('notes.txt'), 'utf8'), 'mine\n')
  })

  it('gives a picture on stdout as it is, and one document with --json', async () => {
    const svg = await show('--format', 'svg')
    assert.match(svg.out, /^<\?xml.*<\/svg>$/s)
    assert.equal(svg.err, '')
    const { out, exit } = await show('--json')
    const document = JSON.parse(out)
    assert.equal(exit, 0)
    assert.deepEqual([document.site, document.format, document.picture.groups.length], ['orion', 'tree', 2])
    assert.match(document.text, /◉/)
  })

  it('a bad site file: every error, exit 2, and no file', async () => {
    const bad = join(operator.home, 'bad.yaml')
    writeFileSync(bad, 'site: bad\nnodes: { n1: { address: nowhere at all, gatway: 10.0.0.1 } }\n')
    const out = join(operator.home, 'bad.svg')
    const { exit, err } = await operator.run(['bootstrap', 'show', '--site', bad, '--out', out])
    assert.equal(exit, 2)
    assert.match(err, /address/)
    assert.match(err, /gatway.*gateway/)
    assert.throws(() => statSync(out))
    const wrong = await show('--format', 'png')
    assert.equal(wrong.exit, 2)
    assert.match(wrong.err, /tree, svg, html, mermaid/)
  })

  it('a bad site file and a bad place: both at once', async () => {
    const bad = join(operator.home, 'worse.yaml')
    writeFileSync(bad, 'site: a b\n')
    const { exit, err } = await operator.run(['bootstrap', 'show', '--site', bad, '--out', bad, '--format', 'svg'])
    assert.equal(exit, 2)
    assert.match(err, /worse\.yaml:1:7[\s\S]*is no picture of orion/)
  })
})
