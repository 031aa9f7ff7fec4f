// A site with a real router for the built orion: a node and its guest are hosts of their own, the API is the lab's, the upstream a real BIRD.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseProtocols } from '../../src/parts/bgp/birdc-protocols.ts'
import { macAddress } from '../../src/site/addressing.ts'
import type { BgpPeer } from '../../src/site/services.ts'
import { newOperator, type Operator, type Ran } from '../commands/orion.ts'
import { daemons } from '../daemons/daemons.ts'
import { makeRig, type Rig, type Space } from '../daemons/rig.ts'
import { within } from '../hosts/inside.ts'
import { HUB } from '../hosts/network.ts'
import { startHost, type TestHost } from '../hosts/nspawn.ts'
import { testPeer } from '../parts/bgp/bird-site.ts'
import { HOSTILE6 } from './bgp-routes.ts'
import { PASSWORD, type Party, parseRoutes, type Table, worldConf } from './bgp-world.ts'
import { type Running, startOrion } from './program.ts'
import { type Rehearsal, startRehearsal } from './rehearsal.ts'

export const OWN = '2602:f674::/48'
const SITE = 'edge'
const ROUTER_ID = 200
const UPSTREAM: BgpPeer = testPeer({
  address: '2620:fe::1',
  password: { env: 'UPSTREAM' },
  ttlSecurity: true,
})

/** What the operator changes in the site file. */
export interface Wish {
  /** The name of the environment variable with the upstream's password. */
  readonly password?: string
  readonly prepend?: number
  readonly roas?: boolean
  readonly daemon?: 'bird' | 'gobgp'
  /** Lines of `firewall.allow`. */
  readonly allow?: readonly string[]
}

const siteText = (
  stage: { readonly node: string; readonly router: string; readonly api: string },
  wish: Wish,
): string => `
site: ${SITE}
nodes:
  pve:
    address: 127.0.0.1
    ports: { mgmt: eno1, lan: eno2, wan: eno3 }
    addresses: { mgmt: ${stage.node} }
${stage.api}
networks:
  mgmt: { bridge: vmbr0, ipv4: 10.77.0.0/16 }
  lan: { bridge: vmbr1, ipv4: 192.168.100.0/24, ipv6: "2602:f674:0:1000::/64", router: router, dhcp: 192.168.100.100-192.168.100.199 }
  wan: { bridge: vmbr2, ipv6: "2620:fe::/64" }
storage:
  disks: { type: dir, path: /var/lib/vz, content: [images, rootdir, import, iso, vztmpl, snippets] }
images:
  debian-13:
    url: https://images.invalid/debian-13-genericcloud-amd64.qcow2
guests:
  router:
    id: ${ROUTER_ID}
    node: pve
    storage: disks
    image: debian-13
    cores: 2
    memory: 2G
    disk: 10G
    user: root
    nics:
      mgmt: ${stage.router}
      lan: { ipv4: 192.168.100.1, ipv6: "2602:f674:0:1000::1" }
      wan: { ipv6: "2620:fe::2" }
firewall:
  router: router
  allow:
    - { from: lan, to: wan }
${(wish.allow ?? []).map((line) => `    - ${line}\n`).join('')}bgp:
  router: router
  asn: 394955
  routerId: 192.168.100.1
  announce: ["${OWN}"]
  rpki: ${wish.roas ? '{}' : 'false'}
  daemon: ${wish.daemon ?? 'bird'}
  peers:
    upstream:
      asn: ${UPSTREAM.asn}
      address: "${UPSTREAM.address}"
      relation: provider
      password: { env: ${wish.password ?? 'UPSTREAM'} }
      ttlSecurity: true
      prepend: ${wish.prepend ?? 0}
`

/** The router's own interfaces are cloud-init's work: here they are there already. */
const interfaces = (address: string): string => `auto lo
iface lo inet loopback

auto eno1
iface eno1 inet static
\taddress ${address}/16

auto eno2
iface eno2 inet static
\taddress 192.168.100.1/24
iface eno2 inet6 static
\taddress 2602:f674:0:1000::1/64

auto eno3
iface eno3 inet6 static
\taddress 2620:fe::2/64
`

export interface RouterStage {
  readonly router: TestHost
  readonly upstream: Space
  readonly operator: Operator
  /** `orion WORDS --site FILE` with the secrets in its environment. */
  orion(words: readonly string[], wish?: Wish): Promise<Ran>
  /** The same, not waited for: to be killed. */
  start(words: readonly string[], wish: Wish): Running
  /** The upstream's session with us, as BIRD there says: state and since when. */
  session(): Promise<{ readonly state: string; readonly since: string }>
  established(): Promise<void>
  /** What the upstream received of us. */
  received(): Promise<Table>
  /** Looks ten times a second whether the upstream has our prefix while `work` goes on, and for `leastSamples` at least; how often it had not. */
  watched(
    work: () => Promise<unknown>,
    leastSamples: number,
  ): Promise<{ readonly samples: number; readonly lost: number }>
  close(): Promise<void>
}

const PARTY: Party = { peer: UPSTREAM, routes: HOSTILE6 }
const LIMIT_MS = 60_000

export async function openRouterStage(): Promise<RouterStage> {
  const rig = makeRig('edge')
  const hosts: TestHost[] = []
  const operator = newOperator()
  let lab: Rehearsal | undefined
  const close = async () => {
    operator.leave()
    for (const host of hosts) host.stop()
    await Promise.all([rig.close(), lab?.close()])
  }
  try {
    // A NIC is found by its MAC address, which Proxmox VE gives it.
    const macs = [0, 1, 2].map((index) => macAddress(SITE, ROUTER_ID, index))
    const [node, router] = [await startHost({ name: 'pve' }), await startHost({ name: 'router', interfaces, macs })]
    hosts.push(node, router)
    // As Debian's package leaves it; test hosts have it switched off.
    await router.must(['systemctl', 'enable', 'bird'])
    const places = { node: node.address, router: router.address }
    const file = join(operator.home, 'orion.yaml')
    writeFileSync(file, siteText({ ...places, api: '' }, {}))
    lab = await startRehearsal({ site: file, pace: 0.01 })
    writeConfig(operator, node, router)
    const upstream = await startUpstream(rig)
    const stage = makeStage({ operator, router, lab, file, places, ...upstream, close })
    for (const words of [
      ['vm', 'apply', '--yes'],
      ['vm', 'start', 'router', '--yes'],
    ]) {
      const { exit, out, err } = await stage.orion(words)
      assert.equal(exit, 0, err + out)
    }
    return stage
  } catch (error) {
    await close()
    throw error
  }
}

/** The node answers on loopback, as the lab's API does; its guest is reached through it. */
function writeConfig({ home }: Operator, node: TestHost, router: TestHost): void {
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  const lines = [
    'Host 127.0.0.1',
    `  ProxyCommand ${node.proxyCommand.replace('%h', node.address)}`,
    `  HostKeyAlias ${node.address}`,
    `  UserKnownHostsFile ${node.knownHosts}`,
    `Host ${router.address}`,
    `  UserKnownHostsFile ${router.knownHosts}`,
    'Host *',
    '  User root',
    `  IdentityFile ${node.identityFile}`,
    '  IdentitiesOnly yes',
  ]
  writeFileSync(join(home, '.ssh/config'), `${lines.join('\n')}\n`, { mode: 0o600 })
}

type Client = (...words: string[]) => Promise<string>

async function startUpstream(rig: Rig): Promise<{ readonly upstream: Space; readonly ask: Client }> {
  const { bird, birdc } = await daemons('2.17')
  const upstream = rig.space('upstream')
  rig.cable(
    { space: { namespace: HUB }, name: 'upstream', bridge: 'wan' },
    { space: upstream, name: 'wan', addresses: ['2620:fe::1/64'] },
  )
  const conf = upstream.write('bird.conf', worldConf([PARTY]))
  const ctl = `${upstream.folder}/ctl`
  upstream.start([bird, '-f', '-c', conf, '-s', ctl, '-P', `${upstream.folder}/pid`])
  const ask: Client = async (...words) => (await upstream.run([birdc, '-v', '-s', ctl, ...words])).stdout
  await within(LIMIT_MS, 'the upstream', async () => (await ask('show', 'status')).includes('up and running'))
  return { upstream, ask }
}

interface Parts {
  readonly operator: Operator
  readonly router: TestHost
  readonly lab: Rehearsal
  readonly file: string
  readonly places: { readonly node: string; readonly router: string }
  readonly upstream: Space
  readonly ask: Client
  readonly close: () => Promise<void>
}

function makeStage({ operator, router, lab, file, places, upstream, ask, close }: Parts): RouterStage {
  const { port, fingerprint, token } = accessOf(lab)
  const api = `    api: { port: ${port}, fingerprint: "${fingerprint}" }`
  const words = (given: readonly string[], wish: Wish) => {
    writeFileSync(file, siteText({ ...places, api }, wish))
    const secrets = { UPSTREAM: PASSWORD, WRONG: 'not the password' }
    return {
      args: [...given, '--site', file],
      env: { ...secrets, ORION_TOKEN_ID: token.id, ORION_TOKEN_SECRET: token.secret },
    }
  }
  const received = async () =>
    parseRoutes(
      (await ask('show', 'route', 'all', 'protocol', 'upstream', 'table', 't_upstream')).replace(
        /^\d{4}[- ]|^ {5}/gm,
        '',
      ),
    )
  const session = async () => {
    const found = parseProtocols(await ask('show', 'protocols', 'all', 'upstream'))[0]
    return { state: found?.fields.get('BGP state') ?? 'absent', since: found?.since ?? '' }
  }
  return {
    router,
    upstream,
    operator,
    start: (given, wish) => {
      const { args, env } = words(given, wish)
      const own = { HOME: operator.home, XDG_STATE_HOME: operator.home, XDG_CONFIG_HOME: operator.home }
      return startOrion(args, { cwd: operator.home, env: { ...own, ...env }, limitMs: 300_000 })
    },
    orion: (given, wish = {}) => {
      const { args, env } = words(given, wish)
      return operator.run(args, { env, timeout: 300_000 })
    },
    session,
    received,
    established: () => within(LIMIT_MS, 'the session', async () => (await session()).state === 'Established'),
    watched: async (work, leastSamples) => {
      let [samples, lost, done] = [0, 0, false]
      const look = async () => {
        while (!done || samples < leastSamples) {
          const next = sleep(100)
          if (!(await received()).has(OWN)) lost += 1
          samples += 1
          await next
        }
      }
      const working = work().finally(() => {
        done = true
      })
      await Promise.all([look(), working])
      return { samples, lost }
    },
    close,
  }
}

function accessOf({ lab }: Rehearsal) {
  const [access] = Object.values(lab.access.clusters)
  if (access === undefined) throw new Error('the lab has no cluster')
  return access
}
