// Exactly the privileges that a site needs, by version.
import assert from 'node:assert/strict'
import { privilegesFor } from '../../src/resources/privileges.ts'
import type { Site } from '../../src/site/site.ts'
import { device } from '../site/site-builder.ts'
import { nic, testGuest, testSite } from './test-site.ts'

const NOTHING: Partial<Site> = { storage: [], images: [] }
const ANY = 'Sys.Audit Datastore.Audit VM.Audit VM.Allocate Datastore.Allocate Sys.Modify'

const ROWS: readonly { title: string; site: Partial<Site>; major?: number; has?: string; hasNot?: string }[] = [
  { title: 'nodes alone: anybody may look', site: NOTHING, hasNot: ANY },
  { title: 'a storage', site: { images: [] }, has: 'Datastore.Allocate Datastore.Audit', hasNot: 'Sys.Audit' },
  { title: 'an image that no guest uses', site: {}, hasNot: 'Datastore.AllocateTemplate Sys.AccessNetwork Sys.Audit' },
  {
    title: 'a download',
    site: { guests: [testGuest({ image: 'debian' })] },
    has: 'Datastore.AllocateTemplate Sys.AccessNetwork Sys.Audit VM.Config.Cloudinit VM.Config.CDROM',
    hasNot: 'VM.Clone Datastore.Audit',
  },
  {
    title: 'a template of the index',
    site: { guests: [testGuest({ kind: 'ct', image: 'debian-ct' })] },
    has: 'Datastore.AllocateTemplate Sys.Audit',
    hasNot: 'Sys.AccessNetwork VM.Config.Cloudinit VM.Config.CDROM VM.Config.HWType',
  },
  {
    title: 'a download where Sys.Modify is needed anyway',
    site: { guests: [testGuest({ image: 'debian', startup: { order: 1 } })] },
    has: 'Sys.Audit Sys.Modify',
    hasNot: 'Sys.AccessNetwork',
  },
  {
    title: 'the disk of another guest',
    site: { guests: [testGuest({ image: 'golden' })] },
    has: 'VM.Clone Datastore.Audit VM.Config.Cloudinit',
    hasNot: 'Datastore.AllocateTemplate',
  },
  {
    title: 'a device of a VM',
    site: { guests: [testGuest()], devices: [device('gpu', { node: 'n1', guest: 'web' })] },
    has: 'Mapping.Modify Mapping.Use',
  },
  {
    title: 'a device of a VM before there were mappings',
    site: { guests: [testGuest()], devices: [device('gpu', { node: 'n1', guest: 'web' })] },
    major: 7,
    hasNot: 'Mapping.Modify Mapping.Use',
  },
  {
    title: 'a device of a container, and one by its port',
    site: {
      guests: [testGuest({ kind: 'ct', name: 'box' }), testGuest()],
      devices: [
        device('tpu', { guest: 'box', path: '/dev/apex_0' }),
        device('stick', { guest: 'web', port: '1-4', ids: ['1a6e:089a', '18d1:9302'] }),
      ],
    },
    hasNot: 'Mapping.Modify Mapping.Use',
  },
  {
    title: 'an installer',
    site: { guests: [testGuest({ image: 'setup', os: 'windows' })] },
    has: 'VM.Config.CDROM',
    hasNot: 'VM.Config.Cloudinit VM.Clone',
  },
  { title: 'no network card', site: { guests: [testGuest()] }, hasNot: 'SDN.Use VM.Config.Network VM.Config.CDROM' },
  { title: 'a network card', site: { guests: [testGuest({ nics: [nic()] })] }, has: 'SDN.Use VM.Config.Network' },
  ...[8, 9].map((major) => ({
    title: `the agent option alone, on ${major}`,
    site: { guests: [testGuest({ agent: true })] },
    major,
    hasNot: 'VM.Monitor VM.GuestAgent.Audit Sys.Modify',
  })),
  { title: 'the startup order of a VM', site: { guests: [testGuest({ startup: { order: 1 } })] }, has: 'Sys.Modify' },
  {
    title: 'the startup order of a container',
    site: { guests: [testGuest({ kind: 'ct', startup: { order: 1 } })] },
    hasNot: 'Sys.Modify VM.Config.HWType VM.Config.Cloudinit',
  },
  ...[8, 9].map((major) => ({
    title: `a privileged container on ${major}`,
    site: { guests: [testGuest({ kind: 'ct', unprivileged: false })] },
    major,
    [major === 9 ? 'has' : 'hasNot']: 'Sys.Modify',
  })),
  { title: 'a pool', site: { guests: [testGuest({ pool: 'prod' })] }, has: 'Pool.Allocate Pool.Audit' },
]

describe('resources/privileges', () => {
  for (const { title, site, major = 9, has = '', hasNot = '' } of ROWS) {
    it(title, () => {
      const privileges = privilegesFor(testSite(site), major)
      const words = (text: string) => text.split(' ').filter((word) => word !== '')
      assert.deepEqual(
        words(has).filter((one) => !privileges.includes(one)),
        [],
      )
      assert.deepEqual(
        words(hasNot).filter((one) => privileges.includes(one)),
        [],
      )
      assert.deepEqual([...new Set(privileges)].sort(), privileges)
    })
  }
})
