// Files that a flag names: written as a whole, and never over something else.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refuseOtherFile, together, writeOut } from '../../src/base/out-file.ts'
import { OrionError } from '../../src/errors.ts'
import { SiteError } from '../../src/site/site-error.ts'

describe('base/out-file', () => {
  let dir: string
  const at = (name: string) => join(dir, name)
  const look = (name: string) => ({ path: at(name), what: 'note', isOurs: (text: string) => text.startsWith('note') })
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    writeFileSync(at('ours'), 'note 1')
    writeFileSync(at('empty'), '')
    writeFileSync(at('site.yaml'), 'site: orion\n')
    mkdirSync(at('folder'))
    symlinkSync('/dev/null', at('device'))
    execFileSync('mkfifo', [at('pipe')])
  })
  after(() => rmSync(dir, { recursive: true, force: true }))

  for (const name of ['new', 'ours', 'empty'])
    it(`may be ${name}`, async () => {
      await refuseOtherFile(look(name))
    })

  const REFUSED: [string, RegExp][] = [
    ['site.yaml', /exists and is no note, so it is not overwritten/],
    ['folder', /no plain file|cannot be read/],
    ['device', /no plain file/],
    ['pipe', /no plain file/],
    ['absent/file', /there is no folder/],
    ['site.yaml/file', /there is no folder/],
  ]
  for (const [name, message] of REFUSED)
    it(`may not be ${name}`, async () => {
      await assert.rejects(refuseOtherFile(look(name)), { code: 'E_USAGE', message })
    })

  it('replaces a file as a whole, with its rights, and leaves nothing beside it', async () => {
    const before = readdirSync(dir).length
    await writeOut(at('ours'), 'note 2', 0o600)
    assert.equal(readFileSync(at('ours'), 'utf8'), 'note 2')
    assert.equal(statSync(at('ours')).mode & 0o777, 0o600)
    await assert.rejects(writeOut(at('folder'), 'note', 0o600), { code: 'E_USAGE', message: /cannot be written/ })
    assert.equal(readdirSync(dir).length, before)
  })

  it('refuses everything at once, with the findings of a site file among it', async () => {
    const [one, other] = [
      new OrionError('a', { code: 'E_SECRET', suggestions: ['x'] }),
      refuseOtherFile(look('folder')),
    ]
    assert.deepEqual(await together([Promise.resolve(1), Promise.resolve('b')]), [1, 'b'])
    await assert.rejects(together([Promise.resolve(1), Promise.reject(one)]), one)
    await assert.rejects(together([Promise.reject(one), other]), {
      code: 'E_SECRET',
      message: /^a\n.*folder/,
      suggestions: ['x'],
    })
    const findings = [{ severity: 'error', path: [], message: 'm', file: 'f', line: 1, column: 1, frame: '' }] as const
    const site = new SiteError('f has 1 error', findings)
    await assert.rejects(together([Promise.reject(site), refuseOtherFile(look('site.yaml'))]), {
      code: 'E_SITE',
      summary: /^f has 1 error\n.*site\.yaml exists/,
      findings,
    })
    const defect = new TypeError('a defect')
    await assert.rejects(together([Promise.reject(defect), Promise.reject(one)]), defect)
  })
})
