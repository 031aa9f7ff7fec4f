// A container: want and have as rows, the differences that the plan shows, the calls that resolve them.
import assert from 'node:assert/strict'
import type { Difference } from '../../src/resource.ts'
import { container } from '../../src/resources/container.ts'
import type { Guest } from '../../src/site/site.ts'
import { type Config, fakeCluster, guestAnswers } from './fake-cluster.ts'
import { nic, testGuest, testSite } from './test-site.ts'

const NIC = nic({ ipv4: { cidr: '10.0.0.5/24', gateway: '10.0.0.1' }, ipv6: 'auto' })
const NET0 = 'name=eth0,bridge=vmbr0,gw=10.0.0.1,hwaddr=AA:00:00:00:00:00,ip=10.0.0.5/24,ip6=auto,type=veth'

/** The configuration of GUEST as Proxmox VE gives it. */
const BASE: Config = {
  hostname: 'web',
  arch: 'amd64',
  ostype: 'debian',
  cores: 2,
  memory: 2048,
  swap: 512,
  onboot: 1,
  unprivileged: 1,
  features: 'nesting=1',
  tags: 'orion;orion-lab',
  rootfs: 'tank:subvol-100-disk-0,size=8G',
  net0: NET0,
}

const GUEST: Partial<Guest> = { kind: 'ct', image: 'debian-ct', nics: [NIC], features: { nesting: true } }

interface Row {
  readonly title: string
  readonly want?: Partial<Guest>
  readonly have?: Config
  readonly differences: readonly string[]
  readonly calls?: readonly string[]
}

const PUT = 'PUT /nodes/n1/lxc/100/config'

const ROWS: readonly Row[] = [
  { title: 'as wanted', differences: [] },
  { title: 'keys cannot be read back', want: { sshKeys: ['ssh-ed25519 AAAA x'] }, differences: [] },
  {
    title: 'a description gains a newline',
    want: { description: 'cache' },
    have: { description: 'cache\n' },
    differences: [],
  },
  {
    title: 'memory and swap',
    want: { memoryMib: 4096, swapMib: 0 },
    differences: ['memory 2048→4096', 'swap 512→0'],
    calls: [`${PUT} swap=0 memory=4096 digest=d1`],
  },
  {
    title: 'the time zone, once it is said',
    want: { timezone: 'Europe/Berlin' },
    differences: ['timezone -→Europe/Berlin'],
    calls: [`${PUT} timezone=Europe/Berlin digest=d1`],
  },
  { title: 'a privileged one', have: { unprivileged: 0 }, differences: ['unprivileged 0→1 !immutable'] },
  {
    title: 'a privileged one, not set',
    have: { unprivileged: [undefined, null] },
    differences: ['unprivileged 0→1 !immutable'],
  },
  {
    title: 'nesting off keeps the features of others',
    want: { features: { nesting: false } },
    have: { features: 'keyctl=1,nesting=1' },
    differences: ['features nesting=1→nesting=0'],
    calls: [`${PUT} features=keyctl=1 digest=d1`],
  },
  {
    title: 'nesting off, the only feature',
    want: { features: { nesting: false } },
    differences: ['features nesting=1→nesting=0'],
    calls: [`${PUT} delete=features digest=d1`],
  },
  {
    title: 'a feature that only root may set',
    want: { features: { nesting: true, fuse: true } },
    differences: ['features fuse=0→fuse=1 !over root'],
    calls: ['n1# pct set 100 --features fuse=1,nesting=1 --digest d1'],
  },
  {
    title: 'features of a privileged container',
    want: { unprivileged: false },
    have: { unprivileged: 0, features: '' },
    differences: ['features -→nesting=1 !over root'],
    calls: ['n1# pct set 100 --features nesting=1 --digest d1'],
  },
  {
    title: 'the last feature that only root may set goes',
    want: { features: { fuse: false } },
    have: { features: 'fuse=1' },
    differences: ['features fuse=1→fuse=0 !over root'],
    calls: ['n1# pct set 100 --delete features --digest d1'],
  },
  {
    title: 'a NIC in another order, MAC in lower case',
    have: { net0: 'hwaddr=aa:00:00:00:00:00,name=eth0,type=veth,ip6=auto,ip=10.0.0.5/24,gw=10.0.0.1,bridge=vmbr0' },
    differences: [],
  },
  {
    title: 'an address that changes keeps the options of others',
    want: { nics: [nic({ ipv4: 'dhcp' })] },
    have: { net0: `${NET0},rate=10` },
    differences: [
      'net0 bridge=vmbr0,firewall=0,gw=10.0.0.1,hwaddr=AA:00:00:00:00:00,ip=10.0.0.5/24,ip6=auto,name=eth0,type=veth→bridge=vmbr0,firewall=0,hwaddr=AA:00:00:00:00:00,ip=dhcp,name=eth0,type=veth',
    ],
    calls: [`${PUT} net0=name=eth0,bridge=vmbr0,hwaddr=AA:00:00:00:00:00,ip=dhcp,type=veth,rate=10 digest=d1`],
  },
  {
    title: 'a root file system that is smaller',
    want: { diskGib: 10 },
    differences: ['rootfs.size 8G→10G'],
    calls: ['PUT /nodes/n1/lxc/100/resize disk=rootfs size=10G', 'task PUT /nodes/n1/lxc/100/resize'],
  },
  { title: 'a root file system that is larger', want: { diskGib: 2 }, differences: ['rootfs.size 8G→2G !immutable'] },
  {
    title: 'a further volume',
    want: { mounts: [{ path: '/data', sizeGib: 3, readOnly: false }] },
    differences: ['mp0 -→3G on tank, at /data'],
    calls: [`${PUT} mp0=tank:3,mp=/data digest=d1`],
  },
  {
    title: 'a volume at another path keeps its volume',
    want: { mounts: [{ path: '/srv', sizeGib: 3, readOnly: true }] },
    have: { mp0: 'tank:subvol-100-disk-1,mp=/data,backup=1,size=3G' },
    differences: ['mp0 mp=/data,ro=0→mp=/srv,ro=1'],
    calls: [`${PUT} mp0=tank:subvol-100-disk-1,mp=/srv,ro=1,backup=1,size=3G digest=d1`],
  },
  {
    title: 'a bind mount is for root',
    want: { mounts: [{ path: '/media', source: '/tank/media', readOnly: true }] },
    differences: ['mp0 -→mp=/media,ro=1,volume=/tank/media !over root'],
    calls: ['n1# pct set 100 --mp0 /tank/media,mp=/media,ro=1 --digest d1'],
  },
  {
    title: 'a bind mount of another folder',
    want: { mounts: [{ path: '/media', source: '/tank/media', readOnly: true }] },
    have: { mp0: '/tank/old,mp=/media,ro=1' },
    differences: ['mp0 mp=/media,ro=1,volume=/tank/old→mp=/media,ro=1,volume=/tank/media !over root'],
    calls: ['n1# pct set 100 --mp0 /tank/media,mp=/media,ro=1 --digest d1'],
  },
  {
    title: 'a bind mount takes no volume away',
    want: { mounts: [{ path: '/media', source: '/tank/media', readOnly: true }] },
    have: { mp0: 'tank:subvol-100-disk-1,mp=/media,size=3G' },
    differences: ['mp0 mp=/media,ro=0,volume=tank:subvol-100-disk-1→mp=/media,ro=1,volume=/tank/media !immutable'],
  },
  {
    title: 'a bind mount that is there',
    want: { mounts: [{ path: '/media', source: '/tank/media', readOnly: true }] },
    have: { mp0: '/tank/media,mp=/media,ro=1' },
    differences: [],
  },
]

function text({ field, have = '-', want = '-', waits, immutable, channel }: Difference): string {
  const mark = immutable ? 'immutable' : (waits ?? (channel && `over ${channel}`))
  return `${field} ${have}→${want}${mark === undefined ? '' : ` !${mark}`}`
}

function make(want: Partial<Guest>) {
  return container(testSite(), testGuest({ ...GUEST, ...want }), { wishes: { restart: false }, needs: [] })
}

describe('resources/container: differences and the calls that resolve them', () => {
  for (const { title, want = {}, have = {}, differences, calls = [] } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster(guestAnswers('lxc', { vmid: 100, config: { ...BASE, ...have }, running: true }))
      const resource = make(want)
      const seen = await resource.observe(cluster.outside)
      assert.ok(seen)
      assert.deepEqual(resource.diff(seen).map(text).sort(), [...differences].sort())
      if (calls.length === 0) return
      await resource.update(cluster.outside, seen, cluster.note)
      assert.deepEqual(cluster.writes(), calls)
    })
  }
})

describe('resources/container', () => {
  const TEMPLATES = 'GET /nodes/n1/storage/local/content'

  it('is created from the newest template that fits', async () => {
    const volids = [
      'debian-13-standard_13.1-2_amd64.tar.zst',
      'debian-13-standard_13.1-10_amd64.tar.zst',
      'alpine-3.22_amd64.tar.xz',
    ]
    const cluster = fakeCluster({
      'GET /cluster/resources': [],
      [TEMPLATES]: volids.map((file) => ({ volid: `local:vztmpl/${file}` })),
    })
    const resource = make({
      features: { nesting: true, fuse: true },
      sshKeys: [' ssh-ed25519 AAAA x ', 'ssh-rsa BBBB y'],
      mounts: [{ path: '/m', source: '/tank', readOnly: false }],
    })
    await resource.create(cluster.outside, cluster.note)
    const [post = ''] = cluster.writes()
    assert.match(
      post,
      /^POST \/nodes\/n1\/lxc vmid=100 ostemplate=local:vztmpl\/debian-13-standard_13\.1-10_amd64\.tar\.zst /,
    )
    assert.match(post, / unprivileged=1 /)
    assert.match(post, / features=nesting=1 /)
    assert.match(post, / rootfs=tank:8( |$)/)
    assert.match(post, / ssh-public-keys=ssh-ed25519 AAAA x\nssh-rsa BBBB y /)
    assert.doesNotMatch(post, / mp0=| fuse/)
  })

  it('says which image is missing', async () => {
    const cluster = fakeCluster({ 'GET /cluster/resources': [], [TEMPLATES]: [] })
    await assert.rejects(make({}).create(cluster.outside, cluster.note), { code: 'E_IMAGE' })
    assert.deepEqual(cluster.writes(), [])
  })

  for (const image of ['debian', 'setup', undefined]) {
    it(`does not come from ${image ?? 'nothing'}`, () => {
      const { image: _, ...rest } = GUEST
      const guest = testGuest({ ...rest, ...(image === undefined ? {} : { image }) })
      assert.throws(() => container(testSite(), guest, { wishes: { restart: false }, needs: [] }), { code: 'E_IMAGE' })
    })
  }
})
