// verify --junit FILE: no report of an earlier run is ever taken for this one.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withJunit } from '../../src/base/junit-file.ts'
import { OrionError } from '../../src/errors.ts'

describe('base/junit-file', () => {
  let dir: string
  let junit: string
  const text = () => readFileSync(junit, 'utf8')
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'orion-test-'))
    junit = join(dir, 'v.xml')
    writeFileSync(junit, '<?xml version="1.0"?>\n<testsuites name="of yesterday"/>\n')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('says that the checks have not ended while they run, so also after a kill', async () => {
    const verify = { site: 'a', started: '2026-01-01T00:00:00.000Z', ms: 1, probes: [] }
    await withJunit({ junit, concurrency: 1 }, async () => {
      assert.match(text(), /<error message="the checks were stopped before they ended" type="E_INTERRUPTED">/)
      assert.doesNotMatch(text(), /yesterday/)
      return { verify }
    })
    assert.match(text(), /name="orion verify a" tests="0"/)
  })

  it('says why there were none', async () => {
    const lost = new OrionError('no way', { code: 'E_HOST_UNREACHABLE' })
    await assert.rejects(
      withJunit({ junit, concurrency: 1 }, () => Promise.reject(lost)),
      lost,
    )
    assert.match(text(), /<error message="[^"]*no way" type="E_\w+">/)
  })

  it('refuses a file of somebody else before any check', async () => {
    const site = join(dir, 'orion.yaml')
    writeFileSync(site, 'site: a\nnodes: { n1: { address: 192.0.2.1 } }\n')
    writeFileSync(junit, 'site: a\n')
    const wrong = withJunit({ junit, site, concurrency: 1 }, () => assert.fail('it ran'))
    await assert.rejects(wrong, /no JUnit report, so it is not overwritten/)
    assert.equal(text(), 'site: a\n')
  })
})
