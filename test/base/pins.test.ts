// Which certificate is accepted for a node's API, and what a renewed one needs to be.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromEnvironment, pinEndpoint, readSitePins } from '../../src/base/pins.ts'
import { OrionError } from '../../src/errors.ts'
import { keepPins, readPins } from '../../src/pve/pins.ts'
import type { Node } from '../../src/site/site.ts'
import { testSite } from '../resources/test-site.ts'
import { fakeNode, print } from './fake-node.ts'

const SITE = testSite()
const [NODE] = SITE.nodes as [Node]
const NAMED = { ...NODE, api: { port: 8006, fingerprint: print('11') } }

describe('base/pins', () => {
  let dir = ''
  let file = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-pins-'))
    file = join(dir, 'credentials.json')
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  /** The endpoint of a node whose host has the certificate `own`, and what was told. */
  const stage = (node: Node, pins: Record<string, string>, own: string) => {
    const told: string[] = []
    const world = fakeNode({ n1: own })
    const { signal } = new AbortController()
    const tell = async (text: string) => void told.push(text)
    return { endpoint: pinEndpoint(SITE, node, pins, { file, host: world.host, tell, signal }), told, world }
  }

  it('takes the pin of the site file first, then the kept one, else none', () => {
    const kept = { n1: print('22') }
    assert.equal(stage(NAMED, kept, '').endpoint.fingerprint, print('11'))
    assert.equal(stage(NODE, kept, '').endpoint.fingerprint, print('22'))
    assert.deepEqual(Object.keys(stage(NODE, {}, '').endpoint), ['host', 'port'])
  })

  it('keeps a renewed certificate that its host has, and says so in one line', async () => {
    await keepPins(file, SITE.name, { n1: print('22'), n2: print('33') })
    const { endpoint, told } = stage(NODE, { n1: print('22') }, print('44'))
    assert.equal(await endpoint.renewed?.(print('44')), print('44'))
    assert.deepEqual(told, ['The API certificate of n1 was renewed; its new fingerprint was read over SSH and kept.'])
    assert.deepEqual(await readPins(file, SITE.name), { n1: print('44'), n2: print('33') })
  })

  it('refuses a certificate that its host has not: somebody is in between', async () => {
    await keepPins(file, SITE.name, { n1: print('22') })
    const { endpoint, told } = stage(NODE, { n1: print('22') }, print('22'))
    await assert.rejects(async () => await endpoint.renewed?.(print('66')), {
      code: 'E_PVE_CERTIFICATE',
      message: /between here and n1/,
    })
    assert.deepEqual(told, [])
    assert.deepEqual(await readPins(file, SITE.name), { n1: print('22') })
  })

  it('does not go over the site file: says what it should have', async () => {
    const { endpoint } = stage(NAMED, {}, print('44'))
    await assert.rejects(
      async () => await endpoint.renewed?.(print('44')),
      (error) => {
        assert.ok(error instanceof OrionError)
        assert.equal(error.code, 'E_PVE_CERTIFICATE')
        assert.match(error.suggestions.join('\n'), new RegExp(`nodes\\.n1\\.api\\.fingerprint to ${print('44')}`))
        return true
      },
    )
    assert.deepEqual(await readPins(file, SITE.name), {})
  })

  it('cannot tell without SSH', async () => {
    const { endpoint, world } = stage(NODE, { n1: print('22') }, print('44'))
    world.down.set('n1', new OrionError('down', { code: 'E_HOST_UNREACHABLE' }))
    assert.equal(await endpoint.renewed?.(print('44')), undefined)
  })

  it('takes pins from the environment, behind those that are kept', async () => {
    process.env.ORION_FINGERPRINTS = `n1=${print('77')},n2=${print('88')}`
    try {
      await keepPins(file, SITE.name, { n1: print('22') })
      assert.deepEqual(await readSitePins(SITE, file), { n1: print('22'), n2: print('88') })
    } finally {
      delete process.env.ORION_FINGERPRINTS
    }
    assert.deepEqual(fromEnvironment(''), {})
    for (const text of ['n1', 'n1=AA:BB', `=${print('AA')}`, `n1=${print('AA')};n2=${print('AA')}`]) {
      assert.throws(() => fromEnvironment(text), { code: 'E_USAGE' })
    }
  })
})
