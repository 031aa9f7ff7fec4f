// …/agent/*: what the guest agent of a VM says, where it is switched on and the VM runs.

import { getGuest } from '../guest.ts'
import { parseProperties } from '../property.ts'
import { failure } from '../refusal.ts'
import type { Call, Handler, Routes } from '../route.ts'
import { isInSetup } from '../windows-setup.ts'
import type { GuestState } from '../world.ts'

function agentOf(call: Call): GuestState {
  const guest = getGuest(call, 'qemu')
  if (guest.status !== 'running') throw failure(`VM ${guest.vmid} is not running`)
  const { enabled } = parseProperties(String(guest.config.agent ?? '0'), 'enabled')
  if (enabled === undefined || enabled === '0') throw failure('No QEMU guest agent configured')
  // An empty disk has no system that could run an agent: cloud images bring one.
  const boots = Object.keys(guest.config).some((key) => /^(scsi|virtio|sata|ide)\d+$/.test(key))
  if (!boots || isInSetup(guest)) throw failure('QEMU guest agent is not running')
  return guest
}

function interfaces(guest: GuestState): unknown {
  const nics = Object.keys(guest.config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()
    .map((key) => {
      const index = key.slice('net'.length)
      const { model = '' } = parseProperties(String(guest.config[key]).replace('=', ' '), 'model')
      const address = parseProperties(String(guest.config[`ipconfig${index}`] ?? ''), '')
      return {
        name: `eth${index}`,
        'hardware-address': (model.split(' ')[1] ?? '').toLowerCase(),
        'ip-addresses': [toAddress(address.ip, 'ipv4'), toAddress(address.ip6, 'ipv6')].filter(Boolean),
      }
    })
  const loopback = { 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 }
  return [{ name: 'lo', 'hardware-address': '00:00:00:00:00:00', 'ip-addresses': [loopback] }, ...nics]
}

function toAddress(text: string | undefined, type: string): Record<string, unknown> | undefined {
  const [address = '', prefix] = (text ?? '').split('/')
  return prefix === undefined ? undefined : { 'ip-address': address, 'ip-address-type': type, prefix: Number(prefix) }
}

function answer(make: (guest: GuestState) => unknown): Handler {
  return (call) => ({ result: make(agentOf(call)) })
}

export const agentRoutes: Routes = {
  'POST /nodes/{node}/qemu/{vmid}/agent/ping': answer(() => ({})),
  'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces': answer(interfaces),
  'GET /nodes/{node}/qemu/{vmid}/agent/get-host-name': answer(({ config }) => ({
    'host-name': config.name ?? 'localhost',
  })),
  'GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo': answer(() => ({
    id: 'debian',
    name: 'Debian GNU/Linux',
    'version-id': '13',
  })),
}
