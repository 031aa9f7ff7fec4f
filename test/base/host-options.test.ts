// What hosts are connected to with: what the site file says, guests through their node, the lab on loopback.
import assert from 'node:assert/strict'
import { type HostsOptions, toOptions } from '../../src/base/host-options.ts'
import type { LabAccess } from '../../src/lab/lab.ts'
import { parse, siteText } from '../site/site-text.ts'

const site = await parse(
  siteText({
    nodes: `nodes:
  n1: { address: 10.0.0.2 }
  n2:
    address: 10.0.0.3
    ssh:
      { user: admin, port: 2222, identityFile: ~/.ssh/n2, proxyJump: 'jump@10.0.0.9', alsoAt: [192.0.2.3], passphrase: { env: PASS } }`,
    guests: `guests:
  router: { id: 200, node: n1, user: debian, nics: { lan: 10.0.0.20 }, sshKeys: [] }
  web: { id: 201, node: n2, nics: { lan: 10.0.0.21 }, ssh: { user: ops, proxyJump: none } }
  roaming: { id: 202, node: n1, nics: { lan: dhcp } }`,
  }),
)

const asked: string[] = []
const options: HostsOptions = {
  access: undefined,
  signal: new AbortController().signal,
  command: 'net apply',
  secret: async (reference) => `secret ${JSON.stringify(reference)}`,
  ask: async (question) => {
    asked.push(question)
    return 'typed'
  },
  askYes: async () => false,
}
const nobody = async () => {
  throw new Error('not reached through a node')
}
const of = (name: string, more: Partial<HostsOptions> = {}) => toOptions(site, name, { ...options, ...more }, nobody)

describe('base/host-options', () => {
  it('a node: its address, and nothing that the site file does not say', () => {
    const { signal: _, passphrase: __, trust: ___, by, ...rest } = of('n1')
    assert.deepEqual(rest, { name: 'n1', addresses: ['10.0.0.2'], place: 'nodes.n1.ssh' })
    assert.match(by ?? '', /^.+@.+ \(orion net apply\)$/)
  })

  it('a node with everything', async () => {
    const { signal: _, passphrase, trust: ___, by: __, ...rest } = of('n2')
    assert.deepEqual(rest, {
      name: 'n2',
      addresses: ['10.0.0.3', '192.0.2.3'],
      user: 'admin',
      port: 2222,
      identityFile: '~/.ssh/n2',
      proxyJump: 'jump@10.0.0.9',
      place: 'nodes.n2.ssh',
    })
    assert.match((await passphrase?.('/key', 1)) ?? '', /secret .*PASS/)
    assert.equal(await passphrase?.('/key', 2), undefined, 'a reference says the same again')
    assert.deepEqual(asked, [], 'nobody is asked where a reference is given')
  })

  it('a guest: its static address as its own user, through its node unless told otherwise', async () => {
    const through: string[] = []
    const router = toOptions(site, 'router', options, async (node) => {
      through.push(node)
      throw new Error('enough')
    })
    assert.deepEqual([router.addresses, router.user, router.proxyJump], [['10.0.0.20'], 'debian', undefined])
    await assert.rejects(router.via?.() ?? Promise.resolve(), /enough/)
    assert.deepEqual(through, ['n1'])
    assert.deepEqual(router.advice, {
      console: 'the console of router (on n1: qm terminal 200)',
      jump: 'root@10.0.0.2',
    })
    const web = of('web')
    assert.deepEqual([web.addresses, web.user, web.proxyJump, web.via], [['10.0.0.21'], 'ops', 'none', undefined])
  })

  it('a guest without a static address, and a name that nobody has', () => {
    assert.throws(() => of('roaming'), { code: 'E_SITE', message: /roaming has no static address/ })
    assert.throws(() => of('nobody'), { code: 'E_SITE', message: /no node and no guest named nobody/ })
  })

  it('in the lab: its own address, key and host keys, and nothing of the operator', () => {
    const access = {
      hosts: { n1: { host: '127.0.0.1', port: 40022 } },
      identityFile: '/lab/key',
      knownHosts: '/lab/known_hosts',
    } as unknown as LabAccess
    const { signal: _, by: __, ...rest } = of('n1', { access })
    assert.deepEqual(rest, {
      name: 'n1',
      addresses: ['127.0.0.1'],
      port: 40022,
      user: 'root',
      identityFile: '/lab/key',
      knownHosts: ['/lab/known_hosts'],
      proxyJump: 'none',
      config: '',
      agent: '',
    })
    assert.throws(() => of('router', { access }), { code: 'E_LAB', message: /inside of the guest router/ })
  })
})
