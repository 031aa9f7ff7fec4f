// Plain programs of a simulated host: files, names, units, time zone, certificate, swap, ping.
import { KERNEL } from '../device/loader.ts'
import { isAnswering } from './ip-command.ts'
import { failed, type Machine, ok, type Program } from './machine.ts'
import { bytesOf, textAt } from './state.ts'
import { memoryMib, startSwap, stopSwap, swapPrograms, swapsText } from './swap-programs.ts'

/** Counters of TCP, as far as somebody asks for them: nothing was lost or refused. */
const NETSTAT = 'TcpExt: TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure\nTcpExt: 0 0 0\n'

/** Bytes of a file, of one that the kernel makes up too. */
function contentOf(machine: Machine, path: string): Buffer | undefined {
  if (path === '/proc/swaps') return Buffer.from(swapsText(machine))
  if (path === '/proc/net/netstat') return Buffer.from(NETSTAT)
  if (path === '/proc/meminfo') return Buffer.from(`MemTotal:       ${memoryMib(machine) * 1024} kB\n`)
  const named = path.replace(/^\/etc\/pve\/local\//, `/etc/pve/nodes/${machine.node}/`)
  if (/^\/etc\/pve\/nodes\/[^/]+\/pve-ssl\.pem$/.test(named)) return Buffer.from(machine.certificate.cert)
  const text = textAt(machine.host, path)
  const file = machine.host.files[path]
  return file?.kind === 'file' ? bytesOf(file) : text === undefined ? undefined : Buffer.from(text)
}

const cat: Program = (machine, paths) => {
  const found = paths.filter((path) => path !== '--').map((path) => ({ path, bytes: contentOf(machine, path) }))
  const missing = found.filter(({ bytes }) => !bytes).map(({ path }) => `cat: ${path}: No such file or directory\n`)
  const stdout = Buffer.concat(found.flatMap(({ bytes }) => bytes ?? []))
  return { code: missing.length > 0 ? 1 : 0, stdout, stderr: missing.join('') }
}

/** `-e PATH` and its kin; block devices are those that are swapped to. */
const test: Program = (machine, [flag = '', path = '']) => {
  const { files } = machine.host
  const isFolder = Object.keys(files).some((other) => other.startsWith(`${path.replace(/\/$/, '')}/`))
  const isZone = path.startsWith(ZONES) && isTimeZone(path.slice(ZONES.length))
  const there = contentOf(machine, path) !== undefined || isZone
  const holds = { '-e': there || isFolder, '-f': there, '-d': isFolder, '-L': files[path]?.kind === 'link' }[flag]
  return { code: holds ? 0 : 1 }
}

const ZONES = '/usr/share/zoneinfo/'

function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

const timedatectl: Program = ({ host, world }, [sub, zone = '']) => {
  if (sub === 'show') return ok(`Timezone=${(host.files['/etc/localtime']?.text ?? '').replace(/^.*zoneinfo\//, '')}\n`)
  if (sub !== 'set-timezone') return failed(1, `Unknown command verb '${sub}'.`)
  if (!isTimeZone(zone)) return failed(1, `Failed to set time zone: Invalid or not installed time zone '${zone}'`)
  host.files['/etc/localtime'] = { kind: 'link', text: `..${ZONES}${zone}`, mode: 0o777 }
  if (host.files['/etc/timezone']) host.files['/etc/timezone'] = { kind: 'file', text: `${zone}\n`, mode: 0o644 }
  world.changed()
  return ok()
}

const openssl: Program = (machine, args) => {
  const path = args[args.indexOf('-in') + 1] ?? ''
  if (args[0] !== 'x509') return failed(1, 'Invalid command; the lab knows openssl x509')
  if (!contentOf(machine, path)) return failed(1, `Could not open file or uri for loading certificate from ${path}`)
  if (args.includes('-fingerprint')) return ok(`sha256 Fingerprint=${machine.certificate.fingerprint}\n`)
  return ok(machine.certificate.cert)
}

const ping: Program = (machine, args) => {
  const address = args.at(-1) ?? ''
  const head = `PING ${address} (${address}) 56(84) bytes of data.\n`
  if (isAnswering(machine, address)) return ok(`${head}64 bytes from ${address}: icmp_seq=1 ttl=64 time=0.1 ms\n`)
  return { code: 1, stdout: head }
}

/** Units are started, stopped and remembered; those of swap do what they say. */
const systemctl: Program = (machine, args) => {
  const [verb = '', ...units] = args.filter((arg) => !arg.startsWith('-'))
  const { host, world } = machine
  if (verb === 'daemon-reload' || units.length === 0) return ok()
  for (const unit of units) {
    const found = host.units[unit] ?? { active: false, enabled: false }
    if (verb === 'is-active') return { code: found.active ? 0 : 3, stdout: found.active ? 'active\n' : 'inactive\n' }
    if (verb === 'is-enabled')
      return { code: found.enabled ? 0 : 1, stdout: found.enabled ? 'enabled\n' : 'disabled\n' }
    if (unit.endsWith('.swap') && verb === 'stop') stopSwap(host, unit)
    const wrong = unit.endsWith('.swap') && verb.endsWith('start') ? startSwap(host, unit) : undefined
    if (wrong !== undefined) return failed(5, wrong)
    const active = /start|reload/.test(verb) ? true : verb === 'stop' ? false : found.active
    const enabled = verb === 'enable' ? true : verb === 'disable' ? false : found.enabled
    host.units[unit] = { active, enabled }
  }
  world.changed()
  return ok()
}

const KERNELS = { node: KERNEL, router: '6.12.57+deb13-cloud-amd64' } as const

export const systemPrograms: Readonly<Record<string, Program>> = {
  cat,
  test,
  timedatectl,
  openssl,
  ping,
  ...swapPrograms,
  systemctl,
  true: () => ok(),
  false: () => ({ code: 1 }),
  id: (_, args) => ok(args.includes('-u') ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n'),
  hostname: ({ node }) => ok(`${node}\n`),
  uname: ({ node, kind }, args) =>
    ok(`${args.includes('-n') ? node : args.includes('-r') ? KERNELS[kind] : 'Linux'}\n`),
  date: ({ world }) => ok(`${Math.floor(world.now() / 1000)}\n`),
  printenv: (_, [name], { connection }) => (name === 'SSH_CONNECTION' ? ok(`${connection}\n`) : { code: 1 }),
  echo: (_, words) => ok(`${words.join(' ')}\n`),
  findmnt: ({ world, node }) => ok(`${world.state.hardware.nodes.find(({ name }) => name === node)?.root ?? 'zfs'}\n`),
}
