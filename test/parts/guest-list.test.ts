// The rows of `orion vm list`.
import assert from 'node:assert/strict'
import { listGuests } from '../../src/parts/guest-list.ts'
import { fakeCluster } from '../resources/fake-cluster.ts'
import { nic, testGuest, testSite } from '../resources/test-site.ts'

const TAGS = 'orion;orion-lab'

describe('parts/guest-list', () => {
  it('says what became of each guest, from three lists', async () => {
    const nics = [nic({ ipv4: 'dhcp' }), nic({ index: 1, ipv4: { cidr: '10.0.0.7/24' } })]
    const names = ['ours', 'moved', 'absent', 'untagged', 'other-kind']
    const guests = names.map((name, index) =>
      testGuest({ name, vmid: 100 + index, nics: index === 0 ? nics : [], sockets: 2 }),
    )
    const at = (vmid: number, node = 'n1', type = 'qemu') => ({ id: `${type}/${vmid}`, type, node, name: 'x' })
    const cluster = fakeCluster({
      'GET /cluster/resources': [at(100), at(101, 'n2'), at(103), at(104, 'n1', 'lxc')],
      'GET /nodes/n1/qemu': [
        { vmid: 100, status: 'running', tags: TAGS },
        { vmid: 103, status: 'running', tags: 'orion' },
      ],
      'GET /nodes/n2/qemu': [{ vmid: 101, status: 'stopped', tags: TAGS }],
      'GET /nodes/n1/lxc': [{ vmid: 104, status: 'running', tags: TAGS }],
    })
    const rows = await listGuests(testSite({ guests }), cluster.outside)
    assert.deepEqual(
      rows.map(({ name, node, status, state }) => [name, node, status, state]),
      [
        ['ours', 'n1', 'running', 'ours'],
        ['moved', 'n2', 'stopped', 'ours'],
        ['absent', 'n1', '-', 'absent'],
        ['untagged', 'n1', '-', 'foreign'],
        ['other-kind', 'n1', '-', 'foreign'],
      ],
    )
    assert.deepEqual([rows[0]?.address, rows[0]?.cores, rows[1]?.address], ['10.0.0.7', 4, undefined])
    assert.equal(cluster.calls.length, 4)
  })
})
