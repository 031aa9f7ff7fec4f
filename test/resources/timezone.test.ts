// The time zone of a host.
import assert from 'node:assert/strict'
import type { SeenFile } from '../../src/host/host.ts'
import { wishOf } from '../../src/resources/host-facts.ts'
import { timezone, timezoneFacts } from '../../src/resources/timezone.ts'
import { type Answer, fakeHost, file, link } from './fake-host.ts'

const ZONE = 'America/Vancouver'

function make(localtime: SeenFile | undefined, programs: Record<string, Answer> = {}) {
  const files = localtime === undefined ? {} : { '/etc/localtime': localtime }
  const fake = fakeHost({ files, programs: { zone: '', timedatectl: '', ...programs } })
  return { fake, resource: timezone({ host: 'n1', zone: ZONE, wish: wishOf([timezoneFacts(ZONE)]) }) }
}

describe('resources/timezone', () => {
  const rows = [
    { have: link('/usr/share/zoneinfo/America/Vancouver'), shown: [] },
    { have: link('../usr/share/zoneinfo/America/Vancouver'), shown: [] },
    { have: link('/usr/share/zoneinfo/Etc/UTC'), shown: ['Etc/UTC'] },
    { have: undefined, shown: ['UTC'] },
    { have: file('TZif'), shown: ['a copy of some zone'] },
  ]
  for (const { have, shown } of rows)
    it(`has ${shown[0] ?? ZONE} with ${have?.text ?? 'nothing'}`, async () => {
      const { fake, resource } = make(have)
      const differences = resource.diff(await resource.observe(fake.outside))
      assert.deepEqual(
        differences.map((one) => one.have),
        shown,
      )
    })

  it('is set by the host itself', async () => {
    const { fake, resource } = make(undefined)
    await resource.create(fake.outside, fake.note)
    assert.deepEqual(fake.calls, [`run timedatectl set-timezone ${ZONE}`])
  })

  it('is a problem where the host does not know it', async () => {
    const { fake, resource } = make(undefined, { zone: { code: 1 } })
    await assert.rejects(resource.observe(fake.outside), /knows no time zone America\/Vancouver .*tzdata-legacy/)
  })
})
