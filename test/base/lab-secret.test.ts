// In the lab no secret is needed; one that could not be read outside of it is said, once.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labSecrets } from '../../src/base/lab-secret.ts'
import type { SecretRef } from '../../src/site/secret.ts'

describe('base/lab-secret', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-lab-secret-'))
    writeFileSync(join(dir, 'good'), 'geheim\n')
    chmodSync(join(dir, 'good'), 0o600)
    process.env.ORION_TEST_GOOD = 'geheim'
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
    delete process.env.ORION_TEST_GOOD
  })

  const rows: [string, SecretRef, RegExp | undefined][] = [
    [
      'a file that is not there',
      { file: './none' },
      /^warning: The secret file \.\/none cannot be read: ENOENT; in the lab, one made up stands in$/,
    ],
    [
      'a variable that is not set',
      { env: 'ORION_TEST_NONE' },
      /^warning: The environment variable ORION_TEST_NONE is not set; in the lab, /,
    ],
    ['a file', { file: './good' }, undefined],
    ['a variable', { env: 'ORION_TEST_GOOD' }, undefined],
    ['a command, which may ask somebody', { command: ['orion-test-none'] }, undefined],
  ]
  for (const [title, reference, warning] of rows)
    it(`${title}: ${warning ? 'said once' : 'nothing is said'}`, async () => {
      const told: string[] = []
      const secret = labSecrets({ file: join(dir, 'orion.yaml') }, async (text) => void told.push(text))
      const values = await Promise.all([secret(reference), secret({ ...reference }), secret(reference)])
      assert.deepEqual(new Set(values), new Set(['rehearsal']))
      assert.equal(told.length, warning ? 1 : 0)
      if (warning) assert.match(told[0] ?? '', warning)
    })
})
