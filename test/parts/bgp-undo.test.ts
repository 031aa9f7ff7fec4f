// Undoing on a router: which router, which of its sets a change was of, what going back interrupts and what must stand after it.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { routerWayBack } from '../../src/parts/bgp-undo.ts'
import type { HostFacts } from '../../src/resources/host-facts.ts'
import { file } from '../resources/fake-host.ts'
import { routerOutside } from '../resources/router-outside.ts'
import { testGuest } from '../resources/test-site.ts'
import { bgpSite } from './bgp/bird-site.ts'

const CONF = '/etc/bird/bird.conf'
const SITE = bgpSite()
const { bgp: _, ...WITHOUT } = SITE
const usage = (message: RegExp) => (error: unknown) =>
  error instanceof OrionError && error.code === 'E_USAGE' && message.test(error.message)

/** BIRD's answers about one session. */
function seenOf(conf: string, state: string): HostFacts {
  const rows = [
    'BIRD 2.17.5 ready.',
    'Access restricted',
    '2002-Name       Proto      Table      State  Since         Info',
    `1002-peer_upstream BGP        ---        up     2026-01-01 00:00:00  ${state}`,
    `1006-  BGP state:          ${state}`,
    '     Channel ipv6',
    '       State:          UP',
    '0000 ',
  ]
  const commands = new Map([['bird-protocols', { code: 0, stdout: `${rows.join('\n')}\n`, stderr: '' }]])
  return { files: new Map([[CONF, file(conf)]]), commands }
}

const conf = (hold: number) =>
  `protocol bgp peer_upstream {\n  local as 394955;\n  neighbor 2620:fe::1 as 6939;\n  hold time ${hold};\n}\n`

describe('parts/bgp-undo', () => {
  it('takes the router that speaks BGP, else the only one, and says which there are', () => {
    assert.equal(routerWayBack(SITE, undefined).name, 'router')
    assert.equal(routerWayBack(SITE, 'router').kind, 'router')
    assert.equal(routerWayBack(WITHOUT, undefined).name, 'router')
    assert.throws(() => routerWayBack(SITE, 'web'), usage(/Lab has no router named web/))
    assert.throws(() => routerWayBack({ ...WITHOUT, networks: [] }, undefined), usage(/Lab has no router$/))
    const [lan] = SITE.networks.slice(1)
    assert.ok(lan)
    const two = { ...WITHOUT, networks: [lan, { ...lan, name: 'guest', router: 'other' }] }
    const both = { ...two, guests: [...SITE.guests, testGuest({ name: 'other', vmid: 201 })] }
    assert.throws(() => routerWayBack(both, undefined), usage(/Lab has several routers/))
  })

  it('gives the host, or says what is wrong with the guest', async () => {
    const { host } = routerWayBack(SITE, undefined)
    assert.equal((await host(routerOutside().outside)).name, 'router')
    await assert.rejects(host(routerOutside({ status: 'stopped' }).outside), { code: 'E_HOST_UNREACHABLE' })
  })

  it('reads these files and all that is to be known of the router', async () => {
    const fake = routerOutside({ files: { '/etc/own': 'x' }, programs: { 'bird-active': 'active' } })
    const seen = await routerWayBack(SITE, undefined).readNow(fake.host, [{ path: '/etc/own', text: 'y' }])
    assert.equal(seen.files.get('/etc/own')?.text, 'x')
    assert.equal(seen.commands.get('bird-active')?.stdout, 'active')
  })

  const { disruptsBack, worseBack } = routerWayBack(SITE, undefined)
  const back = [{ path: CONF, text: conf(90) }]

  it('says which session goes down when bird.conf goes back, and nothing where it is the same', () => {
    assert.equal(disruptsBack(back, seenOf(conf(30), 'Established')), 'BGP session upstream')
    assert.equal(disruptsBack(back, seenOf(conf(90), 'Established')), undefined)
    assert.equal(disruptsBack([{ path: '/etc/other', text: 'x' }], seenOf(conf(30), 'Established')), undefined)
  })

  it('is not content while a session that stood does not stand again', () => {
    const before = seenOf(conf(30), 'Established')
    assert.match(worseBack(back, before, seenOf(conf(90), 'Active')).join(), /upstream/)
    assert.deepEqual(worseBack([{ path: '/etc/other', text: 'x' }], before, seenOf(conf(90), 'Active')), [])
  })
})
