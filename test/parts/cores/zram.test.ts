// Compressed swap of Linux guests.
import assert from 'node:assert/strict'
import { zramResources } from '../../../src/parts/cores/zram.ts'
import type { Outside } from '../../../src/resource.ts'
import type { Guest } from '../../../src/site/site.ts'
import { fakeCluster, guestAnswers } from '../../resources/fake-cluster.ts'
import { type Answer, fakeHost } from '../../resources/fake-host.ts'
import { testGuest, testSite, UUID } from '../../resources/test-site.ts'

const PATH = '/etc/systemd/zram-generator.conf.d/90-orion.conf'
const TEXT =
  '# Made by orion from the site file.\n[zram0]\nzram-size = 512\ncompression-algorithm = zstd\nswap-priority = 100\n'
const SWAPS =
  'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0                              partition\t524284\t\t0\t\t100\n'

function world(parts: Partial<Guest>, programs: Readonly<Record<string, Answer>> = {}, running = true) {
  const guest = testGuest({ zram: { sizePercent: 25 }, ...parts })
  const config = { tags: 'orion;orion-lab', smbios1: `uuid=${UUID}`, name: 'web' }
  const cluster = fakeCluster(guestAnswers('qemu', { vmid: 100, running, config }))
  const host = fakeHost({
    name: 'web',
    files: { [PATH]: TEXT },
    programs: {
      'node-name': 'web\n',
      'packages zram': 'systemd-zram-generator installed\n',
      // What the balloon leaves: the size does not follow it.
      meminfo: 'MemTotal:        1048576 kB\n',
      swaps: SWAPS,
      'zram-module': '',
      ...programs,
    },
  })
  const outside: Outside = { ...cluster.outside, host: host.outside.host }
  const resources = zramResources(testSite({ guests: [guest] }))
  const look = async () =>
    Promise.all(
      resources.map(async (resource) => {
        const have = await resource.observe(outside)
        return resource
          .diff(have)
          .map(({ field, have: old, waits }) => `${field}${old ? ` ${old}` : ''}${waits ? ` !${waits}` : ''}`)
      }),
    )
  return { resources, look }
}

describe('parts/cores/zram', () => {
  it('is a package and a file of the guest, after the guest', () => {
    const { resources } = world({})
    assert.deepEqual(
      resources.map(({ id, needs }) => [id, needs]),
      [
        ['packages:web/zram', ['vm:n1/100']],
        ['file-set:web/zram', ['vm:n1/100', 'packages:web/zram']],
      ],
    )
  })

  it('is nothing where the site file does not say it', () => {
    const { zram: _, ...plain } = testGuest()
    assert.deepEqual(zramResources(testSite({ guests: [plain] })), [])
  })

  it('is as wanted, whatever the balloon has taken', async () => {
    assert.deepEqual(await world({}).look(), [[], []])
  })

  it('is refused by a kernel that has none', async () => {
    await assert.rejects(
      world({}, { 'zram-module': { code: 3 } }).look(),
      /web cannot be made so: its kernel has no zram/,
    )
  })

  it('waits for whoever starts a guest that the site file does not start', async () => {
    const waiting = ['web stopped !operator']
    assert.deepEqual(await world({ started: false, onboot: false }, {}, false).look(), [waiting, waiting])
    assert.deepEqual(await world({ started: false, onboot: false }).look(), [[], []])
  })

  it('is new where this run starts the guest', async () => {
    assert.deepEqual(await world({}, {}, false).look(), [['systemd-zram-generator'], [`${PATH} absent`]])
  })
})
