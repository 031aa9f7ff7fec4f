// Bad input, through the built bin: a clear error, exit 2, never a stack trace.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newOperator, type Operator } from './orion.ts'

const AS_WRITTEN = fileURLToPath(new URL('../fixtures/orion-as-written.yaml', import.meta.url))

describe('bad input', function () {
  this.timeout(60_000)
  let operator: Operator
  before(() => {
    operator = newOperator()
  })
  after(() => operator.leave())

  const FILES: [what: string, content: string | Buffer, says: RegExp][] = [
    ['an empty file', '', /is empty/],
    ['a binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe]), /not|text|binary/i],
    ['tabs', 'site: a\nnodes:\n\tr730:\n\t\taddress: 10.0.0.1\n', /bad\.yaml:3:1/],
    ['5 MB', `site: a\n${'# padding padding padding padding\n'.repeat(160_000)}`, /MiB/],
    ['duplicate keys', 'site: a\nsite: b\n', /bad\.yaml:2:1.*/],
    ['a list', '- a\n', /bad\.yaml:1:1/],
    [
      'anchors without end',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[at]}`).join(',')}]`).join('\n')}\n`,
      /alias|anchor/i,
    ],
  ]
  for (const [what, content, says] of FILES) {
    it(`${what}: exit 2 and where`, async () => {
      const file = join(operator.home, 'bad.yaml')
      writeFileSync(file, content)
      const { exit, err, out } = await operator.run(['bootstrap', 'plan', '--site', file, '--lab'])
      assert.equal(exit, 2, err)
      assert.match(err, says)
      assert.doesNotMatch(err + out, /^ +at .+:\d+:\d+\)?$/m, 'no stack trace')
    })
  }

  it('a bad site file and a place where no plan can be saved: both at once', async () => {
    const file = join(operator.home, 'bad.yaml')
    writeFileSync(file, 'site: a\nsite: b\n')
    const { exit, err } = await operator.run(['vm', 'plan', '--site', file, '--out', file, '--lab'])
    assert.equal(exit, 2, err)
    assert.match(err, /bad\.yaml:2:1/)
    assert.match(err, /has \d errors?[\s\S]*bad\.yaml exists and is no saved plan of orion/)
  })

  it('a directory, and no file at all', async () => {
    const folder = join(operator.home, 'folder')
    mkdirSync(folder)
    for (const file of [folder, join(operator.home, 'absent.yaml')]) {
      const { exit, err } = await operator.run(['vm', 'plan', '--site', file])
      assert.equal(exit, 2, err)
      assert.match(err, /directory|does not exist|no such/i)
    }
    const none = await operator.run(['vm', 'plan'])
    assert.equal(none.exit, 2)
    assert.match(none.err, /--site FILE/)
  })

  it('ORION as its source wrote it: every contradiction at its line', async () => {
    const { exit, err } = await operator.run(['bootstrap', '--yes', '--lab', '--site', AS_WRITTEN])
    assert.equal(exit, 2)
    const lines = [...err.matchAll(/orion-as-written\.yaml:(\d+):\d+/g)].map(([, line]) => Number(line))
    assert.ok(lines.length >= 8, err)
    assert.deepEqual(
      lines,
      [...lines].sort((a, b) => a - b),
    )
    const json = await operator.run(['bootstrap', 'plan', '--json', '--lab', '--site', AS_WRITTEN])
    assert.equal(json.exit, 2)
    assert.equal(JSON.parse(json.out).error.findings.length, lines.length)
  })

  it('a wrong flag, and a wrong command', async () => {
    const flag = await operator.run(['vm', 'plan', '--nonsense'])
    assert.equal(flag.exit, 2)
    assert.match(
      flag.err,
      /^Error: orion vm plan has no flag --nonsense\n {2}Try: \S+ vm plan --help\n {2}\(orion help/,
    )
    const command = await operator.run(['vm', 'aply'])
    assert.equal(command.exit, 2)
    assert.match(
      command.err,
      /^Error: orion has no command "vm aply" \(did you mean "vm apply"\?\)\n {2}Try: orion --help\n/,
    )
    const word = await operator.run(['vm', 'plan', 'extra'])
    assert.equal(word.exit, 2)
    assert.match(word.err, /^Error: orion vm plan takes no argument extra\n/)
    const sub = await operator.run(['bootstrap', 'aply'])
    assert.match(sub.err, /^Error: orion has no command "bootstrap aply" \(did you mean "bootstrap apply"\?\)\n/)
    assert.equal((await operator.run(['vm', 'apply', '-h'])).exit, 0)
    const json = await operator.run(['vm', 'bogus', '--json'])
    assert.equal(json.exit, 2)
    assert.equal(JSON.parse(json.out).error.code, 'E_USAGE')
    const told = await operator.run(['verify', '--timeout', 'bla', '--json'])
    assert.equal(told.exit, 2)
    assert.match(JSON.parse(told.out).error.message, /^--timeout wants a duration [^\n]*, and not bla$/)
  })

  it('no token: says which to set, and contacts nobody', async () => {
    const file = join(operator.home, 'orion.yaml')
    writeFileSync(file, 'site: a\nnodes:\n  n1: { address: 127.0.0.1 }\n')
    const { exit, out } = await operator.run(['bootstrap', 'plan', '--site', file])
    assert.equal(exit, 1)
    assert.match(out, /ORION_TOKEN_ID/)
  })
})
