// orion-journal, the program: run by a real shell in a folder of its own; and the lab's word for word like it.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkNode } from '../../src/engine/journal-check.ts'
import { appendLines, journalPath } from '../../src/host/journal.ts'
import { script } from '../../src/host/script.ts'
import { orionJournal } from '../../src/lab/host/journal-program.ts'
import type { Io, Machine } from '../../src/lab/host/machine.ts'
import { begin, end, own } from '../engine/journal-entries.ts'
import { fakeHost } from '../resources/fake-host.ts'
import { needs } from '../setup.ts'

const exec = promisify(execFile)
const LINES = own([
  begin(1, 1, { command: "vm apply 'ä' \\n $(x) `y` %s\u0007\u2028" }),
  end(1, 2),
  begin(2, 3),
  end(2, 4),
])
const [A = '', B = '', C = '', D = ''] = LINES.trimEnd().split('\n')

describe('host/journal', () => {
  let dir: string
  let file: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-journal-'))
    file = join(dir, 'journal', 'test.jsonl')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const add = async (...lines: string[]) => {
    const child = exec('sh', ['-c', await script('journal'), 'orion-journal', file])
    child.child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
    return await child
  }
  const text = () => readFileSync(file, 'utf8')

  /** The lab's program over the same beginning. */
  const rehearse = async (before: string | undefined, ...lines: string[]): Promise<string> => {
    const files = before === undefined ? {} : { [file]: { kind: 'file' as const, text: before, mode: 0o600 } }
    const host: { files: Record<string, { readonly text: string }> } = { files }
    const machine = { host, world: { changed: () => {} } } as unknown as Machine
    const input = async () => Buffer.from(lines.map((line) => `${line}\n`).join(''))
    await orionJournal(machine, [file], { input } as Io)
    return host.files[file]?.text ?? ''
  }

  it('shellcheck has nothing to say', async function () {
    await needs(this, ['shellcheck'])
    await exec('shellcheck', ['-s', 'sh', new URL('../../src/host/scripts/journal.sh', import.meta.url).pathname])
  })

  it('begins a file of root alone, and adds to it: each line behind a hash of its own', async () => {
    await add(A, B)
    await add(C, D)
    const { entries, findings } = checkNode(text())
    assert.deepEqual([[...entries.keys()], findings], [[A, B, C, D], []])
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(join(dir, 'journal')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(join(dir, 'journal')).sort(), ['.lock', 'test.jsonl'])
    assert.equal(await rehearse(await rehearse(undefined, A, B), C, D), text())
  })

  it('what is there already is not added again: an answer may get lost', async () => {
    await add(A, B)
    const before = text()
    await add(A, B, C)
    assert.deepEqual([...checkNode(text()).entries.keys()], [A, B, C])
    assert.equal(await rehearse(before, A, B, C), text())
  })

  for (const torn of ['a', 'f'.repeat(64), `${'f'.repeat(64)} half of`, '\0'.repeat(40), A.slice(0, 90)])
    it(`closes half a line and goes on: ${torn.slice(0, 12)}…`, async () => {
      await add(A)
      writeFileSync(file, text() + torn)
      const before = text()
      await add(B, C)
      const { entries, findings } = checkNode(text())
      assert.deepEqual([...entries.keys()], [A, B, C])
      assert.deepEqual(
        findings.map(({ state }) => state),
        ['warning'],
        JSON.stringify(findings),
      )
      assert.equal(await rehearse(before, B, C), text())
    })

  it('two at once: both are there, and the chain holds', async () => {
    await Promise.all([add(A, B), add(C, D)])
    const { entries, findings } = checkNode(text())
    assert.deepEqual([[...entries.keys()].sort(), findings], [[A, B, C, D].sort(), []])
  })

  it('says what is wrong where it cannot be written', async () => {
    writeFileSync(join(dir, 'journal'), 'no folder')
    await assert.rejects(add(A), { code: 1, stderr: /orion-journal: / })
  })

  it('a name of a site cannot leave the folder', () => {
    assert.equal(journalPath('../../etc/x y'), '/var/lib/orion/journal/..%2F..%2Fetc%2Fx%20y.jsonl')
  })

  it('hands the lines over on standard input', async () => {
    const { host, calls } = fakeHost({ programs: { 'orion-journal': '' } })
    await appendLines(host, 'test', [A, B])
    assert.match(calls.join('\n'), /orion-journal/)
  })

  it('a shell of another kind is as good', function () {
    const shells = ['dash', 'bash', 'busybox'].filter((name) => {
      try {
        execFileSync('which', [name])
        return true
      } catch {
        return false
      }
    })
    if (shells.length === 0) this.skip()
    const source = readFileSync(new URL('../../src/host/scripts/journal.sh', import.meta.url), 'utf8')
    const made = shells.map((shell) => {
      const place = join(dir, shell, 'test.jsonl')
      // bash takes a socket for the network, and would read the operator's own start file first.
      const first = { busybox: ['sh'], bash: ['--norc'] }[shell] ?? []
      const argv = [...first, '-c', source, 'orion-journal', place]
      execFileSync(shell, argv, { input: LINES })
      return readFileSync(place, 'utf8')
    })
    assert.equal(new Set(made).size, 1)
  })
})
