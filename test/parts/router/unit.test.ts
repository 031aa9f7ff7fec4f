// Units as the shell brings them about: enabled and started with the file, and as they were where it was put back.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activateUnits } from '../../../src/parts/router/unit.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'

const ACTIVE = { code: 0, stdout: 'LoadState=loaded\nActiveState=active\n', stderr: '' }

const rows = [
  { title: 'with the file', file: true, active: false, does: ['-q enable a.service', 'restart a.service'] },
  { title: 'put back, as it ran before', file: false, active: true, does: ['restart a.service'] },
  { title: 'put back, as it did not run', file: false, active: false, does: ['stop a.service'] },
]

describe('parts/router/unit', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-unit-'))
    // `gone.service` is a unit whose package is not there.
    const script = `echo "$*" >> ${folder}/said; [ "$*" != "cat gone.service" ]`
    writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  for (const { title, file, active, does } of rows)
    it(`does ${does.join(', ')}: ${title}`, () => {
      const path = join(folder, 'config')
      if (file) writeFileSync(path, '')
      const before = active ? { ...NOTHING, commands: new Map([['unit a.service', ACTIVE]]) } : NOTHING
      for (const [program = '', ...words] of activateUnits(before, path, ['gone.service', 'a.service']))
        execFileSync(program, words, { env: { PATH: `${folder}:${process.env.PATH}` } })
      const said = readFileSync(join(folder, 'said'), 'utf8').trim().split('\n')
      assert.equal(said[0], 'daemon-reload')
      assert.deepEqual(
        said.slice(1).filter((line) => !/^(cat|reset-failed) /.test(line)),
        does,
      )
    })
})
