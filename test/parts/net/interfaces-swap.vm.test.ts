// Bridges that trade their ports, on a real host: ifupdown2 loses a port now and then, and what orion runs may not.
import assert from 'node:assert/strict'
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import { startHost, type TestHost, withHosts } from '../../hosts/nspawn.ts'
import { netNode } from './wanted-nodes.ts'

const ROUNDS = 6
const ORDERS = ['eno2 eno1 eno3', 'eno1 eno2 eno3', 'eno1 eno3 eno2', 'eno1 eno2 eno3']

const fileOf = (ports: readonly string[]): string =>
  ports
    .map(
      (port, at) =>
        `auto vmbr${at}\niface vmbr${at} inet manual\n\tbridge-ports ${port}\n\tbridge-stp off\n\tbridge-fd 0\n`,
    )
    .join('\n')

describe('parts/net/interfaces where bridges trade ports', function () {
  this.timeout(120_000)
  let host: TestHost
  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'trade' })
  })
  after(() => host?.stop())

  it('has every port in its bridge after each activation', async () => {
    const { activate } = interfaces(netNode([]))
    assert.ok(typeof activate !== 'function')
    for (let round = 0; round < ROUNDS; round += 1)
      for (const order of ORDERS) {
        await host.must(['tee', '/etc/network/interfaces'], { input: fileOf(order.split(' ')) })
        for (const argv of activate) await host.must(argv)
        const found = await host.must([
          'sh',
          '-c',
          'cd /sys/class/net && ls vmbr0/brif vmbr1/brif vmbr2/brif | grep eno',
        ])
        assert.equal(found.trim().split('\n').join(' '), order, `round ${round}`)
      }
  })
})
