// The networks of a node, as far as guests need them: its bridges.
import { failure } from '../refusal.ts'
import type { Call, Routes } from '../route.ts'

function rows(call: Call): Record<string, unknown>[] {
  const { ids, world } = call
  const node = world.state.hardware.nodes.find(({ name }) => name === ids.node)
  return (node?.bridges ?? []).map((iface, index) => ({
    iface,
    type: 'bridge',
    method: 'manual',
    method6: 'manual',
    families: ['inet'],
    active: 1,
    autostart: 1,
    bridge_ports: '',
    bridge_stp: 'off',
    bridge_fd: '0',
    priority: index + 3,
  }))
}

function list(call: Call): unknown {
  const { type } = call.params
  const bridges = type === undefined || ['bridge', 'any_bridge', 'any_local_bridge'].includes(String(type))
  return bridges ? rows(call).filter(({ iface }) => seesBridge(call, String(iface))) : []
}

function seesBridge(call: Call, iface: string): boolean {
  const zone = `/sdn/zones/localnetwork/${iface}`
  return (
    call.allowed(`/nodes/${call.ids.node}`, ['Sys.Audit']) ||
    call.allowed(zone, ['SDN.Audit']) ||
    call.allowed(zone, ['SDN.Use'])
  )
}

export const networkRoutes: Routes = {
  'GET /nodes/{node}/network': list,
  'GET /nodes/{node}/network/{iface}': (call) => {
    const found = rows(call).find(({ iface }) => iface === call.ids.iface)
    if (!found) throw failure('interface does not exist')
    const { iface: _, ...row } = found
    return row
  },
}
