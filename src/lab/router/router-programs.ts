// The programs of a router beside those that every simulated host has.
import { indexTargets } from '../host/apt-sources.ts'
import { failed, ok, type Program } from '../host/machine.ts'
import type { HostState } from '../host/state.ts'
import { meshBirdc } from '../mesh/birdc-mesh.ts'
import { isMeshBird } from '../mesh/mesh-programs.ts'
import { updateLists } from '../tailscale/archive.ts'
import { bird } from './bird.ts'
import { birdc } from './birdc.ts'
import { addPackage, candidate } from './debian-packages.ts'
import { dnsmasq } from './dnsmasq.ts'
import { nft } from './nft.ts'
import { systemctl } from './systemctl.ts'
import { startUnit } from './units.ts'

/** A program that is there with its package. */
function of(names: readonly string[], name: string, program: Program): Program {
  return (machine, args, io) =>
    names.some((one) => machine.host.packages[one] !== undefined)
      ? program(machine, args, io)
      : failed(127, `sh: 1: ${name}: not found`)
}

const ONLY = 'N: This host is simulated by orion lab, whose apt has few packages for routers'

/** `update`, `indextargets`, `install NAME…`: what is installed starts its service, as Debian does. */
const aptGet: Program = (machine, args, io) => {
  const { host, world } = machine
  const [verb = '', ...names] = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-o')
  if (verb === 'update') return updateLists(machine, args, io)
  if (verb === 'indextargets') return indexTargets(host)
  if (verb !== 'install') return failed(100, `E: Invalid operation ${verb}`)
  const unknown = names.find((name) => candidate(host, name) === undefined)
  if (unknown !== undefined) return failed(100, `E: Unable to locate package ${unknown}\n${ONLY}`)
  const fresh = names.filter((name) => host.packages[name] === undefined)
  for (const name of fresh) for (const unit of addPackage(host, name)) startUnit(world, host, unit)
  world.changed()
  return ok(fresh.map((name) => `Setting up ${name} (${host.packages[name]}) ...\n`).join(''))
}

/** `policy NAME…` */
const aptCache: Program = ({ host }, [verb, ...names]) => {
  if (verb !== 'policy') return failed(100, `E: Invalid operation ${verb}`)
  const known = names.filter((name) => candidate(host, name) !== undefined)
  const rows = known.map(
    (name) => `${name}:\n  Installed: ${host.packages[name] ?? '(none)'}\n  Candidate: ${candidate(host, name)}\n`,
  )
  return ok(rows.join(''))
}

/** `dump NAME`: takes the files of apt.conf.d whose every statement ends. */
const aptConfig: Program = ({ host }) => {
  const wrong = aptFiles(host).find(([, text]) => {
    const bare = text.replace(/"[^"\n]*"/g, '""').replace(/^\s*(#(?!clear)|\/\/).*$/gm, '')
    return /"/.test(bare.replaceAll('""', '')) || !/[;}]\s*$/.test(bare.trim() === '' ? ';' : bare) || !isBalanced(bare)
  })
  return wrong === undefined ? ok() : failed(100, `E: Syntax error ${wrong[0]}: Extra junk at end of file`)
}

function aptFiles({ files }: HostState): [string, string][] {
  const named = Object.entries(files).filter(([path]) => path.startsWith('/etc/apt/apt.conf.d/'))
  return named.map(([path, { text }]) => [path, text])
}

const isBalanced = (text: string): boolean => text.split('{').length === text.split('}').length

const PREFIXES = 3

/** `-j -l NAME -4|-6 … AS-SET`: a set of a few prefixes that follow from its name; one whose name has EMPTY or NOSUCH in it has none. */
const bgpq4: Program = (_, args) => {
  const set = args.at(-1) ?? ''
  if (!/^AS[\w:-]+$/i.test(set)) return failed(1, `Invalid AS-SET: ${set}`)
  const name = args[args.indexOf('-l') + 1] ?? 'NN'
  const isSix = args.includes('-6')
  const seed = [...set].reduce((total, char) => (total * 31 + char.charCodeAt(0)) % 200, 7)
  const count = /EMPTY|NO[-_]?SUCH/i.test(set) ? 0 : PREFIXES
  const rows = Array.from({ length: count }, (__, at) =>
    isSix
      ? `{ "prefix": "2a0${at}:${seed.toString(16)}::\\/32", "exact": false, "less-equal": 48 }`
      : `{ "prefix": "193.${seed}.${at * 4}.0\\/22", "exact": false, "less-equal": 24 }`,
  )
  return ok(`{ "${name}": [\n    ${rows.join(',\n    ')}\n] }\n`)
}

/** `group NAME` */
const getent: Program = ({ host }, [database, name = '']) => {
  const text = host.files[`/etc/${database}`]?.text ?? ''
  const row = text.split('\n').find((line) => line.startsWith(`${name}:`))
  return row === undefined ? { code: 2 } : ok(`${row}\n`)
}

export const routerPrograms: Readonly<Record<string, Program>> = {
  systemctl,
  'apt-get': aptGet,
  'apt-cache': aptCache,
  'apt-config': aptConfig,
  'cloud-init': (_, [verb]) => (verb === 'status' ? ok('\nstatus: done\n') : failed(2, 'usage: cloud-init status')),
  getent,
  nft: of(['nftables'], 'nft', nft),
  bird: of(['bird2', 'bird3'], 'bird', bird),
  birdc: of(['bird2', 'bird3'], 'birdc', (...given) => (isMeshBird(given[1]) ? meshBirdc : birdc)(...given)),
  dnsmasq: of(['dnsmasq'], 'dnsmasq', dnsmasq),
  bgpq4: of(['bgpq4'], 'bgpq4', bgpq4),
  gobgpd: of(['gobgpd'], 'gobgpd', ({ host }, args) =>
    args.includes('--version')
      ? ok(`gobgpd version ${host.packages.gobgpd?.replace(/-.*/, '')}\n`)
      : failed(1, 'gobgpd: the lab does not simulate GoBGP'),
  ),
}
