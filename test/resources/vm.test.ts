// A virtual machine: want and have as rows, the differences that the plan shows, the calls that resolve them.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Difference } from '../../src/resource.ts'
import { vm } from '../../src/resources/vm.ts'
import type { Guest } from '../../src/site/site.ts'
import { type Answers, type Config, fakeCluster, guestAnswers, pendingOf } from './fake-cluster.ts'
import { nic, testGuest, testSite, UUID } from './test-site.ts'

const ABSENT: Answers = { 'GET /cluster/resources': [] }

/** The configuration of testGuest() as Proxmox VE gives it. */
const BASE: Config = {
  name: 'web',
  ostype: 'l26',
  scsihw: 'virtio-scsi-single',
  cores: 2,
  sockets: 1,
  cpu: 'host',
  memory: '2048',
  onboot: 1,
  agent: '1',
  boot: 'order=scsi0',
  tags: 'orion;orion-lab',
  smbios1: `uuid=${UUID}`,
  scsi0: 'tank:vm-100-disk-0,discard=on,iothread=1,size=8G,ssd=1',
  meta: 'creation-qemu=10.1.2,ctime=1763000000',
  vmgenid: 'c0ffee00-0000-4000-8000-000000000000',
}

interface Row {
  readonly title: string
  readonly want?: Partial<Guest>
  readonly have?: Config
  readonly running?: boolean
  readonly restart?: boolean
  /** `field have→want`, `!waits` or `!immutable` behind it. */
  readonly differences: readonly string[]
  /** What update() writes. */
  readonly calls?: readonly string[]
}

const PUT = 'PUT /nodes/n1/qemu/100/config'

const ROWS: readonly Row[] = [
  { title: 'as wanted', differences: [] },
  {
    title: 'defaults that are not set',
    want: { sockets: 1, onboot: false },
    have: { sockets: '1', onboot: 0 },
    differences: [],
  },
  { title: 'cores', want: { cores: 4 }, differences: ['cores 2→4'], calls: [`${PUT} cores=4 digest=d1`] },
  { title: 'memory as a property string', have: { memory: 'current=2048' }, differences: [] },
  {
    title: 'a flag switched off',
    want: { onboot: false },
    differences: ['onboot 1→0'],
    calls: [`${PUT} onboot=0 digest=d1`],
  },
  { title: 'tags in another order', have: { tags: 'orion-lab,Orion' }, differences: [] },
  {
    title: 'tags',
    want: { tags: ['db'] },
    differences: ['tags orion;orion-lab→db;orion;orion-lab'],
    calls: [`${PUT} tags=db;orion;orion-lab digest=d1`],
  },
  { title: 'agent with options of others', have: { agent: '1,fstrim_cloned_disks=1' }, differences: [] },
  { title: 'agent off', want: { agent: false }, differences: ['agent 1→0'], calls: [`${PUT} agent=0 digest=d1`] },
  {
    title: 'startup in another order',
    want: { startup: { order: 1, upSeconds: 30 } },
    have: { startup: 'up=30,order=1' },
    differences: [],
  },
  { title: 'startup as default key', want: { startup: { order: 1 } }, have: { startup: '1' }, differences: [] },
  {
    title: 'what the site file does not say',
    have: { description: 'by hand', balloon: 512, startup: 'order=9', args: '-S' },
    differences: [],
  },
  { title: 'a boot order set by hand', have: { boot: 'order=net0;scsi0' }, differences: [] },
  {
    title: 'a boot order of the site file',
    want: { boot: ['scsi0', 'net0'] },
    differences: ['boot order=scsi0→order=scsi0;net0'],
  },
  {
    title: 'a machine version that Proxmox VE pinned',
    want: { machine: 'q35' },
    have: { machine: 'pc-q35-9.2+pve1' },
    differences: [],
  },
  {
    title: 'another machine',
    want: { machine: 'q35' },
    differences: ['machine pc→q35'],
    calls: [`${PUT} machine=q35 digest=d1`],
  },
  {
    title: 'a NIC: MAC in lower case, other order, options of others',
    want: { nics: [nic()] },
    have: { net0: 'bridge=vmbr0,virtio=aa:00:00:00:00:00,queues=4,firewall=0' },
    differences: [],
  },
  {
    title: 'a NIC that changes keeps the options of others',
    want: { nics: [nic({ vlan: 20 })] },
    have: { net0: 'virtio=AA:00:00:00:00:00,bridge=vmbr1,tag=10,queues=4' },
    differences: [
      'net0 bridge=vmbr1,firewall=0,macaddr=AA:00:00:00:00:00,model=virtio,tag=10→bridge=vmbr0,firewall=0,macaddr=AA:00:00:00:00:00,model=virtio,tag=20',
    ],
    calls: [`${PUT} net0=virtio=AA:00:00:00:00:00,bridge=vmbr0,tag=20,queues=4 digest=d1`],
  },
  {
    title: 'a NIC that the site file does not have',
    have: { net1: 'virtio=AA:00:00:00:00:01,bridge=vmbr0' },
    differences: ['net1 virtio=AA:00:00:00:00:01,bridge=vmbr0→-'],
    calls: [`${PUT} delete=net1 digest=d1`],
  },
  {
    title: 'a disk that is smaller',
    want: { diskGib: 32 },
    differences: ['scsi0.size 8G→32G'],
    calls: ['PUT /nodes/n1/qemu/100/resize disk=scsi0 size=32G', 'task PUT /nodes/n1/qemu/100/resize'],
  },
  { title: 'a size in another unit', have: { scsi0: 'tank:vm-100-disk-0,size=8192M' }, differences: [] },
  { title: 'a disk that is larger', want: { diskGib: 4 }, differences: ['scsi0.size 8G→4G !immutable'] },
  {
    title: 'a disk elsewhere',
    have: { scsi0: 'local:100/vm-100-disk-0.qcow2,size=8G' },
    differences: ['scsi0.storage local→tank !immutable'],
  },
  {
    title: 'a disk that nobody named',
    have: { scsi5: 'tank:vm-100-disk-9,size=1G', unused0: 'tank:vm-100-disk-8' },
    differences: [],
  },
  {
    title: 'a further disk',
    want: { disks: [{ storage: 'tank', sizeGib: 5 }] },
    differences: ['scsi1 -→5G on tank'],
    calls: [`${PUT} scsi1=tank:5,discard=on,iothread=1,ssd=1 digest=d1`],
  },
  {
    title: 'an imported disk that is gone',
    want: { image: 'golden', diskGib: 9 },
    have: { scsi0: [undefined, null] },
    differences: ['ide2 -→cloud-init drive', 'scsi0 -→9G on tank, from golden !immutable'],
  },
  {
    title: 'EFI and TPM state',
    want: { firmware: 'uefi', tpm: true },
    have: {
      bios: 'ovmf',
      efidisk0: 'tank:vm-100-disk-1,size=1M',
      tpmstate0: 'tank:vm-100-disk-2,size=4M,version=v1.2',
    },
    differences: [],
  },
  {
    title: 'stopped, and should run',
    running: false,
    differences: ['status stopped→running'],
    calls: ['POST /nodes/n1/qemu/100/status/start', 'task POST /nodes/n1/qemu/100/status/start'],
  },
  { title: 'running, and need not', want: { started: false }, differences: [] },
  {
    title: 'waits for a restart',
    want: { cores: 4 },
    have: { cores: ['2', '4'] },
    differences: ['cores 2→4 !restart'],
  },
  {
    title: 'waits with another value',
    want: { cores: 8 },
    have: { cores: ['2', '4'] },
    differences: ['cores 4→8'],
    calls: [`${PUT} cores=8 digest=d1`],
  },
  {
    title: 'waits, and a restart was asked for',
    want: { cores: 4 },
    have: { cores: ['2', '4'] },
    restart: true,
    differences: ['cores 2→4'],
    calls: [
      'POST /nodes/n1/qemu/100/status/shutdown timeout=60 forceStop=true',
      'task POST /nodes/n1/qemu/100/status/shutdown',
      'POST /nodes/n1/qemu/100/status/start',
      'task POST /nodes/n1/qemu/100/status/start',
    ],
  },
  {
    title: 'root only, nothing else',
    want: { affinity: '0-3' },
    differences: ['affinity -→0-3 !over root'],
    calls: ['n1# qm set 100 --affinity 0-3 --digest d1'],
  },
  {
    title: 'root only after what the API does, in one command',
    want: { affinity: '0-3', hookscript: 'local:snippets/h.pl', cores: 3 },
    have: { affinity: '4', hookscript: 'local:snippets/old.pl' },
    differences: [
      'affinity 4→0-3 !over root',
      'cores 2→3',
      'hookscript local:snippets/old.pl→local:snippets/h.pl !over root',
    ],
    calls: [`${PUT} cores=3 digest=d1`, 'n1# qm set 100 --affinity 0-3 --hookscript local:snippets/h.pl --digest d1'],
  },
  {
    title: 'root only on a stopped one: before it starts',
    want: { affinity: '0-3' },
    running: false,
    differences: ['affinity -→0-3 !over root', 'status stopped→running'],
    calls: [
      'n1# qm set 100 --affinity 0-3 --digest d1',
      'POST /nodes/n1/qemu/100/status/start',
      'task POST /nodes/n1/qemu/100/status/start',
    ],
  },
  {
    title: 'root only, stored, and active after a restart',
    want: { affinity: '0-3' },
    have: { affinity: ['4', '0-3'] },
    differences: ['affinity 4→0-3 !restart'],
  },
  {
    title: 'pinned cores, which cpu-pins chooses',
    want: { pin: { cores: 4, exclusive: true, realtime: true } },
    have: { affinity: '4-6,8' },
    differences: [],
  },
  {
    title: 'a NIC that waits to go',
    have: { net1: ['virtio=AA:00:00:00:00:01,bridge=vmbr0', null] },
    differences: ['net1 virtio=AA:00:00:00:00:01,bridge=vmbr0→- !restart'],
  },
  {
    title: 'cloud-init as it reads back',
    want: {
      image: 'golden',
      user: 'ops',
      sshKeys: ['ssh-ed25519 AAAA+/= ops@site'],
      nics: [nic({ ipv4: { cidr: '10.0.0.5/24', gateway: '10.0.0.1' }, ipv6: 'auto' })],
    },
    have: {
      net0: 'virtio=AA:00:00:00:00:00,bridge=vmbr0',
      ide2: 'tank:vm-100-cloudinit,media=cdrom,size=4M',
      ciuser: 'ops',
      sshkeys: 'ssh-ed25519%20AAAA%2B%2F%3D%20ops%40site%0A',
      ipconfig0: 'gw=10.0.0.1,ip=10.0.0.5/24,ip6=auto',
    },
    differences: [],
  },
]

function text({ field, have = '-', want = '-', waits, immutable, channel }: Difference): string {
  const mark = immutable ? 'immutable' : (waits ?? (channel && `over ${channel}`))
  return `${field} ${have}→${want}${mark === undefined ? '' : ` !${mark}`}`
}

function make(want: Partial<Guest>, restart = false) {
  return vm(testSite(), testGuest(want), { wishes: { restart }, needs: [] })
}

describe('resources/vm: differences and the calls that resolve them', () => {
  for (const { title, want = {}, have = {}, running = true, restart = false, differences, calls = [] } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: { ...BASE, ...have }, running }))
      const resource = make(want, restart)
      const seen = await resource.observe(cluster.outside)
      assert.ok(seen)
      assert.deepEqual(resource.diff(seen).map(text).sort(), [...differences].sort())
      if (calls.length === 0) return
      await resource.update(cluster.outside, seen, cluster.note)
      assert.deepEqual(cluster.writes(), calls)
    })
  }
})

describe('resources/vm', () => {
  it('asks for nothing but the list where the guest is absent', async () => {
    const cluster = fakeCluster(ABSENT)
    assert.equal(await make({}).observe(cluster.outside), undefined)
    assert.deepEqual(cluster.calls, ['GET /cluster/resources type=vm'])
  })

  it('is created by one call; then its disk grows and it starts', async () => {
    const state: { made: boolean } = { made: false }
    const there = guestAnswers('qemu', {
      vmid: 100,
      config: { ...BASE, ide2: 'tank:vm-100-cloudinit,media=cdrom', scsi0: 'tank:vm-100-disk-0,size=3G' },
    })
    const cluster = fakeCluster({
      ...there,
      'GET /cluster/resources': () => (state.made ? there['GET /cluster/resources'] : []),
      'POST /nodes/n1/qemu': () => {
        state.made = true
        return 'UPID:n1:made'
      },
    })
    const resource = make({ image: 'debian' })
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    const [post = '', ...rest] = cluster.writes()
    assert.match(post, /^POST \/nodes\/n1\/qemu vmid=100 /)
    assert.match(post, / scsi0=tank:0,import-from=local:import\/debian\.qcow2,discard=on,iothread=1,ssd=1( |$)/)
    assert.match(post, / tags=orion;orion-lab( |$)/)
    assert.match(post, new RegExp(` smbios1=uuid=${UUID}( |$)`))
    assert.doesNotMatch(post, / (start|affinity|digest)=/)
    assert.deepEqual(rest, [
      'task made',
      'PUT /nodes/n1/qemu/100/resize disk=scsi0 size=8G',
      'task PUT /nodes/n1/qemu/100/resize',
      'POST /nodes/n1/qemu/100/status/start',
      'task POST /nodes/n1/qemu/100/status/start',
    ])
  })

  it('shows every field that a creation sets, over which channel, and what waits', () => {
    const fields = make({ affinity: '0-1', pool: 'prod', image: 'debian' }).diff(undefined)
    assert.ok(fields.some(({ field, want }) => field === 'scsi0' && want === '8G on tank, from debian'))
    assert.ok(fields.some(({ field, waits, channel }) => field === 'affinity' && channel === 'root' && !waits))
    assert.deepEqual(fields.slice(-2), [
      { field: 'pool', want: 'prod' },
      { field: 'status', want: 'running' },
    ])
  })

  const stepOf = async (host: () => void, config: Config = BASE) => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config, running: true }), { run: host })
    const resource = make({ affinity: '0-3' })
    const seen = await resource.observe(cluster.outside)
    assert.ok(seen)
    return { cluster, update: () => resource.update(cluster.outside, seen, cluster.note) }
  }
  const fail = (message: string) => () => {
    throw new OrionError(message, { code: 'E_HOST_COMMAND' })
  }

  it('looks again where somebody else changed the guest meanwhile, or holds its lock', async () => {
    for (const text of ['qm set failed: detected modified configuration', "can't lock file '/x' - got timeout"]) {
      await assert.rejects((await stepOf(fail(text))).update(), { code: 'E_PVE_BUSY', recheck: true })
    }
  })

  it('passes on what qm says otherwise', async () => {
    await assert.rejects((await stepOf(fail('no such affinity'))).update(), { code: 'E_HOST_COMMAND' })
  })

  it('runs qm where the guest is now', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: BASE, running: true, node: 'n2' }))
    const resource = make({ affinity: '0-3' })
    const seen = await resource.observe(cluster.outside)
    assert.ok(seen)
    await resource.update(cluster.outside, seen, cluster.note)
    assert.deepEqual(cluster.writes(), ['n2# qm set 100 --affinity 0-3 --digest d1'])
  })

  it('takes a refusal that was stored nevertheless as a change that waits', async () => {
    const config: Record<string, Config[string]> = { ...BASE }
    const answers = guestAnswers('qemu', { vmid: 100, config, running: true })
    const pending = 'GET /nodes/n1/qemu/100/pending'
    const run = () => {
      config.affinity = [undefined, '0-3']
      throw new OrionError('hotplug failed', { code: 'E_HOST_COMMAND' })
    }
    const now = { ...answers, [pending]: () => pendingOf({ digest: 'd1', ...config }) }
    const cluster = fakeCluster(now, { run })
    const resource = make({ affinity: '0-3' })
    const seen = await resource.observe(cluster.outside)
    assert.ok(seen)
    await resource.update(cluster.outside, seen, cluster.note)
    assert.deepEqual(
      cluster.news.map((news) => (news.kind === 'warning' ? news.text : news.kind)),
      ['web: stored, and active only after a restart: hotplug failed'],
    )
  })

  it('an installer gets its discs and an empty disk, and no cloud-init', () => {
    const fields = make({ image: 'setup', os: 'windows' }).diff(undefined).map(text)
    assert.ok(fields.includes('ide2 -→local:iso/setup.iso,media=cdrom'))
    assert.ok(fields.includes('ide0 -→local:iso/drivers.iso,media=cdrom'))
    assert.ok(fields.includes('boot -→order=scsi0;ide2'))
    assert.ok(fields.includes('scsi0 -→8G on tank'))
    assert.ok(!fields.some((field) => /ciuser|serial0|sshkeys/.test(field)))
  })

  it('a change that cannot be made on the running guest is a warning where it is stored', async () => {
    const state = { stored: false }
    const before = guestAnswers('qemu', { vmid: 100, config: BASE, running: true })
    const cluster = fakeCluster({
      ...before,
      'GET /nodes/n1/qemu/100/pending': () => pendingOf({ ...BASE, cores: state.stored ? ['2', '4'] : '2' }),
      [PUT]: () => {
        state.stored = true
        throw new OrionError('cores: hotplug problem - no hotplug', { code: 'E_PVE_PARAMETERS' })
      },
    })
    const resource = make({ cores: 4 })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await resource.update(cluster.outside, have, cluster.note)
    assert.deepEqual(
      cluster.news.map(({ kind }) => kind),
      ['warning'],
    )
  })

  it('a refused change that is not stored stays an error', async () => {
    const refused = new OrionError('cores: value must be at most 4', { code: 'E_PVE_PARAMETERS' })
    const cluster = fakeCluster({
      ...guestAnswers('qemu', { vmid: 100, config: BASE, running: true }),
      [PUT]: () => Promise.reject(refused),
    })
    const resource = make({ cores: 400 })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await assert.rejects(resource.update(cluster.outside, have, cluster.note), refused)
  })

  it('a refused disk that is not stored stays an error', async () => {
    const refused = new OrionError('scsi1: no space left', { code: 'E_PVE_PARAMETERS' })
    const cluster = fakeCluster({
      ...guestAnswers('qemu', { vmid: 100, config: BASE, running: true }),
      [PUT]: () => Promise.reject(refused),
    })
    const resource = make({ disks: [{ storage: 'tank', sizeGib: 10 }] })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await assert.rejects(resource.update(cluster.outside, have, cluster.note), refused)
  })

  it('moves into its pool', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: BASE, running: true, pool: 'old' }))
    const resource = make({ pool: 'prod' })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    assert.deepEqual(resource.diff(have), [{ field: 'pool', have: 'old', want: 'prod' }])
    await resource.update(cluster.outside, have, cluster.note)
    assert.deepEqual(cluster.writes(), ['PUT /pools poolid=prod vms=100 allow-move=true'])
  })

  it('is managed on the node where it is', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: BASE, running: true, node: 'n2' }))
    const resource = make({ cores: 4 })
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await resource.update(cluster.outside, have, cluster.note)
    assert.deepEqual(cluster.writes(), ['PUT /nodes/n2/qemu/100/config cores=4 digest=d1'])
  })

  it('is removed: shut down, then destroyed with its disks and every reference', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: BASE, running: true }))
    const resource = make({})
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await resource.remove(cluster.outside, have, cluster.note)
    assert.deepEqual(cluster.writes(), [
      'POST /nodes/n1/qemu/100/status/shutdown timeout=60 forceStop=true',
      'task POST /nodes/n1/qemu/100/status/shutdown',
      'DELETE /nodes/n1/qemu/100 purge=true destroy-unreferenced-disks=true',
      'task DELETE /nodes/n1/qemu/100',
    ])
  })

  it('is not removed while it is protected', async () => {
    const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, config: { ...BASE, protection: 1 }, running: true }))
    const resource = make({})
    const have = await resource.observe(cluster.outside)
    assert.ok(have)
    await assert.rejects(resource.remove(cluster.outside, have, cluster.note), { code: 'E_IMMUTABLE' })
    assert.deepEqual(cluster.writes(), [])
  })

  it('does not come from a container template', () => {
    assert.throws(() => make({ image: 'debian-ct' }), { code: 'E_IMAGE' })
  })
})
