// Port names kept by MAC address, beside what Proxmox's own tool did.
import assert from 'node:assert/strict'
import { pinning, pinningFacts } from '../../../src/parts/net/pinning.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const FOLDER = '/etc/systemd/network'
const PROXMOX = '/usr/local/lib/systemd/network'
const LINKS = [
  { ifname: 'lo', address: '00:00:00:00:00:00' },
  { ifname: 'eno1', address: '02:00:00:00:00:01', altnames: ['enp3s0'] },
  { ifname: 'eno2', address: '02:00:00:00:00:01', permaddr: '02:00:00:00:00:02' },
  { ifname: 'nic0', address: '02:00:00:00:00:0a' },
]
const text = (mac: string, name: string) =>
  `# Made by orion from the site file.\n[Match]\nMACAddress=${mac}\nType=ether\n\n[Link]\nName=${name}\n`
const pin = (mac: string, name: string) => `[Match]\nMACAddress=${mac}\nType=ether\n\n[Link]\nName=${name}\n`

function make(ports: Record<string, string>, files: Record<string, string> = {}, bonds = testNode().bonds) {
  const node = testNode({ pinPorts: true, ports, bonds })
  const programs = { 'ip-links': JSON.stringify(LINKS), 'orion-initramfs': '' }
  return onHost(pinning(node, WISH), pinningFacts(node), { files, programs })
}

describe('parts/net/pinning', () => {
  it('writes a link file for each port, by the address that it was made with', async () => {
    const bonds = [{ name: 'bond0', ports: ['eno2', 'nic0'], mode: 'active-backup' }]
    const { apply, look, fake } = make({ wan: 'enp3s0', lan: 'bond0', dmz: 'bond0.20' }, {}, bonds)
    await apply()
    assert.deepEqual(
      [...fake.files].map(([path, file]) => [path, file.text]),
      [
        [`${FOLDER}/50-orion-eno1.link`, text('02:00:00:00:00:01', 'eno1')],
        [`${FOLDER}/50-orion-eno2.link`, text('02:00:00:00:00:02', 'eno2')],
        [`${FOLDER}/50-orion-nic0.link`, text('02:00:00:00:00:0a', 'nic0')],
      ],
    )
    assert.deepEqual(await look(), [])
    assert.equal(fake.calls.filter((call) => call.includes('orion-initramfs')).length, 1)
  })

  for (const kind of ['pve', 'pmx'])
    it(`leaves alone what Proxmox pinned in 50-${kind}-*.link`, async () => {
      const { look } = make({ lan: 'nic0' }, { [`${PROXMOX}/50-${kind}-nic0.link`]: pin('02:00:00:00:00:0A', 'nic0') })
      assert.deepEqual(await look(), [])
    })

  it('takes its own file away where Proxmox pins by now, or the port is used no more', async () => {
    const files = {
      [`${PROXMOX}/50-pmx-nic0.link`]: pin('02:00:00:00:00:0a', 'nic0'),
      [`${FOLDER}/50-orion-nic0.link`]: text('02:00:00:00:00:0a', 'nic0'),
      [`${FOLDER}/50-orion-eno9.link`]: text('02:00:00:00:00:09', 'eno9'),
      [`${FOLDER}/10-mine.link`]: '[Match]\nPath=x\n[Link]\nMTUBytes=9000\n',
    }
    const { apply, fake } = make({ lan: 'nic0' }, files)
    await apply()
    assert.deepEqual([...fake.files.keys()], [`${PROXMOX}/50-pmx-nic0.link`, `${FOLDER}/10-mine.link`])
  })

  const conflicts = [
    {
      file: pin('02:00:00:00:00:01', 'nic7'),
      said: /50-pve-x\.link gives port eno1 \(02:00:00:00:00:01\) the name nic7 at the next restart/,
    },
    {
      file: pin('02:00:00:00:00:77', 'eno1'),
      said: /50-pve-x\.link keeps the name eno1 for another port \(02:00:00:00:00:77\)/,
    },
  ]
  for (const { file, said } of conflicts)
    it(`refuses what contradicts: ${said.source.slice(0, 40)}…`, () =>
      assert.rejects(make({ lan: 'eno1' }, { [`${PROXMOX}/50-pve-x.link`]: file }).look(), said))

  it('says nothing about a port that is not there: the interfaces do', async () => {
    assert.deepEqual(await make({ lan: 'eno9' }).look(), [])
  })

  it('is nothing unless asked for', () => {
    assert.equal(pinning(testNode({ ports: { lan: 'eno1' } }), WISH), undefined)
    assert.deepEqual(pinningFacts(testNode()), {})
  })
})
