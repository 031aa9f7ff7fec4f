// What an import must never write down: secrets of guests, storages and interfaces, in values, comments and warnings alike.
import assert from 'node:assert/strict'
import { importSite } from '../../src/parts/import.ts'
import { withoutMistakes } from '../../src/parts/import-check.ts'
import type { Discovery, FoundGuest, FoundStorage } from '../../src/site/discovery.ts'
import { writeSite } from '../../src/site/write.ts'

const SECRET = 'hunter2-never-shown'
/** Ends the comment or value that it stands in, if anything lets it. */
const HOSTILE = 'x\u2028\u0085\r\nguests: { evil: { id: 666, memory: 1G } }\u001b[2J\u202e # '

const CONFIG: FoundGuest['config'] = {
  name: 'web',
  memory: '1024',
  smbios1: 'uuid=699ce1da-6e9e-445c-99fb-bf7b148b8626,serial=aHVudGVyMi1uZXZlci1zaG93bg==',
  net0: 'virtio=BC:24:11:00:00:AA,bridge=vmbr0',
}

/** Of everything that is nobody's business here. */
const LOCKED: FoundGuest['config'] = {
  cipassword: SECRET,
  sshkeys: `ssh-ed25519%20${SECRET}`,
  cicustom: `user=local:snippets/${SECRET}.yaml`,
  args: `-object secret,id=a,data=${SECRET}`,
  vmgenid: SECRET,
  'lxc.environment': `TOKEN=${SECRET}`,
  env: `TOKEN=${SECRET}`,
  entrypoint: `/bin/run --password ${SECRET}`,
  audio0: SECRET,
  virtiofs0: SECRET,
  spice_enhancements: SECRET,
}

const STORAGES: readonly FoundStorage[] = [
  ['share', 'cifs', { server: '10.0.0.9', share: 'data', username: 'u', password: SECRET, options: `pass=${SECRET}` }],
  ['pbs', 'pbs', { server: '10.0.0.9', datastore: 'd', username: 'u@pbs', password: SECRET, 'encryption-key': SECRET }],
  ['ceph', 'rbd', { pool: 'p', keyring: SECRET, 'autogen-pw': SECRET }],
  ['odd', 'esxi', { server: '10.0.0.9', password: SECRET }],
].map(([name, type, options]) => ({
  ...{ name, type, options, content: type === 'pbs' ? ['backup'] : ['images'], nodes: [] },
  ...{ isShared: true, isEnabled: true, isActive: true },
})) as unknown as readonly FoundStorage[]

function found(config: FoundGuest['config'], more: Partial<Discovery> = {}): Discovery {
  const bridge = { name: 'vmbr0', ports: ['eno1'], vlanAware: false, addresses: ['10.0.0.10/24'] }
  const guests: FoundGuest[] = (['vm', 'ct'] as const).map((kind, at) => ({
    ...{
      vmid: 100 + at,
      name: `web${at}`,
      kind,
      node: 'n1',
      isRunning: true,
      isTemplate: false,
      tags: [],
      pending: [],
    },
    config,
  }))
  return {
    ...{ node: 'n1', version: '9.1.4', others: [], address: '10.0.0.10', dns: [], ports: [], bonds: [], vlans: [] },
    ...{ bridges: [bridge], storages: STORAGES, zpools: [], pools: [], guests, devices: [], mappings: {}, gaps: [] },
    ...{ topology: { sockets: 1, cores: 4, threads: 8 }, memoryBytes: 64 * 1024 ** 3 },
    ...more,
  }
}

async function written(discovery: Discovery): Promise<{ text: string; warnings: readonly string[]; names: string[] }> {
  const raw = importSite([discovery], { address: '10.0.0.10' })
  const { imported, site } = await withoutMistakes(raw, '/nowhere/orion.yaml')
  const text = writeSite(imported.value, { comments: imported.comments })
  return { text, warnings: imported.warnings, names: site.guests.map(({ name }) => name) }
}

describe('parts/import and secrets', () => {
  it('names what it leaves, and never what is in it', async () => {
    const { text, warnings } = await written(found({ ...CONFIG, ...LOCKED }))
    const all = [text, ...warnings].join('\n')
    for (const secret of [SECRET, 'aHVudGVyMi1uZXZlci1zaG93bg==']) assert.ok(!all.includes(secret), all)
    for (const key of ['cipassword', 'args', 'sshkeys', 'lxc.environment', 'encryption-key', 'keyring'])
      assert.ok(all.includes(key), key)
  })

  for (const key of [
    'boot',
    'startup',
    'cpu',
    'description',
    'features',
    'nameserver',
    'searchdomain',
    'net1',
    'scsi1',
  ])
    it(`is not broken out of by a hostile ${key}`, async () => {
      const { text, warnings, names } = await written(found({ ...CONFIG, [key]: HOSTILE }))
      assert.deepEqual(names, ['web0', 'web1'])
      assert.doesNotMatch([text, ...warnings].join('\n'), /[^\P{Cc}\n]|[\u2028\u2029]/u)
      assert.ok(!warnings.some((line) => line.includes('\n')))
    })

  it('is not broken out of by hostile names of guests, keys, storages, tags and gaps', async () => {
    const { guests, storages, ...plain } = found({ ...CONFIG, [HOSTILE]: 'x' }, { gaps: [HOSTILE] })
    const odd = guests.map((guest) => ({ ...guest, name: HOSTILE, tags: [HOSTILE], pending: [HOSTILE] }))
    const { text, warnings, names } = await written({
      ...plain,
      guests: odd,
      storages: storages.map((one) => ({ ...one, name: HOSTILE })),
    })
    assert.equal(names.length, 2)
    assert.ok(!names.includes('evil'))
    assert.doesNotMatch([text, ...warnings].join('\n'), /[^\P{Cc}\n]|[\u2028\u2029]/u)
  })
})
