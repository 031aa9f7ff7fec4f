// The model of answer.toml: what the installer refuses is refused here, and what is written reads back.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { type Answer, writeAnswer } from '../../src/site/answer.ts'

const HASH = `$6$abcdefgh$${'A'.repeat(86)}`
const PRINT = Array(32).fill('AB').join(':')

const good = (): Answer => ({
  global: {
    keyboard: 'en-us',
    country: 'ca',
    fqdn: 'n1.a.lan',
    mailto: 'root@a.lan',
    timezone: 'UTC',
    'root-password-hashed': HASH,
    'root-ssh-keys': [],
    'reboot-mode': 'reboot',
  },
  network: {
    source: 'from-answer',
    cidr: '10.0.0.10/24',
    dns: '10.0.0.1',
    gateway: '10.0.0.1',
    filter: { ID_NET_NAME_MAC: '*aabbcc000001' },
    'interface-name-pinning': { enabled: true, mapping: { 'aa:bb:cc:00:00:01': 'eno1' } },
  },
  'disk-setup': { filesystem: 'zfs', 'disk-list': ['sda'], zfs: { raid: 'raid0' } },
  'first-boot': { source: 'from-iso', ordering: 'fully-up' },
})

/** As an object that the types would not let through. */
const broken = (change: (answer: Record<string, Record<string, unknown>>) => void): Answer => {
  const answer = good() as unknown as Record<string, Record<string, unknown>>
  change(answer)
  return answer as unknown as Answer
}

describe('site/answer', () => {
  const rows: [string, Parameters<typeof broken>[0], RegExp][] = [
    ['an unknown key', (a) => Object.assign(a.global ?? {}, { colour: 'red' }), /global: .*colour/],
    ['a bare host name', (a) => Object.assign(a.global ?? {}, { fqdn: 'n1' }), /global\.fqdn/],
    ['a mail address that is none', (a) => Object.assign(a.global ?? {}, { mailto: 'me' }), /global\.mailto/],
    ['a country in large letters', (a) => Object.assign(a.global ?? {}, { country: 'CA' }), /global\.country/],
    [
      'a password as text',
      (a) => Object.assign(a.global ?? {}, { 'root-password-hashed': 'hunter22' }),
      /root-password-hashed/,
    ],
    ['no gateway', (a) => delete a.network?.gateway, /network\.gateway/],
    ['an address without its network', (a) => Object.assign(a.network ?? {}, { cidr: '10.0.0.10' }), /network\.cidr/],
    [
      'both kinds of disks',
      (a) => Object.assign(a['disk-setup'] ?? {}, { filter: { ID_MODEL: 'x' } }),
      /exactly one of/,
    ],
    ['no kind of disks', (a) => delete a['disk-setup']?.['disk-list'], /exactly one of/],
    [
      'ext4 with options of zfs',
      (a) => Object.assign(a['disk-setup'] ?? {}, { filesystem: 'ext4' }),
      /another filesystem/,
    ],
    ['zfs without raid', (a) => delete a['disk-setup']?.zfs, /another filesystem/],
    ['an ashift too small', (a) => Object.assign(a['disk-setup']?.zfs ?? {}, { ashift: 8 }), /disk-setup\.zfs\.ashift/],
    [
      'a script from http',
      (a) =>
        Object.assign(a, {
          'first-boot': { source: 'from-url', ordering: 'fully-up', url: 'http://x/', 'cert-fingerprint': PRINT },
        }),
      /first-boot\.url/,
    ],
  ]
  for (const [what, change, says] of rows)
    it(`refuses ${what}`, () => {
      assert.throws(
        () => writeAnswer(broken(change), []),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'E_SITE')
          assert.match(error.message, says)
          assert.doesNotMatch(error.message, /hunter22/)
          return true
        },
      )
    })

  it('tells everything that is wrong at once', () => {
    const both = broken((answer) => Object.assign(answer.global ?? {}, { country: 'CA', fqdn: 'n1' }))
    assert.throws(() => writeAnswer(both, []), /global\.country[\s\S]*global\.fqdn/)
  })

  it('writes what reads back, whatever stands in the texts', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(line, line, fc.array(line), (key, disk, head) => {
        const answer = good()
        answer.global['root-ssh-keys'] = [key]
        answer['disk-setup']['disk-list'] = [disk]
        assert.deepEqual(JSON.parse(JSON.stringify(parse(writeAnswer(answer, head)))), answer)
      }),
    )
  })
})
