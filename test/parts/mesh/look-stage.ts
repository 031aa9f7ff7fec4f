// Gateways for real on one wire: a namespace each with WireGuard in user space and BIRD, and files where the programs look for them.
import { MESH_BIRD } from '../../../src/parts/mesh/bird-names.ts'
import { type Gateway, getMesh, type LinkEnd } from '../../../src/parts/mesh/model.ts'
import type { Site } from '../../../src/site/site.ts'
import type { Daemons } from '../../daemons/daemons.ts'
import type { Rig, Space } from '../../daemons/rig.ts'
import { type Ran, run, within } from '../../hosts/inside.ts'

type Programs = Pick<Daemons, 'wireguardGo' | 'bird' | 'folder'>

export interface StageGateway {
  readonly gateway: Gateway
  /** On the wire. */
  readonly underlay: string
  readonly space: Space
  /** Runs a program beside its daemons, with its /run and /etc. */
  run(argv: readonly string[]): Promise<Ran>
  /** As run, and an error where it ends with another code than 0. */
  must(argv: readonly string[]): Promise<string>
}

type Stage = ReadonlyMap<string, StageGateway>

export const MTU = 1420
const KEYS = '/etc/orion/mesh/keys'
/** A /run and an /etc of its own, as every gateway has the same names in both. */
const HOLD = `set -e
mount -t tmpfs run /run
mkdir -p /run/bin /run/wireguard ${MESH_BIRD.socket.slice(0, MESH_BIRD.socket.lastIndexOf('/'))} /run/up /run/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/up,workdir=/run/work /etc
mkdir -p ${KEYS}
exec sleep infinity`

/** The gateways of a site's mesh with links, keys and BIRD; returns when every session and BFD stand. Closed with the rig. */
export async function makeStage(rig: Rig, programs: Programs, site: Site): Promise<Stage> {
  const wire = rig.space('wire')
  await wire.must(['ip', 'link', 'add', 'wire0', 'type', 'bridge'])
  await wire.must(['ip', 'link', 'set', 'wire0', 'up'])
  const { gateways } = getMesh(site)
  const stage = new Map<string, StageGateway>()
  for (const gateway of gateways) {
    const space = rig.space(gateway.name)
    const underlay = `192.0.2.${gateway.number}`
    rig.cable(
      { space, name: 'eth0', addresses: [`${underlay}/24`] },
      { space: wire, name: gateway.name, bridge: 'wire0' },
    )
    stage.set(gateway.name, await makeGateway(space, programs, { gateway, underlay }))
  }
  const all = [...stage.values()]
  await Promise.all(all.map((one) => startLinks(one, programs)))
  await Promise.all(all.map((one) => connectLinks(one, stage)))
  for (const one of all) startBird(one, programs)
  await untilStands(stage)
  return stage
}

/** Waits until every session and BFD of the stage stand (again). */
export async function untilStands(stage: Stage): Promise<void> {
  const all = [...stage.values()]
  await Promise.all(all.map((one) => within(60_000, `the sessions of ${one.gateway.name}`, () => stands(one))))
}

async function stands({ gateway, run }: StageGateway): Promise<boolean> {
  const birdc = ['birdc', '-s', MESH_BIRD.socket, 'show']
  const [protocols, bfd] = await Promise.all([run([...birdc, 'protocols']), run([...birdc, 'bfd', 'sessions'])])
  const count = (text: string, word: RegExp) => (text.match(word) ?? []).length
  const links = gateway.links.length
  return count(protocols.stdout, /Established/g) === links && count(bfd.stdout, / Up /g) === links
}

async function makeGateway(
  space: Space,
  { folder }: Programs,
  given: Pick<StageGateway, 'gateway' | 'underlay'>,
): Promise<StageGateway> {
  const { pid } = space.start(['sh', '-c', HOLD])
  const path = `PATH=/run/bin:${folder}:${process.env.PATH}`
  const inside = ['nsenter', '-t', String(pid), '-m', '-n', 'env', path]
  await within(
    10_000,
    `${given.gateway.name} to stand`,
    async () => (await run([...inside, 'test', '-d', KEYS])).code === 0,
  )
  const made: StageGateway = {
    ...given,
    space: { ...space, start: (argv) => space.start(['nsenter', '-t', String(pid), '-m', 'env', path, ...argv]) },
    run: (argv) => run([...inside, ...argv]),
    must: async (argv) => {
      const { code, stdout, stderr } = await made.run(argv)
      if (code !== 0) throw new Error(`${argv.slice(0, 2).join(' ')} ended with ${code}: ${stderr || stdout}`)
      return stdout
    },
  }
  await made.must(['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  return made
}

async function startLinks({ gateway, space, run, must }: StageGateway, { wireguardGo }: Programs): Promise<void> {
  for (const { interface: name } of gateway.links) space.start([wireguardGo, '-f', name])
  for (const { interface: name, listenPort } of gateway.links) {
    await within(20_000, `${name} of ${gateway.name}`, async () => (await run(['wg', 'show', name])).code === 0)
    const key = `${KEYS}/${name}.key`
    const line = `umask 077; wg genkey >${key}; wg set ${name} private-key ${key} listen-port ${listenPort}`
    await must(['sh', '-c', line])
  }
}

async function connectLinks({ gateway, must }: StageGateway, stage: Stage): Promise<void> {
  for (const { interface: name, peer, listenPort, local } of gateway.links) {
    const there = stage.get(peer.name)
    const back = there?.gateway.links.find((end) => end.peer.name === gateway.name)
    if (there === undefined || back === undefined) throw new Error(`${gateway.name} has no link with ${peer.name}`)
    const key = (await there.must(['wg', 'show', back.interface, 'public-key'])).trim()
    const endpoint = `${there.underlay}:${back.listenPort}`
    const lines = [
      `wg set ${name} listen-port ${listenPort} peer ${key} allowed-ips 0.0.0.0/0,::/0 endpoint ${endpoint}`,
      `ip link set ${name} addrgenmode none mtu ${MTU}`,
      `ip addr add ${local}/64 dev ${name} nodad`,
      `ip addr add ${gateway.address}/32 dev ${name}`,
      `ip link set ${name} up`,
    ]
    await must(['sh', '-c', lines.join(' && ')])
  }
}

function startBird({ gateway, space }: StageGateway, { bird }: Programs): void {
  const file = space.write('bird.conf', birdConf(gateway))
  space.start([bird, '-f', '-c', file, '-s', MESH_BIRD.socket, '-P', '/run/bird.pid'])
}

/** As little as makes the ways of the model. */
function birdConf({ number, address, role, links }: Gateway): string {
  const out = role === 'spoke' ? 'filter { if proto = "own" then accept; reject; }' : 'all'
  const session = (end: LinkEnd): string => `protocol bgp bgp_${end.peer.name} {
  local ${end.local} port 1790 as ${end.own.asn};
  neighbor ${end.remote}%'${end.interface}' port 1790 as ${end.peer.asn};
  bfd on; strict bind on; connect retry time 2; connect delay time 1; error wait time 1, 2;
  ipv4 { extended next hop on; next hop self; import filter {
    if bgp_path.len = 1 then { bgp_local_pref = ${end.preference.own}; accept; }
    ${end.preference.others === undefined ? 'reject' : `bgp_local_pref = ${end.preference.others}; accept`};
  }; export ${out}; };
}`
  return `router id 192.0.2.${number};
timeformat protocol iso long;
protocol device {}
protocol static own { ipv4; route ${address}/32 unreachable; }
protocol kernel { ipv4 { export filter { if source = RTS_BGP then { krt_prefsrc = ${address}; accept; } reject; }; }; }
protocol bfd { accept direct; interface "wg-*" { interval 300 ms; multiplier 3; }; }
${links.map(session).join('\n')}
`
}
