// Ways into the mesh for the nodes beside a gateway.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { MESH_PROGRAM, ROUTES_FILE } from '../../../src/parts/mesh/link-paths.ts'
import { meshRoutes, routeNodes } from '../../../src/parts/mesh/routes.ts'
import { type HostFacts, NOTHING } from '../../../src/resources/host-facts.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Mesh } from '../../../src/site/services.ts'
import type { Node } from '../../../src/site/site.ts'
import { factsOf, filesOf, unitAnswers } from './link-host.ts'
import { type MeshSite, meshSite, withIpv6 } from './routing-world.ts'

const live = (...lines: string[]): HostFacts => factsOf({ 'mesh-live': [...lines, ''].join('\n') })

/** A node of the federation beside van-1, which is no gateway. */
async function stage(change?: (mesh: Mesh) => Mesh, node: Partial<Node> = {}) {
  const site = await meshSite(change)
  const nodes = site.nodes.map((one) => (one.name === 'van-2' ? { ...one, ...node } : one))
  const made: MeshSite = { ...site, nodes }
  const own = made.nodes.find(({ name }) => name === 'van-2')
  assert.ok(own)
  const set = meshRoutes(made, own, {})
  const text = set.files(NOTHING).find(({ path }) => path === ROUTES_FILE)?.text ?? ''
  return { site: made, set, lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')) }
}

describe('parts/mesh/routes', () => {
  it('the other nodes of a cluster reach everything over its gateway', async () => {
    const { site, lines } = await stage()
    assert.deepEqual(
      routeNodes(site).map(({ name }) => name),
      ['van-2', 'van-3'],
    )
    const networks = ['10.99.0.0/16', '10.2.0.0/24', '10.3.0.0/24', '10.4.0.0/24', '10.5.0.0/24']
    assert.deepEqual(
      lines,
      networks.map((network) => `${network} via 10.1.0.11`),
    )
  })

  it('in a family in which both have addresses alone', async () => {
    const both = await stage(withIpv6)
    assert.ok(both.lines.every((line) => !line.includes('fd00')))
    const six = await stage(withIpv6, { address: 'fd00:10:1::12' })
    assert.deepEqual(
      routeNodes(six.site).map(({ name }) => name),
      ['van-3'],
    )
    assert.deepEqual(six.lines, [])
  })

  it('none for a node that stands in no network of its gateway', async () => {
    const { site, lines } = await stage(undefined, { address: '172.16.0.1' })
    assert.deepEqual(lines, [])
    assert.ok(!routeNodes(site).some(({ name }) => name === 'van-2'))
  })

  it('refuses a next hop that is on no wire, and a wire that the mesh would lead away', async () => {
    const { set } = await stage()
    const near = 'connected 10.1.0.0/24 vmbr0'
    assert.deepEqual(set.problems?.(live(near, 'ipv6 on')), [])
    assert.deepEqual(set.problems?.(live('connected 172.16.0.0/24 vmbr0')), [
      'the mesh is reached by 10.1.0.11, which is in no network of this node',
    ])
    assert.match(set.problems?.(live(near, 'connected 10.3.0.0/24 vmbr1')).join() ?? '', /leads it to fra-1/)
    assert.deepEqual(set.problems?.(NOTHING), [])
  })

  it('a wire that the same run makes is one; of several ways in, that by which we reach the node is taken', async () => {
    const file = fileURLToPath(new URL('../../../templates/sites/orion.yaml', import.meta.url))
    const site = await loadSite(file, { standInKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE test' })
    const [node] = routeNodes(site)
    assert.equal(node?.name, 'r730')
    const set = meshRoutes(site, node, {})
    assert.deepEqual(set.problems?.(live('connected 192.168.1.0/24 vmbr9')), [])
    assert.deepEqual(set.needs, ['file-set:r730/interfaces'])
    assert.match(set.files(NOTHING)[0]?.text ?? '', /\n10\.99\.0\.0\/24 via 192\.168\.1\.2\n$/)
  })

  it('tells what is not in force; without IPv6 no rule of it is missed', async () => {
    const { set } = await stage()
    const there = filesOf([...set.files(NOTHING), { path: MESH_PROGRAM, text: '' }])
    const routes = ['10.99.0.0/16', '10.2.0.0/24', '10.4.0.0/24', '10.5.0.0/24'].map((one) => `route 4 86 ${one}`)
    const facts = live('ipv6 off', 'rule 4 5180 5180', ...routes)
    const seen = { files: there, commands: new Map([...facts.commands, ...unitAnswers('active', 'enabled')]) }
    assert.deepEqual(set.drift?.(seen), [{ field: 'route to 10.3.0.0/24', have: 'absent', want: 'in the table 5180' }])
    assert.deepEqual(set.drift?.(NOTHING), [])
  })
})
