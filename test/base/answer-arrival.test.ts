// The host keys that an installer told: kept where nothing speaks against it, and said as it is.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { learnKeys } from '../../src/base/answer-arrival.ts'
import type { Node } from '../../src/site/site.ts'

const node = { name: 'n1', address: '192.0.2.7', ssh: {} } as unknown as Node
const asking = 'orion bootstrap access'
const ED = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDh7JSMQ2ey6pTZFBcyj8kNXr/skF065X4fiPtr2mF5b'
const OTHER = ED.replace('IDh7', 'IDh8')
const RSA = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAA'

describe('base/answer-arrival', () => {
  let dir: string
  let file: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    file = join(dir, 'ssh/known_hosts')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('keeps every key that is one, for the operator alone', async () => {
    const said = await learnKeys(
      node,
      [`${ED} root@n1`, RSA, `ssh-dss AAAA`, `* ${ED}`, `${ED}\n@cert-authority * ${RSA}`],
      {
        file,
        asking,
      },
    )
    assert.match(said, /as its installer told them: they are in /)
    assert.equal(readFileSync(file, 'utf8'), `192.0.2.7 ${ED}\n192.0.2.7 ${RSA}\n`)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('says so where none is told', async () => {
    assert.match(await learnKeys(node, ['', 'nonsense'], { file, asking }), /told none, so it is asked for/)
    assert.equal(existsSync(file), false)
  })

  it('lets known keys stand, and tells whether they are the same', async () => {
    await learnKeys(node, [ED], { file, asking })
    const before = readFileSync(file, 'utf8')
    assert.match(await learnKeys(node, [`${ED} root@n1`, RSA], { file, asking }), /has them already/)
    const said = await learnKeys(node, [OTHER], { file, asking })
    assert.match(
      said,
      /^! .* has others.* they stand\. .* ssh-keygen -R 192\.0\.2\.7, then orion bootstrap access asks/,
    )
    assert.equal(readFileSync(file, 'utf8'), before)
  })
})
