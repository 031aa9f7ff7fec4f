// Exactly the privileges that a site needs, by version.
import assert from 'node:assert/strict'
import { privilegesFor } from '../../src/resources/privileges.ts'
import type { Site } from '../../src/site/site.ts'
import { testGuest, testSite } from './test-site.ts'

const NOTHING: Partial<Site> = { storage: [], images: [] }

const ROWS: readonly { title: string; site: Partial<Site>; major?: number; has?: string; hasNot?: string }[] = [
  {
    title: 'nodes alone: to look',
    site: NOTHING,
    has: 'Datastore.Audit Sys.Audit',
    hasNot: 'VM.Allocate Datastore.Allocate Sys.Modify',
  },
  { title: 'a storage', site: { images: [] }, has: 'Datastore.Allocate', hasNot: 'Datastore.AllocateTemplate' },
  { title: 'a download', site: {}, has: 'Datastore.AllocateTemplate Sys.AccessNetwork' },
  { title: 'the agent since 9', site: { guests: [testGuest()] }, has: 'VM.GuestAgent.Audit', hasNot: 'VM.Monitor' },
  {
    title: 'the agent before 9',
    site: { guests: [testGuest()] },
    major: 8,
    has: 'VM.Monitor',
    hasNot: 'VM.GuestAgent.Audit',
  },
  {
    title: 'no agent',
    site: { guests: [testGuest({ agent: false })] },
    hasNot: 'VM.Monitor VM.GuestAgent.Audit Sys.Modify',
  },
  { title: 'the startup order of a VM', site: { guests: [testGuest({ startup: { order: 1 } })] }, has: 'Sys.Modify' },
  {
    title: 'the startup order of a container',
    site: { guests: [testGuest({ kind: 'ct', startup: { order: 1 } })] },
    hasNot: 'Sys.Modify VM.Config.HWType VM.Config.Cloudinit',
  },
  {
    title: 'a privileged container since 9',
    site: { guests: [testGuest({ kind: 'ct', unprivileged: false })] },
    has: 'Sys.Modify',
  },
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
