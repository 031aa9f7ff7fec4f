// …/cloudinit: the documents that a VM's cloud-init drive would carry.
import { getGuest } from '../guest.ts'
import { parseProperties } from '../property.ts'
import type { Call, Routes } from '../route.ts'
import type { GuestState } from '../world.ts'

const KEYS = /^(ciuser|cipassword|sshkeys|nameserver|searchdomain|ipconfig\d+|citype|ciupgrade|cicustom|name)$/

function userDocument({ config, vmid }: GuestState): string {
  const keys = decodeURIComponent(String(config.sshkeys ?? ''))
    .split('\n')
    .filter(Boolean)
  const name = String(config.name ?? `VM${vmid}`)
  const lines = ['#cloud-config', `hostname: ${name}`, 'manage_etc_hosts: true']
  if (config.ciuser !== undefined) lines.push(`user: ${config.ciuser}`)
  if (config.cipassword !== undefined) lines.push('password: **********')
  if (keys.length > 0) lines.push('ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`))
  lines.push('chpasswd:', '  expire: False', 'users:', '  - default')
  lines.push(`package_upgrade: ${config.ciupgrade === 0 ? 'false' : 'true'}`)
  return `${lines.join('\n')}\n`
}

function networkDocument({ config }: GuestState): string {
  const lines = ['version: 1', 'config:']
  const nics = Object.keys(config).filter((key) => /^net\d+$/.test(key))
  for (const key of nics.sort()) {
    const index = key.slice('net'.length)
    const mac = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/i.exec(String(config[key]))?.[0].toLowerCase()
    lines.push('    - type: physical', `      name: eth${index}`, `      mac_address: '${mac}'`, '      subnets:')
    const { ip, gw, ip6, gw6 } = parseProperties(String(config[`ipconfig${index}`] ?? 'ip=dhcp'), '')
    lines.push(...subnet(ip, gw, ''), ...subnet(ip6, gw6, '6'))
  }
  const servers = String(config.nameserver ?? '')
    .split(' ')
    .filter(Boolean)
  if (servers.length > 0)
    lines.push('    - type: nameserver', '      address:', ...servers.map((server) => `      - '${server}'`))
  return `${lines.join('\n')}\n`
}

function subnet(address: string | undefined, gateway: string | undefined, family: '' | '6'): string[] {
  if (address === undefined) return []
  if (address === 'dhcp' || address === 'auto')
    return [`      - type: ${address === 'auto' ? 'ipv6_slaac' : `dhcp${family || '4'}`}`]
  const lines = [`      - type: static${family}`, `        address: '${address}'`]
  return gateway === undefined ? lines : [...lines, `        gateway: '${gateway}'`]
}

function dump(call: Call): string {
  const guest = getGuest(call, 'qemu')
  if (call.params.type === 'network') return networkDocument(guest)
  if (call.params.type === 'meta') return `instance-id: lab-${guest.vmid}\n`
  return userDocument(guest)
}

function list(call: Call): unknown {
  const { config, pending } = getGuest(call, 'qemu')
  return Object.keys({ ...config, ...pending })
    .filter((key) => KEYS.test(key))
    .map((key) => {
      const secret = key === 'cipassword' ? '**********' : undefined
      const waiting = pending[key]
      return {
        key,
        ...(config[key] === undefined ? {} : { value: secret ?? config[key] }),
        ...(waiting === null ? { delete: 1 } : waiting === undefined ? {} : { pending: secret ?? waiting }),
      }
    })
}

export const cloudInitRoutes: Routes = {
  'GET /nodes/{node}/qemu/{vmid}/cloudinit': list,
  'GET /nodes/{node}/qemu/{vmid}/cloudinit/dump': dump,
}
