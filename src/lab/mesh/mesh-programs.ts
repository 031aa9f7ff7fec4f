// The mesh's programs and scripts on simulated hosts, nodes and guests alike.
import { failed, type Machine, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { bird } from '../router/bird.ts'
import { birdVersionOf } from '../router/bird-config.ts'
import { nft } from '../router/nft.ts'
import { systemctl } from '../router/systemctl.ts'
import { BIRD_SOCKET } from './bird-mesh.ts'
import { birdScripts } from './bird-scripts.ts'
import { meshBirdc } from './birdc-mesh.ts'
import { orionDrill, orionSample } from './drill.ts'
import { liveScripts } from './live.ts'
import { joinLook, orionLook } from './look.ts'
import { keyScripts, publicOf } from './mesh-keys.ts'
import { orionPsk } from './psk.ts'
import { checkFirewall, orionMesh } from './tunnels.ts'

/** `show IF allowed-ips | public-key | listen-port`: nothing that would be a secret. */
const wg: Program = ({ host }, [verb, name = '', what = '']) => {
  if (host.packages['wireguard-tools'] === undefined) return failed(127, 'sh: 1: wg: not found')
  const tunnel = host.mesh?.tunnels[name]
  if (verb !== 'show') return failed(1, `Invalid subcommand: \`${verb}'`)
  if (tunnel === undefined) return failed(1, 'Unable to access interface: No such device')
  if (what === 'public-key') return ok(`${publicOf(tunnel.privateKey)}\n`)
  if (what === 'listen-port') return ok(`${tunnel.port}\n`)
  if (what !== 'allowed-ips') return failed(1, `Invalid argument: \`${what}'`)
  return ok(tunnel.peers.map(({ publicKey, allowed }) => `${publicKey}\t${allowed.join(' ')}\n`).join(''))
}

const withBird =
  (name: string, program: Program): Program =>
  (machine, args, io) =>
    birdVersionOf(machine.host) === undefined ? failed(127, `sh: 1: ${name}: not found`) : program(machine, args, io)

/** Of every host. */
export const meshPrograms: Readonly<Record<string, Program>> = {
  wg,
  'orion-mesh': orionMesh,
  'orion-mesh-psk': orionPsk,
}

/** Is the mesh's own BIRD meant? */
export const isMeshBird = (args: readonly string[]): boolean => args[args.indexOf('-s') + 1] === BIRD_SOCKET

/** Units that are kept as systemd does it, on a node whose other units are only remembered. */
const OURS = /^(orion-|bird|nftables|tailscaled|watchdog-mux|smartd|smartmontools)/

/** What a node has beside its own: a router has all of that anyway. */
export function nodePrograms(others: Readonly<Record<string, Program>>): Readonly<Record<string, Program>> {
  const onUnits: Program = (machine, args, io) => {
    if (args[0] === 'reboot') {
      machine.reboot()
      return ok()
    }
    const named = args.filter((arg) => !arg.startsWith('-')).slice(1)
    const program = named.length > 0 && named.every((unit) => OURS.test(unit)) ? systemctl : others.systemctl
    return program ? program(machine, args, io) : ok()
  }
  return {
    systemctl: onUnits,
    bird: withBird('bird', bird),
    birdc: withBird('birdc', meshBirdc),
    nft: (machine: Machine, args, io) =>
      machine.host.packages.nftables === undefined ? failed(127, 'sh: 1: nft: not found') : nft(machine, args, io),
  }
}

/** `orion-mesh-firewall-file FILE`, in a network of its own. */
const firewallFile: Program = async (machine, [path = ''], io) => {
  const loaded = await nft(machine, ['-f', path], io)
  return loaded.code === 0 ? nft(machine, ['-s', 'list', 'table', 'inet', 'orion_mesh'], io) : loaded
}

/** `orion-mesh-bird-check FILE` and `orion-mesh-links-check PROGRAM`, where they are there. */
const checkBird: Program = (machine, [path = ''], io) =>
  textAt(machine.host, path) === undefined ? ok() : withBird('bird', bird)(machine, ['-p', '-c', path], io)
const checkLinks: Program = (machine, [path = ''], io) =>
  textAt(machine.host, path) === undefined ? ok() : orionMesh(machine, ['check'], io)

export const meshScripts: Readonly<Record<string, Program>> = {
  ...keyScripts,
  ...birdScripts,
  ...liveScripts,
  'orion-mesh-psk': orionPsk,
  'orion-mesh-look': orionLook,
  'orion-join-look': joinLook,
  'orion-mesh-bird-check': checkBird,
  'orion-mesh-links-check': checkLinks,
  'orion-mesh-firewall-check': checkFirewall,
  'orion-mesh-firewall-file': firewallFile,
  'orion-mesh-drill': orionDrill,
  'orion-mesh-sample': orionSample,
}
