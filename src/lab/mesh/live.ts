// What orion reads of a gateway's links on a simulated host, and how it brings them into force: the state, and the units.
import { networkAddress } from '../host/addresses.ts'
import { liveNetwork } from '../host/guest-ports.ts'
import { type Machine, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import { TABLE, tableRows } from './ip-mesh.ts'
import { keyAt, publicOf } from './mesh-keys.ts'
import { LINKS_UNIT, removeTunnels } from './tunnels.ts'
import { endOf, isJoined } from './wire.ts'

/** Numbers of routing protocols, as `ip -N` prints them. */
const PROTOCOLS: Readonly<Record<string, string>> = { bird: '12' }

/** `orion-mesh-live IF=REMOTE…`: one fact per line. */
const live: Program = (machine, words) => {
  const { host, world } = machine
  const tunnels = Object.entries(host.mesh?.tunnels ?? {})
  const families = [4, 6] as const
  const names = words.map((word) => word.split('=')[0] ?? '')
  const lines = [
    `clock ${Math.floor(world.now() / 1000)}`,
    ...otherLinks(machine),
    ...tunnels.flatMap(([name, { mtu, addresses }]) => [
      `link ${name} ${TABLE} ${mtu} up`,
      ...addresses.map((cidr) => `address ${name} ${cidr}`),
    ]),
    ...tunnels.map(([name, { privateKey }]) => `public-key ${name} ${publicOf(privateKey)}`),
    ...tunnels.map(([name, { port }]) => `listen-port ${name} ${port}`),
    ...tunnels.flatMap(([name, { peers }]) =>
      peers.map(({ publicKey, allowed }) => `allowed-ips ${name} ${publicKey} ${allowed.join(' ') || '(none)'}`),
    ),
    ...families.flatMap((family) => [...rulesOf(machine, family), ...routesOf(machine, family)]),
    ...tunnels.map(([, { port }]) => `udp ${port}`),
    'ipv6 on',
    'wireguard kernel',
    ...names.filter((name) => keyAt(host, `${name}.psk`)).map((name) => `preshared ${name}`),
    ...names.filter((name) => isAnswering(machine, name)).map((name) => `answers ${name}`),
  ]
  return ok(lines.map((line) => `${line}\n`).join(''))
}

function isAnswering(machine: Machine, name: string): boolean {
  const end = endOf(machine, name)
  return end !== undefined && isJoined(end)
}

function rulesOf({ host }: Machine, family: 4 | 6): string[] {
  const own = host.mesh?.rules ? [`rule ${family} ${TABLE} ${TABLE}`] : []
  return [`rule ${family} 0 255`, ...own, `rule ${family} 32766 254`, `rule ${family} 32767 253`]
}

function routesOf(machine: Machine, family: 4 | 6): string[] {
  return (tableRows(machine, ['table', TABLE], family === 6) ?? []).map(({ protocol, dst }) => {
    return `route ${family} ${PROTOCOLS[String(protocol)] ?? String(protocol)} ${String(dst)}`
  })
}

function otherLinks({ world, node, host }: Machine): string[] {
  const links = [...liveNetwork(world.state, node, host).links.values()]
  return links.flatMap(({ name, mtu, up, kind, addresses }) => [
    `link ${name} 0 ${mtu} ${up ? 'up' : 'down'}`,
    ...addresses.map((cidr) => `address ${name} ${cidr}`),
    ...(kind === 'loopback' || !up ? [] : addresses.map((cidr) => `connected ${networkAddress(cidr)} ${name}`)),
  ])
}

/** `orion-mesh-activate PROGRAM UNIT…`: reloaded, so that no link is interrupted. */
const activate: Program = async (machine, [program = '', ...units], io) => {
  const { host } = machine
  const isThere = textAt(host, program) !== undefined
  if (!isThere) {
    for (const unit of units) {
      await systemctl(machine, ['stop', unit], io)
      delete host.units[unit]
    }
    removeTunnels(host)
    delete host.tables?.['inet orion_mesh']
    machine.world.changed()
    return ok()
  }
  const files = units.filter((unit) => textAt(host, `/etc/systemd/system/${unit}`) !== undefined)
  for (const unit of files) {
    const enabled = await systemctl(machine, ['enable', unit], io)
    if (enabled.code !== 0) return enabled
  }
  const isActive = host.units[LINKS_UNIT]?.active ?? false
  const done = await systemctl(machine, [isActive ? 'reload' : 'start', LINKS_UNIT], io)
  if (done.code !== 0) return done
  for (const unit of files.filter((one) => one !== LINKS_UNIT)) {
    const restarted = await systemctl(machine, ['restart', unit], io)
    if (restarted.code !== 0) return restarted
  }
  return ok()
}

export const liveScripts: Readonly<Record<string, Program>> = {
  'orion-mesh-live': live,
  'orion-mesh-activate': activate,
}
