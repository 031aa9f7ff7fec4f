// The Keeper's program and unit as text: one file that perl takes without a warning and perlcritic without a word, and a sound unit.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keeperProgram, keeperUnit } from '../../src/parts/keeper/program.ts'
import { run } from '../hosts/inside.ts'
import { needs } from '../setup.ts'

describe("orion-keeper's text", function () {
  this.timeout(60_000)
  let folder: string
  let file: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-keeper-'))
    file = join(folder, 'orion-keeper')
    writeFileSync(file, keeperProgram(), { mode: 0o755 })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is sound and without warnings', async () => {
    const { code, stderr } = await run(['perl', '-Mdiagnostics', '-wc', file])
    assert.deepEqual([code, stderr], [0, `${file} syntax OK\n`])
  })

  it("needs no module but those of Debian's perl", () => {
    const modules = [...keeperProgram().matchAll(/^use ([A-Z][\w:]+)/gm)].map(([, name]) => name)
    assert.deepEqual(modules, [
      'Fcntl',
      'IO::Handle',
      'IO::Select',
      'IO::Socket::UNIX',
      'JSON::PP',
      'List::Util',
      'POSIX',
      'Time::HiRes',
    ])
  })

  it('leaves nothing of a template', () => {
    assert.doesNotMatch(keeperProgram() + keeperUnit(), /<%|%>/)
  })

  it('takes nothing from guests by its unit, which they would inherit', () => {
    const taken = /^(?:Protect|Private|Restrict|SystemCall|Capability|NoNew|ReadOnly|Inaccessible|Lock|MemoryDeny)/m
    assert.doesNotMatch(keeperUnit(), taken)
    assert.match(keeperUnit(), /^KillMode=process$/m)
  })

  describe('to perlcritic', () => {
    before(function () {
      return needs(this, ['perlcritic'])
    })
    it('is clean', async () => {
      const argv = ['perlcritic', '--noprofile', '--stern', file]
      assert.deepEqual(await run(argv), { code: 0, stdout: `${file} source OK\n`, stderr: '' })
    })
  })

  describe('to shellcheck, what stands in for Proxmox VE', () => {
    before(function () {
      return needs(this, ['shellcheck'])
    })
    it('is clean', async () => {
      const { code, stdout } = await run(['shellcheck', fileURLToPath(new URL('programs.sh', import.meta.url))])
      assert.deepEqual([code, stdout], [0, ''])
    })
  })
})
