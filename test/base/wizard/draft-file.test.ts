// The answers that Ctrl-C leaves: kept for the same file only, private, and harmless where they are broken.
import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateDir } from '../../../src/base/paths.ts'
import { draftFile } from '../../../src/base/wizard/draft-file.ts'

describe('base/wizard/draft-file', () => {
  // The state folder of the tests is known only once they run.
  let here: ReturnType<typeof draftFile>
  beforeEach(() => {
    here = draftFile('/a/orion.yaml', false)
  })
  const folder = () => stateDir('.init')
  const only = () => join(folder(), readdirSync(folder()).find((name) => name.startsWith('draft-')) ?? '')
  afterEach(() => here.remove())

  it('keeps the answers in their order, 0600, for this file alone', async () => {
    assert.equal(await here.read(), undefined)
    await here.write({ start: 'orion', site: 'b', domain: 'a', sshKeys: ['x'] })
    assert.deepEqual(Object.keys((await here.read())?.answers ?? {}), ['start', 'site', 'domain', 'sshKeys'])
    assert.equal(statSync(only()).mode & 0o777, 0o600)
    assert.equal(statSync(folder()).mode & 0o777, 0o700)
    assert.equal(await draftFile('/b/orion.yaml', false).read(), undefined)
    assert.equal(await draftFile('/a/orion.yaml', true).read(), undefined, "the lab's nodes are others")
    await here.remove()
    assert.equal(await here.read(), undefined)
  })

  for (const text of [
    '',
    '{',
    '[]',
    '{"format":2,"at":"x","answers":{"a":"b"}}',
    '{"format":1,"at":"x","answers":{"a":7}}',
  ])
    it(`begins anew where there is ${JSON.stringify(text)}`, async () => {
      await here.write({ start: 'orion' })
      writeFileSync(only(), text)
      assert.equal(await here.read(), undefined)
    })
})
