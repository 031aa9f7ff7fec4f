// Guests that were there before orion: known by what they are, compared by what is said, never made or removed.
import assert from 'node:assert/strict'
import type { Resource } from '../../src/resource.ts'
import { container } from '../../src/resources/container.ts'
import { identityProblems } from '../../src/resources/guest-identity.ts'
import type { Settings } from '../../src/resources/setting.ts'
import { vm } from '../../src/resources/vm.ts'
import { parseSite } from '../../src/site/load.ts'
import type { Guest, Site } from '../../src/site/site.ts'

const UUID = '699ce1da-6e9e-445c-99fb-bf7b148b8626'
const text = (guest: string) => `site: small
nodes: { n1: { address: 10.0.0.1 } }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
storage: { local: { type: dir, path: /var/lib/vz, content: [images, rootdir] } }
guests: { web: { id: 100, memory: 1G, adopted: true, ${guest} } }
`
const have = (config: Readonly<Record<string, string>>): Settings =>
  new Map(Object.entries(config).map(([key, value]) => [key, { active: value, next: value }]))

async function made(guest: string): Promise<{ site: Site; guest: Guest; resource: Resource<never> }> {
  const site = await parseSite(text(guest), '/nowhere/orion.yaml')
  const [first] = site.guests
  assert.ok(first)
  const options = { wishes: { restart: false }, needs: [] }
  const resource = first.kind === 'vm' ? vm(site, first, options) : container(site, first, options)
  return { site, guest: first, resource: resource as Resource<never> }
}

const state = (config: Readonly<Record<string, string>>) =>
  ({ node: 'n1', running: true, settings: have(config) }) as never

const ODD = {
  name: 'web.example.com',
  memory: '1024',
  cores: '4',
  cpu: 'host',
  onboot: '1',
  tags: 'mine;orion;orion-small',
  net0: 'e1000=BC:24:11:00:00:AA,bridge=vmbr5',
  net1: 'virtio=BC:24:11:00:00:AB,bridge=vmbr6',
  virtio0: 'local:100/vm-100-disk-0.raw,size=2252M',
  args: '-device x',
}

describe('an adopted guest', () => {
  it('differs only in what the site file says of it', async () => {
    const { resource } = await made('disks: [{ size: 2G, storage: local, slot: virtio0 }]')
    assert.deepEqual(resource.diff(state(ODD)), [])
    const more = await made('cores: 2, onboot: false, disks: [{ size: 4G, storage: local, slot: virtio0 }]')
    assert.deepEqual(
      more.resource.diff(state(ODD)).map(({ field, have: is, want }) => [field, is, want]),
      [
        ['cores', '4', '2'],
        ['onboot', '1', '0'],
        ['virtio0.size', '2G', '4G'],
      ],
    )
  })

  it('has the tags that the file names, and a mark that it has already is neither missed nor taken', async () => {
    assert.deepEqual((await made('tags: mine')).resource.diff(state(ODD)), [])
    const [row] = (await made('tags: [mine, web]')).resource.diff(state(ODD))
    assert.deepEqual([row?.field, row?.have, row?.want], ['tags', 'mine', 'mine;web'])
  })

  it('keeps NICs that the file does not name', async () => {
    const { resource } = await made('nics: { lan: { model: e1000, mac: "BC:24:11:00:00:AA" } }')
    assert.deepEqual(
      resource.diff(state(ODD)).map(({ field }) => field),
      ['net0'],
    )
  })

  it('is a container whose interface keeps its name, and an address of which nothing is said', async () => {
    const nic = 'name=eno0,bridge=vmbr0,hwaddr=BC:24:11:00:00:AA,ip=10.9.9.9/8,gw=10.0.0.1,ip6=auto'
    const { resource } = await made('kind: ct, nics: { lan: { mac: "BC:24:11:00:00:AA" } }')
    assert.deepEqual(resource.diff(state({ hostname: 'x', memory: '1024', net0: nic, rootfs: 'local:1,size=8G' })), [])
  })

  for (const [what, guest, config, count] of [
    [
      'the VM with its UUID, whatever its name and tags',
      `uuid: ${UUID}`,
      { smbios1: `uuid=${UUID}`, name: 'other' },
      0,
    ],
    [
      'no VM with another UUID',
      `uuid: ${UUID}`,
      { smbios1: 'uuid=00000000-0000-4000-8000-000000000000', name: 'web' },
      1,
    ],
    ['the VM of its name where no UUID is said', 'onboot: true', { name: 'WEB' }, 0],
    ['no VM of another name', 'onboot: true', { name: 'mail' }, 1],
    [
      'the container with the MAC address of its first NIC',
      'kind: ct, nics: { lan: { mac: "BC:24:11:00:00:AA" } }',
      { net0: 'name=eth0,hwaddr=bc:24:11:00:00:aa', hostname: 'other' },
      0,
    ],
    [
      'no container with another one',
      'kind: ct, nics: { lan: { mac: "BC:24:11:00:00:AA" } }',
      { net0: 'name=eth0,hwaddr=bc:24:11:00:00:ab', hostname: 'web' },
      1,
    ],
  ] as const) {
    it(`is ${what}`, async () => {
      const { site, guest: wanted } = await made(guest)
      assert.equal(identityProblems(site, wanted, have(config)).length, count)
    })
  }

  it('is not removed', async () => {
    const { resource } = await made('onboot: true')
    await assert.rejects(
      resource.remove({} as never, state(ODD), () => {}),
      /was there before orion, and is not destroyed/,
    )
  })
})
