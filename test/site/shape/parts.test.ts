import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const GUESTS =
  'guests: { gw: { id: 100, nics: { lan: 10.0.0.4 } }, w: { id: 101-102, nics: { lan: 10.0.0.5-10.0.0.6 } } }'
const load = async (rest: string) => await parse(siteText({ guests: GUESTS, rest }))

describe('shape/parts', () => {
  it('expands groups in devices and the Keeper', async () => {
    const site = await load(
      'devices: { gpu: { node: n1, ids: "10DE:2204", guest: gw, standby: [w-2] } }\nkeeper: { shed: [w, gw], balloonIdle: w-1, temperature: { limit: 80C, resume: 70C }, watchdog: { device: /dev/watchdog, timeout: 60s } }',
    )
    assert.deepEqual(site.devices, [
      {
        name: 'gpu',
        node: 'n1',
        ids: ['10de:2204'],
        guest: 'gw',
        standby: ['w-2'],
        primaryGpu: false,
        yields: 'stop',
        fallback: 'without',
      },
    ])
    assert.deepEqual(site.keeper, {
      shed: ['w-1', 'w-2', 'gw'],
      balloonIdle: ['w-1'],
      temperature: { limitCelsius: 80, resumeCelsius: 70, sensors: [] },
      watchdog: { device: '/dev/watchdog', timeoutSeconds: 60 },
    })
  })
  it('reads the watchdogs of a node: inside, outside, or both', async () => {
    const of = async (watchdog: string) => (await load(`keeper: { watchdog: ${watchdog} }`)).keeper
    const inside = { device: '/dev/watchdog', timeoutSeconds: 60 }
    const none = { shed: [], balloonIdle: [] }
    assert.deepEqual(await of('{ serial: /dev/ttyUSB0 }'), { ...none, serial: '/dev/ttyUSB0' })
    assert.deepEqual(await of('{ device: /dev/watchdog, timeout: 60s, serial: /dev/ttyUSB0 }'), {
      ...{ ...none, watchdog: inside },
      serial: '/dev/ttyUSB0',
    })
  })

  for (const [watchdog, message] of [
    ['{}', 'needs a device or a serial'],
    ['{ timeout: 60s, serial: /dev/ttyUSB0 }', 'device and timeout belong together'],
    ['{ device: /dev/watchdog }', 'device and timeout belong together'],
  ] as const)
    it(`refuses the watchdog ${watchdog}`, async () => {
      const findings = await findingsOf(siteText({ guests: GUESTS, rest: `keeper: { watchdog: ${watchdog} }` }))
      assert.ok(String(findings).includes(`keeper.watchdog: ${message}`), String(findings))
    })

  it('reads the firewall: networks, guests and groups, ports and ranges', async () => {
    const site = await load(
      'firewall: { router: gw, allow: [{ from: lan, to: [w, gw], tcp: [80, 8000-8010], udp: 53, icmp: true }], masquerade: lan }',
    )
    assert.deepEqual(site.firewall, {
      router: 'gw',
      allow: [{ from: ['lan'], to: ['w-1', 'w-2', 'gw'], tcp: ['80', '8000-8010'], udp: ['53'], icmp: true }],
      masquerade: ['lan'],
    })
  })

  const wrong: [string, string, string[]][] = [
    [
      'a guest of a device',
      'devices: { gpu: { node: n2, ids: ["10de:2204"] }, tpu: { node: n1, ids: ["10de:2204"], guest: gv } }',
      [
        'devices.gpu.node: no node is called "n2" (did you mean "n1"?)',
        'devices.tpu.guest: no guest is called "gv" (did you mean "gw"?)',
      ],
    ],
    ['guests of the Keeper', 'keeper: { shed: [nobody] }', ['keeper.shed.0: no guest is called "nobody"']],
    ['one name for a list', 'keeper: { shed: nobody }', ['keeper.shed: no guest is called "nobody"']],
    [
      'ends of a rule',
      'firewall: { router: gw, allow: [{ from: lam, to: gww }], masquerade: [wan] }',
      [
        'firewall.allow.0.from: no network or guest is called "lam" (did you mean "lan"?)',
        'firewall.allow.0.to: no network or guest is called "gww" (did you mean "gw"?)',
        'firewall.masquerade.0: no network is called "wan" (did you mean "lan"?)',
      ],
    ],
  ]
  for (const [title, rest, wanted] of wrong) {
    it(`reports ${title}`, async () => {
      assert.deepEqual(
        (await findingsOf(siteText({ guests: GUESTS, rest }))).map((line) => line.replace(/^\S+ /, '')),
        wanted,
      )
    })
  }
  it('says nothing about names whose entry is malformed', async () => {
    const text = siteText({
      guests: 'guests: { gw: { id: 1 }, w: { id: 101 } }',
      rest: 'bgp: { router: gw, asn: 1, routerId: 10.0.0.4 }\nkeeper: { shed: [gw, w] }',
    })
    assert.deepEqual(await findingsOf(text), ['7:21 guests.gw.id: must be at least 100'])
  })
})
