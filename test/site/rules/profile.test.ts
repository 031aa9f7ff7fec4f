// Profiles and Windows' answers: where they may stand.
import assert from 'node:assert/strict'
import { profiles } from '../../../src/site/rules/profile.ts'
import type { Guest, Image, Site } from '../../../src/site/site.ts'
import { gateway, mesh, site, vm } from '../site-builder.ts'

const ISO: Image = { name: 'win', kind: 'iso', iso: 'local:iso/win.iso', drivers: 'local:iso/virtio.iso' }
const { drivers: _, ...BARE } = ISO
const UNATTENDED: Guest['unattended'] = { user: 'orion', password: { env: 'P' }, locale: 'en-US', timezone: 'UTC' }
const WINDOWS: Partial<Guest> = { os: 'windows', firmware: 'uefi', agent: true, image: 'win', unattended: UNATTENDED }

const rows: [string, Partial<Guest>, Partial<Site>, RegExp | undefined][] = [
  ['a Debian', { profile: 'hardened', intrusionDetection: true, wazuh: '10.0.0.9' }, {}, undefined],
  ['a container', { profile: 'hardened', kind: 'ct' }, {}, /for virtual machines/],
  ['Windows with a profile', { profile: 'hardened', os: 'windows' }, {}, /is for Debian/],
  ['Suricata alone', { intrusionDetection: true }, {}, /belongs to profile/],
  ['Wazuh alone', { wazuh: '10.0.0.9' }, {}, /belongs to profile/],
  ['Windows', WINDOWS, { images: [ISO] }, undefined],
  ['answers for Linux', { ...WINDOWS, os: 'linux' }, { images: [ISO] }, /answers Windows Setup/],
  ['no disc', { ...WINDOWS, image: 'none' }, {}, /needs an image with iso/],
  ['BIOS', { ...WINDOWS, firmware: 'bios' }, { images: [ISO] }, /partitions for UEFI/],
  ['no agent', { ...WINDOWS, agent: false }, { images: [ISO] }, /guest agent answers/],
  ['no drivers', WINDOWS, { images: [BARE] }, /needs drivers/],
]

describe('rules/profile', () => {
  for (const [what, keys, more, want] of rows)
    it(`says what is wrong with ${what}`, () => {
      const found = profiles(site({ guests: [vm('a', 100, {}, keys)], ...more }))
      if (want === undefined) assert.deepEqual(found, [])
      else assert.deepEqual([found.length, want.test(found[0]?.message ?? '')], [1, true])
    })
  it('refuses a gateway of the mesh', () => {
    const one = vm('a', 100, {}, { profile: 'hardened' })
    const found = profiles(site({ guests: [one], mesh: mesh([gateway('a', '10.99.1.1')]) }))
    assert.match(found[0]?.message ?? '', /gateway of the mesh/)
  })
})
