// sysctl on a simulated host: the settings that its kernel has, read and set as procps does it.
import { failed, type Machine, type Output, type Program } from './machine.ts'
import { textAt } from './state.ts'

const FIRST: Readonly<Record<string, string>> = {
  'fs.aio-max-nr': '1048576',
  'fs.file-max': '9223372036854775807',
  'fs.inotify.max_queued_events': '8388608',
  'fs.inotify.max_user_instances': '65536',
  'fs.inotify.max_user_watches': '4194304',
  'kernel.keys.maxkeys': '2000',
  'kernel.numa_balancing': '1',
  'kernel.panic': '0',
  'kernel.pid_max': '4194304',
  'kernel.sched_autogroup_enabled': '1',
  'kernel.sysrq': '438',
  'kernel.unprivileged_userns_clone': '1',
  'net.bridge.bridge-nf-call-ip6tables': '0',
  'net.bridge.bridge-nf-call-iptables': '0',
  'net.core.bpf_jit_harden': '0',
  'net.core.default_qdisc': 'pfifo_fast',
  'net.core.netdev_max_backlog': '1000',
  'net.core.rmem_max': '212992',
  'net.core.somaxconn': '4096',
  'net.core.wmem_max': '212992',
  'net.ipv4.ip_forward': '0',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.tcp_congestion_control': 'cubic',
  'net.ipv4.tcp_fastopen': '1',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv6.route.max_size': '2147483647',
  'net.netfilter.nf_conntrack_max': '262144',
  'vm.dirty_background_ratio': '10',
  'vm.dirty_ratio': '20',
  'vm.max_map_count': '1048576',
  'vm.min_free_kbytes': '67584',
  'vm.nr_hugepages': '0',
  'vm.overcommit_memory': '0',
  'vm.page-cluster': '3',
  'vm.swappiness': '60',
  'vm.vfs_cache_pressure': '100',
}

/** What every interface has, and `all` and `default`. */
const INTERFACE_KEYS = [
  ...['accept_ra', 'accept_redirects', 'accept_source_route', 'arp_announce', 'arp_ignore', 'autoconf', 'disable_ipv6'],
  ...['forwarding', 'log_martians', 'proxy_arp', 'proxy_ndp', 'rp_filter', 'send_redirects', 'use_tempaddr'],
]
const PER_INTERFACE = new RegExp(`^net\\.ipv[46]\\.conf\\.[^.]+\\.(${INTERFACE_KEYS.join('|')})$`)
const PER_NEIGHBOUR = /^net\.ipv[46]\.neigh\.[^.]+\.gc_thresh[123]$/

/** What the kernel takes where it keeps numbers: decimal, octal and hexadecimal. */
const NUMBERS = /^-?(?:0x[0-9a-f]+|\d+)(?:\s+-?(?:0x[0-9a-f]+|\d+))*$/i

/** The value of a setting; undefined where the kernel has none of that name. */
function settingOf({ sysctl }: Machine['host'], key: string): string | undefined {
  const set = Object.hasOwn(sysctl, key) ? sysctl[key] : undefined
  if (set !== undefined) return set
  if (Object.hasOwn(FIRST, key)) return FIRST[key]
  return PER_INTERFACE.test(key) || PER_NEIGHBOUR.test(key) ? '0' : undefined
}

/** `-n KEY …`, `KEY …`, `-w KEY=VALUE`, `-p FILE …`, `--system`. */
export const sysctl: Program = ({ host, world }, args) => {
  const names = args.filter((arg) => !arg.startsWith('-'))
  const loads = args.some((arg) => /^(-p|--load)/.test(arg))
  if (args.includes('--system')) return setAll(host, world, systemFiles(host))
  if (loads) return setAll(host, world, names.length > 0 ? names : ['/etc/sysctl.conf'])
  if (args.includes('-a')) return listAll(host, args[args.indexOf('--pattern') + 1] ?? '')
  const bare = args.some((arg) => /^-[a-z]*n/.test(arg) || arg === '--values')
  const lines = names.map((word) => (word.includes('=') ? setOne(host, world, word) : readOne(host, word, bare)))
  return joined(lines)
}

/** Every setting with a fixed name, and those of interfaces that the pattern asks for by name. */
function listAll(host: Machine['host'], pattern: string): Output {
  const expression = new RegExp(pattern)
  const names = ['all', 'default', ...Object.keys(host.ports)]
  const perInterface = names.flatMap((name) => [
    ...[4, 6].flatMap((family) => INTERFACE_KEYS.map((key) => `net.ipv${family}.conf.${name}.${key}`)),
    ...[4, 6].flatMap((family) => [1, 2, 3].map((level) => `net.ipv${family}.neigh.${name}.gc_thresh${level}`)),
  ])
  const keys = [...new Set([...Object.keys(FIRST), ...perInterface, ...Object.keys(host.sysctl)])].sort()
  const lines = keys.filter((key) => expression.test(key)).map((key) => `${key} = ${settingOf(host, key)}\n`)
  return { code: 0, stdout: lines.join('') }
}

type Line = { readonly text: string; readonly wrong?: true }

function joined(lines: readonly Line[]): Output {
  const text = (wrong: boolean) =>
    lines.filter((line) => (line.wrong ?? false) === wrong).map((line) => `${line.text}\n`)
  return { code: lines.some(({ wrong }) => wrong) ? 1 : 0, stdout: text(false).join(''), stderr: text(true).join('') }
}

function missing(key: string): Line {
  return { text: `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory`, wrong: true }
}

function readOne(host: Machine['host'], key: string, bare: boolean): Line {
  const value = settingOf(host, key.replaceAll('/', '.'))
  return value === undefined ? missing(key) : { text: bare ? value : `${key} = ${value}` }
}

function setOne(host: Machine['host'], world: Machine['world'], word: string): Line {
  const [name = '', ...rest] = word.split('=')
  const key = name.trim().replace(/^-/, '').replaceAll('/', '.')
  const value = rest.join('=').trim()
  const now = settingOf(host, key)
  if (now === undefined) return missing(key)
  if (NUMBERS.test(now) && !NUMBERS.test(value))
    return { text: `sysctl: setting key "${key}": Invalid argument`, wrong: true }
  host.sysctl[key] = value.replace(/\s+/g, '\t')
  world.changed()
  return { text: `${key} = ${value}` }
}

function setAll(host: Machine['host'], world: Machine['world'], files: readonly string[]): Output {
  const gone = files.find((file) => textAt(host, file) === undefined)
  if (gone !== undefined) return failed(1, `sysctl: cannot open "${gone}": No such file or directory`)
  const lines = files.flatMap((file) => (textAt(host, file) ?? '').split('\n')).map((line) => line.trim())
  return joined(lines.filter((line) => /^[^#;].*=/.test(line)).map((line) => setOne(host, world, line)))
}

/** What the files of sysctl.d say, as a start of the machine sets it. */
export function loadSettings(world: Machine['world'], host: Machine['host']): void {
  setAll(host, world, systemFiles(host))
}

function systemFiles({ files }: Machine['host']): string[] {
  return Object.keys(files)
    .filter((path) => /^\/(etc|run|usr\/lib)\/sysctl\.d\/[^/]+\.conf$/.test(path))
    .sort((a, b) => (a.split('/').at(-1) ?? '').localeCompare(b.split('/').at(-1) ?? ''))
}
