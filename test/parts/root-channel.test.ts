// Options that only root@pam may set, in the lab: orion's own token for the API, root over SSH for the rest, and nothing left after.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { access } from '../../src/parts/access.ts'
import { guests } from '../../src/parts/guests.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { applyAll, changes, type LabSite, openLabSite, planAll } from '../resources/lab-site.ts'

const text = ({ cores = '0-1', keyctl = true, bind = '/tank/media' }) => `site: small
nodes: { n1: { address: 10.0.0.1, ports: { lan: eno1 } } }
networks: { lan: { bridge: vmbr0, ipv4: 10.0.0.0/24 } }
storage: { local-zfs: { type: zfspool, pool: rpool/data, content: [images, rootdir] } }
images: { alpine: { template: alpine-3 } }
guests:
  web: { id: 100, kind: vm, cores: 2, memory: 1G, disk: 4G, storage: local-zfs, affinity: ${cores}, onboot: true, nics: { lan: 10.0.0.4 } }
  one:
    id: 101
    kind: ct
    image: alpine
    storage: local-zfs
    memory: 512M
    disk: 2G
    onboot: true
    features: { nesting: true, keyctl: ${keyctl} }
    mounts: [{ path: /media, source: ${bind}, readOnly: true }]
    nics: { lan: 10.0.0.5 }
`

describe('the root channel in the lab', function () {
  this.timeout(60_000)
  let dir = ''
  let lab: LabSite | undefined
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-root-'))
  })
  after(async () => {
    await lab?.close()
    await rm(dir, { recursive: true, force: true })
  })

  const siteOf = async (wish: Parameters<typeof text>[0]): Promise<Site> => {
    const file = join(dir, 'orion.yaml')
    await writeFile(file, text(wish))
    return loadSite(file)
  }
  const run = async (site: Site, own: LabSite) => {
    const outside = own.asOwnToken()
    const resources = guests.resources(site, { restart: false })
    const planned = changes(await planAll(resources, outside))
    const { steps } = await applyAll(resources, outside)
    assert.deepEqual(
      steps.flatMap(({ error }) => error ?? []),
      [],
    )
    const left = changes(await planAll(resources, outside))
    return { planned, left }
  }

  it('makes guests with them, changes them, and has nothing left to do after each', async () => {
    const site = await siteOf({})
    const own = await openLabSite(site, '9')
    lab = own
    await applyAll(access.resources(site, { restart: false }), own.outside)
    assert.deepEqual((await run(site, own)).left, [])
    const api = own.outside.pve.cluster('n1').api.nodes.$('n1')
    const vm: { affinity?: string } = await api.qemu.$(100).config.$get()
    const ct: { features?: string; mp0?: string } = await api.lxc.$(101).config.$get()
    assert.deepEqual([vm.affinity, ct.mp0], ['0-1', '/tank/media,mp=/media,ro=1'])
    assert.deepEqual(ct.features?.split(',').sort(), ['keyctl=1', 'nesting=1'])

    const changed = await run(await siteOf({ cores: '2-3', keyctl: false, bind: '/tank/films' }), own)
    assert.deepEqual(changed.planned, [
      'update vm:n1/100 affinity 0-1→2-3',
      'update container:n1/101 features keyctl=1→keyctl=0, mp0 mp=/media,ro=1,volume=/tank/media→mp=/media,ro=1,volume=/tank/films',
    ])
    assert.deepEqual(changed.left, [])
  })
})
