// The man page: what the manifest has stands in it, and groff takes it without a word.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { needs } from '../setup.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the man page', () => {
  let page = ''
  before(async function () {
    await needs(this, ['groff'])
    execFileSync(process.execPath, [`${root}/bin/man.js`])
    page = `${root}/dist/man/orion.1`
  })

  it('is taken by groff without a warning', async () => {
    const { stderr } = await execa('groff', ['-man', '-Tutf8', '-ww', '-z', page])
    assert.equal(stderr, '')
  })

  it('has every command, its flags, and what they say', async () => {
    const { stdout } = await execa('groff', ['-man', '-Tascii', '-P-c', '-P-b', '-P-o', '-P-u', page])
    const text = stdout.replaceAll(/\s+/g, ' ')
    const { commands } = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8'))
    for (const { id, hidden, flags } of Object.values(commands) as { id: string; hidden: boolean; flags: object }[]) {
      if (hidden) continue
      assert.ok(text.includes(`orion ${id.replaceAll(':', ' ')}`), id)
      for (const [name, { hidden: out }] of Object.entries(flags) as [string, { hidden?: boolean }][])
        if (!out) assert.ok(text.includes(`--${name}`), `${id} --${name}`)
    }
    assert.match(text, /EXIT STATUS 0 as wanted, or done 1 something could not be done/)
  })
})
