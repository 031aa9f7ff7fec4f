// Nodes that are no gateway any more: their links are told, and a node that does not answer stops nothing.
import assert from 'node:assert/strict'
import { OrionError } from '../../../src/errors.ts'
import { leftProbes } from '../../../src/parts/mesh/left.ts'
import { type FakeHostOptions, fakeHost } from '../../resources/fake-host.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const SITE = site({
  nodes: [node('a'), node('b'), node('old')],
  mesh: mesh([gateway('a', '10.99.1.1'), gateway('b', '10.99.2.1')]),
})

describe('parts/mesh/left', () => {
  const probes = leftProbes(SITE)
  const look = async (options: FakeHostOptions) => probes[0]?.run(fakeHost({ name: 'old', ...options }).outside)

  it('asks the nodes that are no gateway', () => {
    assert.deepEqual(
      probes.map(({ id }) => id),
      ['mesh-left:old'],
    )
  })

  it('is content with one that has no links, keys aside', async () => {
    assert.equal((await look({}))?.state, 'ok')
    assert.equal((await look({ files: { '/etc/orion/mesh/routes': '' } }))?.state, 'ok')
  })

  it('names the links that still stand there, and what takes them back', async () => {
    const files = { '/etc/orion/mesh/links/wg-a.conf': 'x', '/etc/orion/mesh/links/wg-b.conf': 'x' }
    const result = await look({ files })
    assert.deepEqual([result?.state, result?.seen], ['warning', 'links of the mesh still stand there: wg-a, wg-b'])
    assert.match(result?.hint ?? '', /orion mesh undo old --list/)
  })

  it('does not mind one that does not answer', async () => {
    const fail = { read: new OrionError('gone', { code: 'E_HOST_UNREACHABLE' }) }
    assert.deepEqual((await look({ fail }))?.state, 'warning')
  })
})
